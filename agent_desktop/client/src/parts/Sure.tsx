import type { ReactNode } from "react";
import { useWords } from "../words/words";
import { Button } from "./Button";
import { Dialog } from "./Dialog";
import { Failure } from "./Failure";

export interface SureProps {
  /** Stands on the button that does it, too. */
  title: string;
  busy: boolean;
  failure: unknown;
  onClose(): void;
  onSure(): void;
  /** What follows from it. */
  children: ReactNode;
}

/** Asks before something is done that cannot be taken back. */
export function Sure(props: SureProps) {
  return (
    <Dialog title={props.title} isOpen onClose={props.onClose}>
      <Question {...props} />
    </Dialog>
  );
}

/** The same within a dialog that shows afterwards what came of it. */
export function Question({ title, busy, failure, onClose, onSure, children }: SureProps) {
  const { word } = useWords();
  return (
    <section>
      <p>{children}</p>
      <Failure of={failure} exact />
      <div className="buttons">
        <Button id="sure" look="primary" isDisabled={busy} onPress={onSure}>
          {title}
        </Button>
        <Button onPress={onClose}>{word("cancel")}</Button>
      </div>
    </section>
  );
}
