import type { FormEvent, ReactNode } from "react";
import { useWords } from "../words/words";
import { Button } from "./Button";
import { Failure } from "./Failure";
import { TextField } from "./Fields";
import { useDone } from "./useDone";

interface LineFormProps {
  label: ReactNode;
  /** Not of an empty one. Throws what is said of it below; the text stays then. */
  keep(text: string): Promise<unknown>;
}

/** A line to be written down, and another after it. */
export function LineForm({ label, keep }: LineFormProps) {
  const { word } = useWords();
  const { busy, failure, attempt } = useDone();
  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = event.currentTarget;
    const text = String(new FormData(form).get("text") ?? "").trim();
    if (text !== "" && (await attempt(() => keep(text)))) form.reset();
  }
  return (
    <form className="row" onSubmit={submit}>
      <div className="gap">
        <TextField name="text" label={label} autoComplete="off" maxLength={2000} />
      </div>
      <Button type="submit" isDisabled={busy}>
        {word("keep")}
      </Button>
      <Failure of={failure} />
    </form>
  );
}
