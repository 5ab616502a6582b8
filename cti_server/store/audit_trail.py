"""The stored audit trail: added to by the log's mover, read, and checked from end to end."""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Select, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from cti_server.wire.events import Logged

from .audit import AUDITED, BEGINNING, AuditEntry, fact_of
from .stored_events import StoredEvent

_AT_ONCE = 1000  # rows a query of a check
_COLUMNS = [column.name for column in AuditEntry.__table__.columns]


def extend_trail(connection: Connection, batch: Iterable[Logged]) -> None:
    """
    Add what is audited of these events, in the caller's transaction.

    The last entry is read from the database every time: what a broken commit left is the truth.
    """
    facts = [(each, fact) for each in batch if (fact := fact_of(each.event)) is not None]
    if not facts:
        return
    last = _last(connection)
    rows = []
    for logged, fact in facts:
        last = AuditEntry.following(last, logged, fact)
        rows.append({name: getattr(last, name) for name in _COLUMNS})
    connection.execute(insert(AuditEntry), rows)


def _last(connection: Connection) -> AuditEntry | None:
    newest = select(AuditEntry.__table__).order_by(AuditEntry.sequence.desc()).limit(1)
    row = connection.execute(newest).mappings().first()
    return None if row is None else AuditEntry(**row)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check found: how many entries, the last one, and every fault in words."""

    entries: int
    last: int
    head: str
    faults: Sequence[str]


class AuditTrail:
    """Reads the trail. The caller owns the session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def page(
        self,
        limit: int,
        *,
        before: int | None = None,
        actor: str | None = None,
        action: str | None = None,
        record: str | None = None,
        record_id: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Sequence[AuditEntry]:
        """The newest entries first, those with a lower sequence than ``before``."""
        query = select(AuditEntry).order_by(AuditEntry.sequence.desc()).limit(limit)
        wanted = {
            AuditEntry.actor: actor,
            AuditEntry.action: action,
            AuditEntry.record: record,
            AuditEntry.record_id: record_id,
        }
        for column, value in wanted.items():
            if value is not None:
                query = query.where(column == value)
        if before is not None:
            query = query.where(AuditEntry.sequence < before)
        if since is not None:
            earliest = _place(AuditEntry.at >= since).order_by(AuditEntry.at, AuditEntry.sequence)
            query = query.where(AuditEntry.sequence >= earliest.scalar_subquery())
        if until is not None:
            latest = _place(AuditEntry.at < until)
            latest = latest.order_by(AuditEntry.at.desc(), AuditEntry.sequence.desc())
            query = query.where(AuditEntry.sequence <= latest.scalar_subquery())
        return (await self._session.scalars(query)).all()

    async def verify(self, noted: tuple[int, str] | None = None) -> Verdict:
        """
        Check every entry against the one before it, and the trail against the event log.

        ``noted``: sequence and hash of an entry that somebody wrote down outside of the database;
        it tells a trail that was written anew as a whole.
        """
        faults: list[str] = []
        count, last, previous = 0, 0, BEGINNING
        async for entry, event in self._with_events():
            faults += missing(last, entry.sequence)
            faults += _faults(entry, previous, event)
            if noted is not None and noted[0] == entry.sequence and noted[1] != entry.hash:
                faults.append(f"entry {entry.sequence}: its hash is not the noted one")
            count, last, previous = count + 1, entry.sequence, entry.hash
        if noted is not None and last < noted[0]:
            faults.append(f"entry {noted[0]}: removed, and all after it")
        faults += [f"event {sequence}: has no entry" async for sequence in self._without_entry()]
        return Verdict(count, last, previous, faults)

    async def _with_events(self) -> AsyncIterator[tuple[AuditEntry, StoredEvent | None]]:
        after = 0
        while True:
            query = (
                select(AuditEntry, StoredEvent)
                .outerjoin(StoredEvent, StoredEvent.sequence == AuditEntry.event_sequence)
                .where(AuditEntry.sequence > after)
                .order_by(AuditEntry.sequence)
                .limit(_AT_ONCE)
            )
            rows = (await self._session.execute(query)).all()
            if not rows:
                return
            for entry, event in rows:
                yield entry, event
            after = rows[-1][0].sequence
            self._session.expunge_all()

    async def _without_entry(self) -> AsyncIterator[int]:
        """Events that are audited, and are not in the trail."""
        after = 0
        while True:
            query = (
                select(StoredEvent.sequence)
                .outerjoin(AuditEntry, StoredEvent.sequence == AuditEntry.event_sequence)
                .where(StoredEvent.sequence > after, StoredEvent.name.in_(AUDITED))
                .where(AuditEntry.sequence.is_(None))
                .order_by(StoredEvent.sequence)
                .limit(_AT_ONCE)
            )
            found = (await self._session.scalars(query)).all()
            for sequence in found:
                yield sequence
            if len(found) < _AT_ONCE:
                return
            after = found[-1]


def _place(condition: ColumnElement[bool]) -> Select[int]:
    return select(AuditEntry.sequence).where(condition).limit(1)


def missing(last: int, sequence: int) -> list[str]:
    """Which entries of a chain that counts without a gap are not there between these two."""
    match sequence - last:
        case 1:
            return []
        case 2:
            return [f"entry {last + 1}: removed"]
        case _:
            return [f"entries {last + 1} to {sequence - 1}: removed"]


def _faults(entry: AuditEntry, previous: str, event: StoredEvent | None) -> list[str]:
    """What is wrong with one entry. An event may be gone: the log is kept for a shorter time."""
    found = []
    if entry.hash != entry.computed_hash():
        found.append(f"entry {entry.sequence}: altered")
    if entry.previous_hash != previous:
        found.append(f"entry {entry.sequence}: does not follow the entry before it")
    if event is not None:
        logged = event.logged()
        fact = fact_of(logged.event)
        if fact is None or not entry.tells(logged, fact):
            found.append(f"entry {entry.sequence}: event {event.sequence} of the log differs")
    return found
