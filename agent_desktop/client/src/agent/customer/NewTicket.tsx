import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Button } from "../../parts/Button";
import { Failure } from "../../parts/Failure";
import { TextField } from "../../parts/Fields";
import { JsonForm } from "../../parts/JsonForm";
import { fieldsOf, filled, type Schema, type Values } from "../../parts/json_form";
import { useDone } from "../../parts/useDone";
import { api, got } from "../../server/rest";
import type { ScreenPop } from "../../server/told";
import { inLanguage, useWords } from "../../words/words";
import { useTicketTypes } from "./Tickets";

const PRIORITIES = ["low", "normal", "high", "urgent"] as const;

interface NewTicketProps {
  customer: string;
  pop: ScreenPop;
  onDone(): void;
}

/** What the customer wants, which cannot be done at once. */
export function NewTicket({ customer, pop, onDone }: NewTicketProps) {
  const { word, named } = useWords();
  const queries = useQueryClient();
  const { busy, failure, attempt } = useDone();
  const types = useTicketTypes();
  const active = types.data?.filter((one) => one.active) ?? [];
  const [chosen, setChosen] = useState("");
  const [values, setValues] = useState<Values>({});
  const type = active.find((one) => one.id === chosen) ?? active[0];
  const schema = (type?.definition.form ?? {}) as Schema;
  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (!type) return;
    const given = new FormData(event.currentTarget);
    const body = {
      type: type.id,
      subject: String(given.get("subject")).trim(),
      description: String(given.get("description") ?? "").trim() || null,
      priority: given.get("priority") as (typeof PRIORITIES)[number],
      form: filled(fieldsOf(schema), values),
      customer_id: customer,
      contact_id: pop.contact_id,
    };
    if (!(await attempt(() => got(api.POST("/api/v1/tickets", { body }))))) return;
    void queries.invalidateQueries({ queryKey: ["tickets"] });
    onDone();
  }
  return (
    <form id="ticket" className="stack" onSubmit={submit}>
      <Failure of={types.error} />
      <div className="row">
        <label className="field gap">
          <span className="label">{word("kind")}</span>
          <select
            className="native"
            value={type?.id ?? ""}
            onChange={(event) => setChosen(event.target.value)}
          >
            {active.map((one) => (
              <option key={one.id} value={one.id}>
                {inLanguage(one.definition.labels)}
              </option>
            ))}
          </select>
        </label>
        <label className="field">
          <span className="label">{word("priority")}</span>
          <select className="native" name="priority" defaultValue="normal">
            {PRIORITIES.map((one) => (
              <option key={one} value={one}>
                {named("priority", one)}
              </option>
            ))}
          </select>
        </label>
      </div>
      <TextField name="subject" label={word("subject")} isRequired maxLength={200} autoComplete="off" />
      <TextField name="description" label={word("description")} lines={3} maxLength={4000} />
      <JsonForm key={type?.id} schema={schema} values={values} change={setValues} />
      <Failure of={failure} />
      <div className="buttons">
        <Button type="submit" look="primary" isDisabled={busy || !type}>
          {word("create")}
        </Button>
        <Button look="quiet" onPress={onDone}>
          {word("cancel")}
        </Button>
      </div>
    </form>
  );
}
