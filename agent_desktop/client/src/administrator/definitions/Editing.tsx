/** A definition's form: sends what was typed, and says why it was not taken. */

import type { FormEvent, ReactNode } from "react";
import { Form } from "react-aria-components";
import { Button } from "../../parts/Button";
import { Failure } from "../../parts/Failure";
import { useDone } from "../../parts/useDone";
import { useWords } from "../../words/words";

interface EditingProps<T> {
  save(): Promise<T>;
  onSaved(saved: T): void;
  children: ReactNode;
}

export function Editing<T>({ save, onSaved, children }: EditingProps<T>) {
  const { word } = useWords();
  const { busy, failure, attempt } = useDone();
  async function send(event: FormEvent) {
    event.preventDefault();
    await attempt(async () => onSaved(await save()));
  }
  return (
    <Form className="definition-form" onSubmit={(event) => void send(event)}>
      {children}
      <Failure of={failure} exact />
      <div className="buttons">
        <Button id="save" type="submit" look="primary" isDisabled={busy}>
          {word("save")}
        </Button>
      </div>
    </Form>
  );
}
