/** A ticket as a line that opens to the whole: what is known of it, what was noted, and a note to add. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Facts } from "../parts/Card";
import { LineForm } from "../parts/LineForm";
import { Listed } from "../parts/Listed";
import { moment } from "../parts/time";
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

function Whole({ ticket }: { ticket: Ticket }) {
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
  async function keep(text: string) {
    const params = { path: { ticket_id: ticket } };
    await got(api.POST("/api/v1/tickets/{ticket_id}/comments", { params, body: { text } }));
    void queries.invalidateQueries({ queryKey: ["ticket", ticket] });
  }
  return <LineForm label={word("note")} keep={keep} />;
}
