import { type ReactNode, useState } from "react";
import { TextField } from "../../parts/Fields";
import { useWords } from "../../words/words";
import { readSpans, type Span, writtenSpans } from "./spans";

interface SpansFieldProps {
  label: ReactNode;
  name: string;
  spans: readonly Span[];
  onChange(spans: Span[]): void;
}

/** The hours of a day in one line; none where it is closed. */
export function SpansField({ label, name, spans, onChange }: SpansFieldProps) {
  const { word } = useWords();
  const [text, setText] = useState(writtenSpans(spans));
  function become(typed: string) {
    setText(typed);
    const read = readSpans(typed);
    if (read) onChange(read);
  }
  return (
    <TextField
      label={label}
      name={name}
      value={text}
      onChange={become}
      placeholder={word("calendars.closed")}
      maxLength={200}
      validate={(typed) => (readSpans(typed) ? null : word("calendars.spansWrong"))}
    />
  );
}
