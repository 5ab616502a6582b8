/** A ticket as a line that opens to the whole: what is known of it, what was noted, and a note to add. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Button } from "../parts/Button";
import { Facts } from "../parts/Card";
import { Failure } from "../parts/Failure";
import { TextField } from "../parts/Fields";
import { Listed } from "../parts/Listed";
import { moment } from "../parts/time";
import { useDone } from "../parts/useDone";
import { reads } from "../server/reads";
import { api, got, type Schemas } from "../server/rest";
import { inLanguage, useWords } from "../words/words";

type Ticket = Schemas["TicketView"];

export function TicketLine({ ticket }: { ticket: Ticket }) {
  const { named } = useWords();
  const [open, setOpen] = useState(false);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <strong>{ticket.number}</strong> {ticket.subject}{" "}
        <span className="muted">{`${named("ticket", ticket.state)} · ${named("priority", ticket.priority)}`}</span>
      </summary>
      {open && <Whole ticket={ticket} />}
    </details>
  );
}

export function Whole({ ticket }: { ticket: Ticket }) {
  const { word } = useWords();
  const types = useQuery({ ...reads.ticketTypes, staleTime: 300_000 });
  const path = { ticket_id: ticket.id };
  const comments = useQuery({
    queryKey: ["ticket", ticket.id, "comments"],
    queryFn: async () =>
      (await got(api.GET("/api/v1/tickets/{ticket_id}/comments", { params: { path } }))).items,
  });
  const type = types.data?.find((one) => one.id === ticket.type);
  return (
    <div className="stack inside">
      <Facts
        facts={[
          [word("kind"), type ? inLanguage(type.definition.labels) : ticket.type],
          [word("opened"), moment(ticket.opened_at)],
          [word("owner"), ticket.owner_id],
          [word("description"), ticket.description],
          ...Object.entries(ticket.form).map(([name, value]) => [name, String(value)] as const),
        ]}
      />
      <Listed of={comments} empty={word("noNotes")} idOf={(one) => one.id}>
        {(one) => (
          <>
            <span className="muted">{`${moment(one.at)} ${one.written_by}: `}</span>
            {one.text}
          </>
        )}
      </Listed>
      <CommentForm ticket={ticket.id} />
    </div>
  );
}

function CommentForm({ ticket }: { ticket: string }) {
  const { word } = useWords();
  const queries = useQueryClient();
  const { busy, failure, attempt } = useDone();
  const [text, setText] = useState("");
  async function submit(event: FormEvent) {
    event.preventDefault();
    const body = { text: text.trim() };
    const params = { path: { ticket_id: ticket } };
    const done = await attempt(() => got(api.POST("/api/v1/tickets/{ticket_id}/comments", { params, body })));
    if (!done) return;
    setText("");
    void queries.invalidateQueries({ queryKey: ["ticket", ticket] });
  }
  return (
    <form className="row" onSubmit={submit}>
      <div className="gap">
        <TextField label={word("note")} value={text} onChange={setText} isRequired maxLength={2000} />
      </div>
      <Button type="submit" isDisabled={busy}>
        {word("keep")}
      </Button>
      <Failure of={failure} />
    </form>
  );
}
