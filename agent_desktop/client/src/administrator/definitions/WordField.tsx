import { TextField } from "../../parts/Fields";
import { useWords } from "../../words/words";

interface WordFieldProps {
  value: string;
  onChange(value: string): void;
  label?: string;
  name?: string;
  /** Another one has this name already. */
  isTaken?: boolean;
}

/** What something new is called in the data, for good. */
export function WordField({ value, onChange, label, name = "id", isTaken = false }: WordFieldProps) {
  const { word } = useWords();
  return (
    <TextField
      name={name}
      label={label ?? word("id")}
      hint={word("wordHint")}
      value={value}
      onChange={onChange}
      isRequired
      validate={() => (isTaken ? word("taken") : null)}
      maxLength={64}
      pattern="[a-z][a-z0-9_]*"
    />
  );
}
