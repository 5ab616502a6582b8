"""After a crash: calls whose end nobody saw are ended in the log, with a clear cause."""

from collections.abc import Callable, Iterator, Sequence

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from cti_server.store.call_backs import CallBacks
from cti_server.store.calls import Call, Calls, Leg
from cti_server.store.contacts import Contact, Contacts
from cti_server.store.database import Database
from cti_server.store.interactions import Interaction, Interactions
from cti_server.store.stored_events import StoredEvents
from cti_server.store.tickets import Tickets
from cti_server.wire.events import (
    AlertRaised,
    CallBackWanted,
    CallEnded,
    ContactEnded,
    Event,
    InteractionEnded,
    LegEnded,
    OfferEnded,
    RecordingStarted,
)

from .left_behind import unheard
from .losses import wanted_call_back
from .termination import SERVER_DIED
from .unfinished import end_of, unfinished

log = structlog.get_logger()


async def end_what_was_cut(
    database: Database, append: Callable[[Event], object], region: str
) -> int:
    """
    Log the end of each call that a dead process left open; how many there were.

    Who waited in a queue is to be called back, and waits anew if it was for that; ``region`` is
    where national numbers are from. Of what a caller had said, and the flow had told nobody of
    yet, the supervisors are told.
    """
    async with database.readers() as session:
        cut = await Calls(session).unended()
        legs = await Calls(session).legs([call.id for call in cut])
        handlings = await Interactions(session).of_contacts([call.contact_id for call in cut])
        contacts = [await Contacts(session).get(call.contact_id) for call in cut]
        in_line = await CallBacks(session).in_line()
        told = [await StoredEvents(session).of_contact(call.contact_id) for call in cut]
        alerts = await _alerts(session, [one.event for events in told for one in events])
    for alert in alerts:
        append(alert)
    for events in told:
        for begun in unfinished(logged.event for logged in events):
            append(end_of(begun, SERVER_DIED.reason))
    for event in _ends(cut, legs, handlings):
        append(event)
    for contact_id in sorted({*in_line} - {call.contact_id for call in cut}):
        append(ContactEnded(contact_id=contact_id, outcome="withdrawn", reason=SERVER_DIED.reason))
    for contact, events in zip(contacts, told, strict=True):
        if contact is None or any(isinstance(one.event, CallBackWanted) for one in events):
            continue  # they were promised one, and were told so when the server died
        if (wanted := _call_back(contact, region)) is not None:
            append(wanted)
    if cut:
        log.warning("server.calls_cut_by_crash", calls=len(cut))
    return len(cut)


async def _alerts(session: AsyncSession, events: Sequence[Event]) -> list[AlertRaised]:
    """Of messages that these events keep, and that neither an alert nor a ticket names."""
    kept = {
        event.recording_id: event.contact_id
        for event in events
        if isinstance(event, RecordingStarted) and event.kind == "message"
    }
    for event in events:
        if isinstance(event, AlertRaised):
            kept.pop(event.recording_id or "", None)
    named = await Tickets(session).recordings_of([*kept.values()]) if kept else set[str]()
    return [unheard(contact, message) for message, contact in kept.items() if message not in named]


def _ends(
    calls: Sequence[Call], legs: Sequence[Leg], handlings: Sequence[Interaction]
) -> Iterator[Event]:
    """What is open is ended as a call ends it: the agents first, the call itself last."""
    result, reason = SERVER_DIED.result, SERVER_DIED.reason
    for one in handlings:
        if one.ended_at is None:
            yield _end(one)
    for leg in legs:
        if leg.ended_at is None:
            yield LegEnded(call_id=leg.call_id, leg_id=leg.id, result=result, reason=reason)
    connected = {one.contact_id for one in handlings if one.started_at is not None}
    for call in calls:
        outcome = "handled" if call.contact_id in connected else "failed"
        yield ContactEnded(contact_id=call.contact_id, outcome=outcome, reason=reason)
        yield CallEnded(call_id=call.id, contact_id=call.contact_id, result=result, reason=reason)


def _call_back(contact: Contact, region: str) -> CallBackWanted | None:
    """Of a caller who had not been spoken with."""
    if contact.direction != "inbound" or contact.connected_at is not None:
        return None
    return wanted_call_back(
        contact.id,
        contact.caller_number,
        contact.queue,
        contact.queued_at,
        SERVER_DIED.reason,
        region,
        priority=contact.priority,
        requirements=contact.requirements,
    )


def _end(handling: Interaction) -> OfferEnded | InteractionEnded:
    names = {
        "contact_id": handling.contact_id,
        "interaction_id": handling.id,
        "agent_id": handling.agent_id,
    }
    if handling.accepted_at is None:
        return OfferEnded(**names, outcome="withdrawn")
    return InteractionEnded(**names, ended_by="system")
