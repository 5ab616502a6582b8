/** A definition's form: sends what was typed, and says why it was not taken. */

import { type FormEvent, type ReactNode, useState } from "react";
import { Form } from "react-aria-components";
import { Button } from "../../parts/Button";
import { Failure } from "../../parts/Failure";
import { useDone } from "../../parts/useDone";
import { useUnsent } from "../../shell/unsent";
import { useWords } from "../../words/words";

interface EditingProps<T> {
  save(): Promise<T>;
  onSaved(saved: T): void;
  children: ReactNode;
}

export function Editing<T>({ save, onSaved, children }: EditingProps<T>) {
  const { word } = useWords();
  const { busy, failure, attempt } = useDone();
  const [typed, setTyped] = useState(false);
  useUnsent(typed);
  async function send(event: FormEvent) {
    event.preventDefault();
    await attempt(async () => {
      const saved = await save();
      setTyped(false);
      onSaved(saved);
    });
  }
  // React's event: the form's own comes before React knows of a letter, which drawing anew would take back
  return (
    <div onInput={() => setTyped(true)}>
      <Form className="definition-form" onSubmit={(event) => void send(event)}>
        {children}
        <Failure of={failure} exact />
        <div className="buttons">
          <Button id="save" type="submit" look="primary" isDisabled={busy}>
            {word("save")}
          </Button>
        </div>
      </Form>
    </div>
  );
}
