import { NOTHING_BEGUN } from "../../customers/NewTicket";
import { Tickets } from "../../customers/Tickets";
import { useDraft } from "../../desk/drafts";

/** Keyed by the contact, whose new ticket stays where it was when the page is loaded again. */
export function ContactTickets({ customer, contact }: { customer: string; contact: string }) {
  const draft = useDraft("ticket", contact, NOTHING_BEGUN);
  return <Tickets customer={customer} contact={contact} draft={draft} />;
}
