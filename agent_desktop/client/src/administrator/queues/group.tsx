import type { ReactNode } from "react";
import type { Word } from "../../words/words";
import { useWords } from "../../words/words";
import type { Settings } from "./settings";

export interface GroupProps {
  settings: Settings;
  set(change: Partial<Settings>): void;
}

/** Settings that belong together. */
export function Group({ title, children }: { title: Word; children: ReactNode }) {
  const { word } = useWords();
  return (
    <fieldset className="settings-group">
      <legend>{word(title)}</legend>
      {children}
    </fieldset>
  );
}
