/** How long something takes: typed as seconds, m:ss, h:mm:ss or days. */

import { type ReactNode, useState } from "react";
import { useWords } from "../words/words";
import { readDuration, writtenDuration } from "./duration";
import { TextField } from "./Fields";

interface DurationFieldProps {
  label: ReactNode;
  name: string;
  /** ISO 8601, as the server has it; null for none. */
  value: string | null;
  onChange(value: string | null): void;
  /** What it means that nothing is typed; without it something has to be. */
  none?: string;
}

export function DurationField({ label, name, value, onChange, none }: DurationFieldProps) {
  const { word } = useWords();
  const [text, setText] = useState(value === null ? "" : writtenDuration(value));
  function become(typed: string) {
    setText(typed);
    if (typed.trim() === "") onChange(null);
    else onChange(readDuration(typed) ?? value);
  }
  return (
    <TextField
      label={label}
      name={name}
      value={text}
      onChange={become}
      isRequired={none === undefined}
      placeholder={none}
      maxLength={16}
      validate={(typed) =>
        typed.trim() === "" || readDuration(typed) !== null ? null : word("durationWrong")
      }
    />
  );
}
