"""After a restart: what is open and no call goes on where it was."""

from collections import defaultdict
from collections.abc import Callable, Collection

import structlog

from crm.pop import CustomerSummary, Pop
from cti_server.store.contacts import Contacts
from cti_server.store.customers import Customer
from cti_server.store.database import Database
from cti_server.store.interactions import Interaction, Interactions
from cti_server.wire.events import ContactEnded, Event

from .tray import Tray
from .work import NOBODY

log = structlog.get_logger()


SERVER_DIED = "server-died"


async def take_up_what_is_open(
    database: Database,
    tray: Tray,
    append: Callable[[Event], object],
    going_on: Collection[str] = (),
) -> int:
    """
    What agents had is theirs again, all else waits at its old place; how many there were.

    Who was still in a flow, in writing, has lost the way: that contact is over, unless it is one of
    those ``going_on``.

    First what is in hand: nobody is to be offered more than they have room for.
    """
    async with database.readers() as session:
        found = await Contacts(session).open()
        contacts = [each for each in found if each.queue is not None]
        open_: defaultdict[str, list[Interaction]] = defaultdict(list)
        for one in await Interactions(session).of_contacts([each.id for each in contacts]):
            if one.ended_at is None:
                open_[one.contact_id].append(one)
        pops = {
            each.id: pop_of([await session.get(Customer, one) for one in each.customer_ids])
            for each in contacts
        }
    for each in found:
        if each.queue is None and each.id not in going_on:
            append(ContactEnded(contact_id=each.id, outcome="failed", reason=SERVER_DIED))
    for contact in sorted(contacts, key=lambda each: not _in_hand(open_[each.id])):
        tray.take_up(contact, open_[contact.id], pops[contact.id])
    if contacts:
        log.info("channels.taken_up", contacts=len(contacts))
    return len(contacts)


def pop_of(customers: list[Customer | None]) -> Pop:
    """As much of them as an agent's screen shows."""
    known = [
        CustomerSummary(
            id=one.id,
            kind=one.kind,
            name=one.name,
            tier=one.tier,
            language=one.language,
            company=one.company,
            owner_id=one.owner_id,
            tags=list(one.tags),
            team=one.team,
        )
        for one in customers
        if one is not None
    ]
    if not known:
        return NOBODY
    if len(known) == 1:
        return Pop(match="one", confidence=1.0, customers=known)
    return Pop(match="several", confidence=1.0, customers=known)


def _in_hand(interactions: list[Interaction]) -> bool:
    return any(one.accepted_at is not None for one in interactions)
