import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { FormEvent } from "react";
import type { Draft } from "../desk/drafts";
import { Button } from "../parts/Button";
import { Failure } from "../parts/Failure";
import { TextField } from "../parts/Fields";
import { JsonForm } from "../parts/JsonForm";
import { fieldsOf, filled, type Schema, type Values } from "../parts/json_form";
import { useDone } from "../parts/useDone";
import { reads } from "../server/reads";
import { api, got } from "../server/rest";
import { inLanguage, useWords } from "../words/words";

const PRIORITIES = ["low", "normal", "high", "urgent"] as const;

/** `type`: as chosen; empty for the first there is. */
export interface TicketBegun {
  open: boolean;
  type: string;
  priority: (typeof PRIORITIES)[number];
  subject: string;
  description: string;
  values: Values;
}

export const NOTHING_BEGUN: TicketBegun = {
  open: false,
  type: "",
  priority: "normal",
  subject: "",
  description: "",
  values: {},
};

interface NewTicketProps {
  customer: string;
  contact: string | null;
  draft: Draft<TicketBegun>;
}

/** What the customer wants, which cannot be done at once. */
export function NewTicket({ customer, contact, draft }: NewTicketProps) {
  const { word, named } = useWords();
  const queries = useQueryClient();
  const { busy, failure, attempt } = useDone();
  const types = useQuery({ ...reads.ticketTypes, staleTime: 300_000 });
  const active = types.data?.filter((one) => one.active) ?? [];
  const begun = draft.content;
  const type = active.find((one) => one.id === begun.type) ?? active[0];
  const schema = (type?.definition.form ?? {}) as Schema;
  async function submit(event: FormEvent) {
    event.preventDefault();
    if (!type) return;
    const body = {
      type: type.id,
      subject: begun.subject.trim(),
      description: begun.description.trim() || null,
      priority: begun.priority,
      form: filled(fieldsOf(schema), begun.values),
      customer_id: customer,
      contact_id: contact,
    };
    if (!(await attempt(() => got(api.POST("/api/v1/tickets", { body }))))) return;
    void queries.invalidateQueries({ queryKey: ["tickets"] });
    draft.drop();
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
            onChange={(event) => draft.change({ type: event.target.value })}
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
          <select
            className="native"
            value={begun.priority}
            onChange={(event) => draft.change({ priority: event.target.value as TicketBegun["priority"] })}
          >
            {PRIORITIES.map((one) => (
              <option key={one} value={one}>
                {named("priority", one)}
              </option>
            ))}
          </select>
        </label>
      </div>
      <TextField
        name="subject"
        label={word("subject")}
        value={begun.subject}
        onChange={(subject) => draft.change({ subject })}
        isRequired
        maxLength={200}
        autoComplete="off"
      />
      <TextField
        name="description"
        label={word("description")}
        value={begun.description}
        onChange={(description) => draft.change({ description })}
        lines={3}
        maxLength={4000}
      />
      <JsonForm
        key={type?.id}
        schema={schema}
        values={begun.values}
        change={(values) => draft.change({ values })}
      />
      <Failure of={failure} />
      <div className="buttons">
        <Button type="submit" look="primary" isDisabled={busy || !type}>
          {word("create")}
        </Button>
        <Button look="quiet" onPress={draft.drop}>
          {word("cancel")}
        </Button>
        {Boolean(draft.failure) && <span className="muted">{word("draftNotKept")}</span>}
      </div>
    </form>
  );
}
