import { TextField } from "../../parts/Fields";
import { useWords } from "../../words/words";

interface WordFieldProps {
  value: string;
  onChange(value: string): void;
  label?: string;
  /** What has to be known of it, unless it is that it stays. */
  hint?: string;
  name?: string;
  /** What it is made of, if not as the hint of most says; then with a hint of its own. */
  pattern?: string;
  /** Another one has this name already. */
  isTaken?: boolean;
}

/** What something is called in the data: for good, unless the hint says otherwise. */
export function WordField({
  value,
  onChange,
  label,
  hint,
  name = "id",
  pattern = "[a-z][a-z0-9_]*",
  isTaken = false,
}: WordFieldProps) {
  const { word } = useWords();
  return (
    <TextField
      name={name}
      label={label ?? word("id")}
      hint={hint ?? word("wordHint")}
      value={value}
      onChange={onChange}
      isRequired
      validate={() => (isTaken ? word("taken") : null)}
      maxLength={64}
      pattern={pattern}
    />
  );
}
