"""Broadcasts: messages for callers that are on, and those that were."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Index, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from crm.errors import UnknownRecord

from .base import Base


class BroadcastRecord(Base, kw_only=True):
    """One message; on until ``ended_at``. ``texts`` by language; ``outcome``: why it ended."""

    __tablename__ = "broadcast"

    id: Mapped[str] = mapped_column(primary_key=True)
    queues: Mapped[list[str]]
    numbers: Mapped[list[str]]
    texts: Mapped[dict[str, str]]
    to_waiting: Mapped[bool]
    published_at: Mapped[datetime]
    published_by: Mapped[str]
    expires_at: Mapped[datetime | None] = mapped_column(default=None)
    ended_at: Mapped[datetime | None] = mapped_column(default=None, index=True)
    ended_by: Mapped[str | None] = mapped_column(default=None)
    outcome: Mapped[str | None] = mapped_column(default=None)


Index("ix_broadcast_published_at_id", BroadcastRecord.published_at, BroadcastRecord.id)


class BroadcastRecords:
    """The stored ones. The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    def add(self, one: BroadcastRecord) -> None:
        self._session.add(one)

    async def need(self, broadcast_id: str) -> BroadcastRecord:
        """Raises UnknownRecord."""
        found = await self._session.get(BroadcastRecord, broadcast_id)
        if found is None:
            raise UnknownRecord(BroadcastRecord.__tablename__, broadcast_id)
        return found

    async def page(
        self, limit: int, *, before: tuple[datetime, str] | None = None, only_on: bool = False
    ) -> Sequence[BroadcastRecord]:
        """The newest first, those published before this moment and id."""
        table = BroadcastRecord
        query = select(table).order_by(table.published_at.desc(), table.id.desc()).limit(limit)
        if before is not None:
            query = query.where(tuple_(table.published_at, table.id) < before)
        if only_on:
            query = query.where(table.ended_at.is_(None))
        return (await self._session.scalars(query)).all()

    async def on(self) -> Sequence[BroadcastRecord]:
        """All that nobody has ended, the oldest first."""
        table = BroadcastRecord
        query = select(table).where(table.ended_at.is_(None))
        query = query.order_by(table.published_at, table.id)
        return (await self._session.scalars(query)).all()

    async def count_on(self) -> int:
        table = BroadcastRecord
        query = select(func.count()).select_from(table).where(table.ended_at.is_(None))
        return await self._session.scalar(query) or 0
