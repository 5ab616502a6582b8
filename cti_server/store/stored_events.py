"""The event log's last home: one row an event, for good."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import Index, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from cti_server.wire.events import Event, Logged

from .base import Base, SequenceNumber

_event = msgspec.json.Decoder[Event](Event)


class StoredEvent(Base, kw_only=True):
    """An event as it was logged. ``payload`` is its JSON, as in the journal and on the wire."""

    __tablename__ = "event"

    sequence: Mapped[int] = mapped_column(SequenceNumber, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    name: Mapped[str]
    call_id: Mapped[str | None]
    contact_id: Mapped[str | None]
    payload: Mapped[str]

    def logged(self) -> Logged:
        return Logged(self.sequence, self.at, _event.decode(self.payload))


Index(
    "ix_event_call_id",
    StoredEvent.call_id,
    sqlite_where=StoredEvent.call_id.is_not(None),
    postgresql_where=StoredEvent.call_id.is_not(None),
)
Index(
    "ix_event_contact_id",
    StoredEvent.contact_id,
    sqlite_where=StoredEvent.contact_id.is_not(None),
    postgresql_where=StoredEvent.contact_id.is_not(None),
)


class StoredEvents:
    """The stored log. The caller owns the session and its transaction; it is read only here."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def last_sequence(self) -> int:
        """The newest event's number, 0 if there is none."""
        return await self._session.scalar(select(func.max(StoredEvent.sequence))) or 0

    async def last_moment(self) -> datetime | None:
        """When the newest event came: until then at least the server lived."""
        newest = select(StoredEvent.at).order_by(StoredEvent.sequence.desc()).limit(1)
        return await self._session.scalar(newest)

    async def last_before(self, moment: datetime) -> int:
        """
        The number of the last event before that moment, 0 if there is none.

        Times grow with the numbers, which are the only index that is needed.
        """
        low, high = 0, await self.last_sequence()
        while low < high:
            middle = (low + high + 1) // 2
            query = (
                select(StoredEvent.sequence, StoredEvent.at)
                .where(StoredEvent.sequence <= middle)
                .order_by(StoredEvent.sequence.desc())
                .limit(1)
            )
            found = (await self._session.execute(query)).first()
            if found is None or found.at < moment:
                low = middle
            else:
                high = min(found.sequence, middle) - 1
        return low

    async def since(self, sequence: int, limit: int) -> list[Logged]:
        """The next events after this number, in order."""
        query = (
            select(StoredEvent)
            .where(StoredEvent.sequence > sequence)
            .order_by(StoredEvent.sequence)
            .limit(limit)
        )
        return [row.logged() for row in await self._session.scalars(query)]

    async def undecoded_since(self, sequence: int, limit: int, length: int) -> list[StoredEvent]:
        """The next events, no more than have ``length`` characters in all; one at least."""
        sizes = (
            select(StoredEvent.sequence, func.length(StoredEvent.payload))
            .where(StoredEvent.sequence > sequence)
            .order_by(StoredEvent.sequence)
            .limit(limit)
        )
        total, last = 0, sequence
        for number, size in await self._session.execute(sizes):
            total += size
            if total > length and last > sequence:
                break
            last = number
        query = (
            select(StoredEvent)
            .where(StoredEvent.sequence > sequence, StoredEvent.sequence <= last)
            .order_by(StoredEvent.sequence)
        )
        return list(await self._session.scalars(query))

    async def named(self, name: str, contact_id: str) -> list[Logged]:
        """What happened to the contact by this name, in order."""
        query = (
            select(StoredEvent)
            .where(StoredEvent.contact_id == contact_id, StoredEvent.name == name)
            .order_by(StoredEvent.sequence)
        )
        return [row.logged() for row in await self._session.scalars(query)]

    async def of_contact(self, contact_id: str, call_ids: Sequence[str] = ()) -> list[Logged]:
        """Everything that happened to the contact, and on these calls, in order."""
        query = (
            select(StoredEvent)
            .where((StoredEvent.contact_id == contact_id) | StoredEvent.call_id.in_(call_ids))
            .order_by(StoredEvent.sequence)
        )
        return [row.logged() for row in await self._session.scalars(query)]
