/** The form that came with the contact, with what is known filled in already. */

import { type FormEvent, useState } from "react";
import { useDraft } from "../../desk/drafts";
import { Button } from "../../parts/Button";
import { Card } from "../../parts/Card";
import { Failure } from "../../parts/Failure";
import { JsonForm } from "../../parts/JsonForm";
import { begun, fieldsOf, filled, type Schema, type Values } from "../../parts/json_form";
import { useDone } from "../../parts/useDone";
import { api, got } from "../../server/rest";
import type { FormShown, ScreenPop } from "../../server/told";
import { inLanguage, useWords } from "../../words/words";

export function ContactForm({ pop, form }: { pop: ScreenPop; form: FormShown }) {
  const { word } = useWords();
  const schema = form.definition as Schema;
  const fields = fieldsOf(schema);
  const draft = useDraft<{ values: Values }>("form", pop.contact_id, { values: begun(fields, form.values) });
  const { busy, failure, attempt } = useDone();
  const [number, setNumber] = useState<string | null>(null);
  async function submit(event: FormEvent) {
    event.preventDefault();
    const body = {
      form_id: form.id,
      form_version: form.version,
      values: filled(fields, draft.content.values),
      contact_id: pop.contact_id,
      customer_id: pop.customer.match === "one" ? pop.customer.customers[0]?.id : null,
    };
    const done = await attempt(async () => {
      const kept = await got(api.POST("/api/v1/filled-forms", { body }));
      setNumber(kept.number ?? kept.id);
    });
    if (done) draft.drop();
  }
  return (
    <Card id="contact-form" title={inLanguage(form.labels)}>
      {number ? (
        <p role="status">{`${word("formKept")} ${number}`}</p>
      ) : (
        <form className="stack" onSubmit={submit}>
          <JsonForm
            schema={schema}
            values={draft.content.values}
            change={(values) => draft.change({ values })}
          />
          <Failure of={failure} />
          <div className="buttons">
            <Button type="submit" look="primary" isDisabled={busy}>
              {word("save")}
            </Button>
            {Boolean(draft.failure) && <span className="muted">{word("draftNotKept")}</span>}
          </div>
        </form>
      )}
    </Card>
  );
}
