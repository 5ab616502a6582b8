import { TextField } from "../../parts/Fields";
import { useWords } from "../../words/words";

/** Why a version of a flow was made. */
export function NoteField({ value, onChange }: { value: string; onChange(note: string): void }) {
  const { word } = useWords();
  return (
    <TextField
      name="note"
      label={word("flows.note")}
      hint={word("flows.noteHint")}
      value={value}
      onChange={onChange}
      maxLength={500}
    />
  );
}
