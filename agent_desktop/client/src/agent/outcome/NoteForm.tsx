import type { FormEvent } from "react";
import { useDraft } from "../../desk/drafts";
import { Button } from "../../parts/Button";
import { Failure } from "../../parts/Failure";
import { useDone } from "../../parts/useDone";
import { api, got } from "../../server/rest";
import { useWords } from "../../words/words";

/** For whoever has the contact next, and for the record. Keyed by the contact. */
export function NoteForm({ contact }: { contact: string }) {
  const { word } = useWords();
  const draft = useDraft("note", contact, { text: "" });
  const { busy, failure, attempt } = useDone();
  async function submit(event: FormEvent) {
    event.preventDefault();
    const body = { text: draft.content.text.trim() };
    const params = { path: { contact_id: contact } };
    if (
      body.text &&
      (await attempt(() => got(api.POST("/api/v1/contacts/{contact_id}/notes", { params, body }))))
    )
      draft.drop();
  }
  return (
    <form id="note" className="row" onSubmit={submit}>
      <label className="gap">
        <span className="muted">{word("note")}</span>
        <input
          id="note-text"
          className="native"
          maxLength={2000}
          autoComplete="off"
          value={draft.content.text}
          onChange={(event) => draft.change({ text: event.target.value })}
        />
      </label>
      <Button type="submit" isDisabled={busy}>
        {word("keep")}
      </Button>
      <Failure of={failure} />
      {Boolean(draft.failure) && <p className="muted">{word("draftNotKept")}</p>}
    </form>
  );
}
