"""What the log says of a person, taken out of it: stored, in memory, in the journal, unsent."""

from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial
from typing import TypeVar

import msgspec
from sqlalchemy import Connection, bindparam, select, update

from cti_server.store.base import Base
from cti_server.store.database import Database
from cti_server.store.log import EventLog
from cti_server.store.stored_events import StoredEvent
from cti_server.store.webhooks import DeadLetter
from cti_server.webhooks.signing import body_of
from cti_server.wire.events import Logged
from cti_server.wire.personal import redacted

T = TypeVar("T")

_encode = msgspec.json.Encoder().encode
_CONTACTS = 400  # of one query
_PAGE = 200  # events of one transaction: some tens of milliseconds
_EVENT = Base.metadata.tables[StoredEvent.__tablename__]
_LETTER = Base.metadata.tables[DeadLetter.__tablename__]


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
    log: EventLog, database: Database, contact_ids: list[str], call_ids: list[str]
) -> int:
    """Take out of all events of these contacts and calls what they say of people; how many had."""
    counted = await redact_stored(log, database, contact_ids, call_ids)
    await redact_copies(log, concerns(contact_ids, call_ids))
    return counted


async def redact_stored(
    log: EventLog, database: Database, contact_ids: list[str], call_ids: list[str]
) -> int:
    """In pages, between which the log is stored: nobody waits for all of them."""
    await log.stored()
    counted = 0
    for column, ids in ((_EVENT.c.contact_id, contact_ids), (_EVENT.c.call_id, call_ids)):
        for some in _in_parts(ids, _CONTACTS):
            found = select(_EVENT.c.sequence).where(column.in_(some))
            async with database.readers() as session:
                sequences = sorted((await session.scalars(found)).all())
            for page in _in_parts(sequences, _PAGE):
                async with log.paused():
                    counted += await database.in_transaction(partial(_redact_page, page))
    return counted


def _in_parts(all_: Sequence[T], length: int) -> Iterator[Sequence[T]]:
    return (all_[start : start + length] for start in range(0, len(all_), length))


async def redact_copies(log: EventLog, concerned: Callable[[Logged], bool]) -> None:
    """The same in memory and in the journal's files."""

    def changed(logged: Logged) -> Logged | None:
        return _without_person(logged) if concerned(logged) else None

    await log.rewrite(changed)


def _without_person(logged: Logged) -> Logged | None:
    """None if it says nothing of a person."""
    event = redacted(logged.event)
    return None if event == logged.event else Logged(logged.sequence, logged.at, event)


def _redact_page(sequences: Sequence[int], connection: Connection) -> int:
    """The events of these numbers, and what of them is kept as undelivered; how many changed."""
    rows = connection.execute(select(_EVENT).where(_EVENT.c.sequence.in_(sequences)))
    stored = [StoredEvent(**row).logged() for row in rows.mappings()]
    changed = {one.sequence: one for each in stored if (one := _without_person(each)) is not None}
    if not changed:
        return 0
    connection.execute(
        update(_EVENT)
        .where(_EVENT.c.sequence == bindparam("which"))
        .values(payload=bindparam("new")),
        [{"which": n, "new": _encode(one.event).decode()} for n, one in changed.items()],
    )
    undelivered = select(_LETTER.c.sequence).where(_LETTER.c.sequence.in_(sequences)).distinct()
    letters = changed.keys() & set(connection.scalars(undelivered))
    if letters:
        connection.execute(
            update(_LETTER)
            .where(_LETTER.c.sequence == bindparam("which"))
            .values(body=bindparam("new")),
            [{"which": n, "new": body_of(changed[n])} for n in letters],
        )
    return len(changed)
