/** What the customer still waits for: to be seen, opened, and noted in. */

import { useQuery } from "@tanstack/react-query";
import type { Draft } from "../desk/drafts";
import { Button } from "../parts/Button";
import { Listed } from "../parts/Listed";
import { api, got } from "../server/rest";
import { may, useSession } from "../session/session";
import { useWords } from "../words/words";
import { NewTicket, type TicketBegun } from "./NewTicket";
import { TicketLine } from "./TicketLine";

interface TicketsProps {
  customer: string;
  /** In which they told of it, if in one. */
  contact: string | null;
  draft: Draft<TicketBegun>;
}

export function Tickets({ customer, contact, draft }: TicketsProps) {
  const { word } = useWords();
  const { account } = useSession();
  const tickets = useQuery({
    queryKey: ["tickets", "of", customer],
    queryFn: async () =>
      (await got(api.GET("/api/v1/tickets", { params: { query: { customer_id: customer, open: true } } })))
        .items,
  });
  return (
    <div className="stack" id="tickets">
      <Listed of={tickets} empty={word("noTickets")} idOf={(one) => one.id}>
        {(one) => <TicketLine ticket={one} />}
      </Listed>
      {may(account, "tickets.write") &&
        (draft.content.open ? (
          <NewTicket customer={customer} contact={contact} draft={draft} />
        ) : (
          <Button id="new-ticket" onPress={() => draft.change({ open: true })}>
            {word("newTicket")}
          </Button>
        ))}
    </div>
  );
}
