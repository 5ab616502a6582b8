"""A document that a flow has faxed to its caller."""

import contextlib

import structlog

from cti_server.outbox.faxes import NewFax
from ivr.inquiries import FaxRefused, FaxRequested, RequestFax

from .contact import Contact
from .exchange import Exchange
from .number_plan import DiallingRefused, NotANumber, NoTrunkForNumber, dialable, is_uri

log = structlog.get_logger()


async def requested(
    exchange: Exchange, contact: Contact, wanted: RequestFax
) -> FaxRequested | FaxRefused:
    """The document's title, once its fax is to be sent."""
    title = exchange.faxes.title(wanted.document, contact.language)
    if title is None:
        return FaxRefused("unknown")
    try:
        number = _number(
            exchange, contact.caller_number if wanted.number is None else wanted.number
        )
    except DiallingRefused as refused:
        log.info("call.no_fax", contact_id=contact.id, reason=refused.cause)
        return FaxRefused("bad_number")
    is_kept = await exchange.faxes.put(
        NewFax(
            document=wanted.document,
            title=title,
            language=contact.language,
            number=number,
            values=wanted.values,
            contact_id=contact.id,
            customer_id=await contact.customer_id(),
        )
    )
    return FaxRequested(title) if is_kept else FaxRefused("failed")


def _number(exchange: Exchange, wanted: str) -> str:
    """
    One that may be dialled; whether a trunk leads there is for whoever sends faxes.

    Raises DiallingRefused.
    """
    if is_uri(wanted):  # as the caller's own may be
        raise NotANumber
    number = dialable(wanted, exchange.region)
    with contextlib.suppress(NoTrunkForNumber):
        exchange.outbound.check(number)  # a barred one, above all
    return number
