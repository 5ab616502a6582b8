import { type FormEvent, useState } from "react";
import { Button } from "../../parts/Button";
import { Failure } from "../../parts/Failure";
import { TextField } from "../../parts/Fields";
import { useDone } from "../../parts/useDone";
import { api, got } from "../../server/rest";
import type { ScreenPop } from "../../server/told";
import { useWords } from "../../words/words";
import { isCustomerOf } from "./ChooseCustomer";

interface CreateProps {
  pop: ScreenPop;
  onCreated(): void;
  onCancel(): void;
}

/** Somebody new, with the number that they call from; the contact is theirs. */
export function CreateCustomer({ pop, onCreated, onCancel }: CreateProps) {
  const { word } = useWords();
  const { busy, failure, attempt } = useDone();
  const [made, setMade] = useState<string | null>(null); // by an attempt that failed afterwards
  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    const text = (name: string) => String(given.get(name) ?? "").trim();
    const body = {
      name: text("name"),
      kind: "person" as const,
      company: text("company") || null,
      language: pop.language || undefined,
      numbers: text("number") ? [{ number: text("number"), use: "phone" as const }] : [],
    };
    const done = await attempt(async () => {
      const id = made ?? (await got(api.POST("/api/v1/customers", { body }))).id;
      setMade(id);
      await isCustomerOf(pop.contact_id, id);
    });
    if (done) onCreated();
  }
  return (
    <form id="new-customer" className="stack" onSubmit={submit}>
      <TextField name="name" label={word("name")} autoComplete="off" isRequired autoFocus />
      <TextField name="company" label={word("company")} autoComplete="off" />
      <TextField
        name="number"
        type="tel"
        label={word("number")}
        autoComplete="off"
        defaultValue={pop.caller_e164 || pop.caller_number}
      />
      <Failure of={failure} />
      <div className="buttons">
        <Button type="submit" look="primary" isDisabled={busy}>
          {word("create")}
        </Button>
        <Button look="quiet" onPress={onCancel}>
          {word("cancel")}
        </Button>
      </div>
    </form>
  );
}
