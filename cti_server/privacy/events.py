"""What the log says of a person, taken out of it: stored, in memory, in the journal, unsent."""

from collections.abc import Callable, Collection

import msgspec
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from cti_server.store.log import EventLog
from cti_server.store.stored_events import StoredEvent
from cti_server.store.webhooks import DeadLetter
from cti_server.webhooks.signing import body_of
from cti_server.wire.events import Logged
from cti_server.wire.personal import redacted

_encode = msgspec.json.Encoder().encode
_AT_ONCE = 400  # contacts of one query, and rows of one transaction


def concerns(contact_ids: Collection[str], call_ids: Collection[str]) -> Callable[[Logged], bool]:
    """Whether an event is of these contacts or calls."""
    contacts, calls = frozenset(contact_ids), frozenset(call_ids)

    def concerned(logged: Logged) -> bool:
        event = logged.event
        return (
            getattr(event, "contact_id", None) in contacts
            or getattr(event, "call_id", None) in calls
        )

    return concerned


async def redact(
    log: EventLog,
    new_session: Callable[[], AsyncSession],
    contact_ids: list[str],
    call_ids: list[str],
) -> int:
    """Take out of all events of these contacts and calls what they say of people; how many had."""
    counted = await redact_stored(log, new_session, contact_ids, call_ids)
    await redact_copies(log, concerns(contact_ids, call_ids))
    return counted


async def redact_stored(
    log: EventLog,
    new_session: Callable[[], AsyncSession],
    contact_ids: list[str],
    call_ids: list[str],
) -> int:
    counted = 0
    for column, ids in ((StoredEvent.contact_id, contact_ids), (StoredEvent.call_id, call_ids)):
        for start in range(0, len(ids), _AT_ONCE):
            async with log.paused(), new_session() as session, session.begin():
                some = select(StoredEvent).where(column.in_(ids[start : start + _AT_ONCE]))
                for stored in await session.scalars(some):
                    counted += await _redact_row(session, stored)
    return counted


async def redact_copies(log: EventLog, concerned: Callable[[Logged], bool]) -> None:
    """The same in memory and in the journal's files."""

    def changed(logged: Logged) -> Logged | None:
        return _without_person(logged) if concerned(logged) else None

    await log.rewrite(changed)


def _without_person(logged: Logged) -> Logged | None:
    """None if it says nothing of a person."""
    event = redacted(logged.event)
    return None if event == logged.event else Logged(logged.sequence, logged.at, event)


async def _redact_row(session: AsyncSession, stored: StoredEvent) -> int:
    logged = _without_person(stored.logged())
    if logged is None:
        return 0
    stored.payload = _encode(logged.event).decode()
    letters = update(DeadLetter).where(DeadLetter.sequence == stored.sequence)
    await session.execute(letters.values(body=body_of(logged)))
    return 1
