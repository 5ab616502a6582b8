"""A ticket that a flow opens for its caller."""

from cti_server.tickets.opening import NewTicket
from ivr.inquiries import OpenTicket

from .contact import Contact
from .exchange import Exchange

SUBJECT_LENGTH = 200  # characters


async def number_of_new(
    exchange: Exchange, contact: Contact, wanted: OpenTicket, ticket_id: str | None = None
) -> str | None:
    """
    The number of the ticket, if it was opened in time.

    ``ticket_id``: of whoever may ask for the same one again, after a crash.
    """
    return await exchange.tickets.open(
        NewTicket(
            id=ticket_id,
            type=wanted.type,
            subject=_line(wanted.subject)[:SUBJECT_LENGTH] or wanted.type,
            description=wanted.description or None,
            form=wanted.fields,
            priority=wanted.priority,
            customer_id=wanted.customer or await contact.customer_id(),
            contact_id=contact.id,
            recording_ids=[wanted.recording] if wanted.recording is not None else [],
            queue=wanted.queue,
        )
    )


def _line(text: str) -> str:
    """What other systems told may be of several lines."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
