"""A call-back that a flow promises its caller: from when on it counts, and whether it can be."""

import structlog

from cti_server.wire.events import CallBackWanted
from ivr.inquiries import PromiseCallBack

from . import acquaintance
from .contact import Contact
from .exchange import Exchange
from .losses import wanted_call_back
from .number_plan import DiallingRefused, NotANumber, is_uri

log = structlog.get_logger()


async def promise(exchange: Exchange, contact: Contact, asked: PromiseCallBack) -> bool:
    """
    Whether the customer is called back from now on.

    A contact has one call-back: who is promised it again is promised nothing else.
    """
    number = contact.caller_number if asked.number is None else asked.number
    if (there := contact.call_back) is not None:
        return (there.queue, there.number) == (asked.queue, number)
    try:
        if is_uri(number):  # as it might come from another system: a call-back is by telephone
            raise NotANumber
        exchange.outbound.check(number)
    except DiallingRefused as refused:
        log.info("call.no_call_back", contact_id=contact.id, reason=refused.cause)
        return False
    wanted = await _wanted(exchange, contact, asked, number)
    if wanted is None or asked.queue not in exchange.queues:  # it may be gone since the start
        return False
    contact.call_back = wanted
    exchange.append(wanted)
    return True


async def _wanted(
    exchange: Exchange, contact: Contact, asked: PromiseCallBack, number: str
) -> CallBackWanted | None:
    """As the contact has waited; of one that has not, by the menu and the customer's tier."""
    priority, requirements = contact.priority, asked.requirements
    if contact.wish is not None:
        requirements = contact.wish.requirements
    else:
        pop = await contact.customer()
        priority = acquaintance.priority(pop, asked.priority, exchange.tier_priorities)
    return wanted_call_back(
        contact.id,
        number,
        asked.queue,
        contact.queued_at or exchange.clock.now(),
        "asked",
        exchange.region,
        priority=priority,
        requirements=requirements,
        language=contact.language,
    )
