"""Searches of recordings that somebody has saved under a name, and whom they are offered to."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, delete, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from crm.errors import UnknownRecord

from .base import Base
from .versions import Versioned

ROLE, QUEUE = "role:", "queue:"
"""Before the names of whom a search is offered to."""
_AT_ONCE = 200  # searches that are looked through


class SavedRecordingSearch(Versioned, Base, kw_only=True):
    """
    ``search``: what a :class:`recording.search.RecordingSearch` said when it was saved.

    ``days``: not begun earlier than so many days before it is run.
    """

    __tablename__ = "saved_recording_search"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    search: Mapped[dict[str, Any]]
    days: Mapped[int | None] = mapped_column(default=None)
    owner_id: Mapped[str] = mapped_column(index=True)


class RecordingSearchShare(Base, kw_only=True):
    """``holder``: "role:supervisor", or "queue:sales" for who may list its recordings."""

    __tablename__ = "recording_search_share"

    search_id: Mapped[str] = mapped_column(
        ForeignKey("saved_recording_search.id", ondelete="CASCADE"), primary_key=True
    )
    holder: Mapped[str] = mapped_column(primary_key=True, index=True)


class SavedRecordingSearches:
    """The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    def add(self, search: SavedRecordingSearch) -> None:
        self._session.add(search)

    async def need(
        self, search_id: str, seen: Sequence[ColumnElement[bool]]
    ) -> SavedRecordingSearch:
        """Raises UnknownRecord."""
        table = SavedRecordingSearch
        found = await self._session.scalar(select(table).where(table.id == search_id, *seen))
        if found is None:
            raise UnknownRecord(table.__tablename__, search_id)
        return found

    async def page(
        self, limit: int, after: tuple[str, str] | None, seen: Sequence[ColumnElement[bool]]
    ) -> Sequence[SavedRecordingSearch]:
        """By name."""
        table = SavedRecordingSearch
        query = select(table).where(*seen).order_by(table.name, table.id).limit(limit)
        if after is not None:
            query = query.where(tuple_(table.name, table.id) > after)
        return (await self._session.scalars(query)).all()

    async def count_of(self, owner_id: str) -> int:
        query = select(func.count()).where(SavedRecordingSearch.owner_id == owner_id)
        return await self._session.scalar(query) or 0

    async def offered(self, search_ids: Collection[str]) -> Mapping[str, Sequence[str]]:
        """Whom each of them is offered to, in order."""
        table = RecordingSearchShare
        query = select(table).where(table.search_id.in_(search_ids)).order_by(table.holder)
        found: dict[str, list[str]] = {search_id: [] for search_id in search_ids}
        for share in await self._session.scalars(query):
            found[share.search_id].append(share.holder)
        return found

    async def offer(self, search_id: str, holders: Collection[str]) -> None:
        """To these, and to nobody else any more."""
        table = RecordingSearchShare
        await self._session.execute(delete(table).where(table.search_id == search_id))
        self._session.add_all(
            RecordingSearchShare(search_id=search_id, holder=each) for each in sorted(set(holders))
        )

    async def remove(self, search: SavedRecordingSearch) -> None:
        await self.offer(search.id, ())
        await self._session.delete(search)

    async def forget(self, about: Callable[[str], bool]) -> int:
        """Remove those in whose names or values somebody is named; how many that were."""
        removed, last = 0, ""
        table = SavedRecordingSearch
        while True:
            query = select(table).where(table.id > last).order_by(table.id).limit(_AT_ONCE)
            found = (await self._session.scalars(query)).all()
            if not found:
                return removed
            for search in found:
                if any(map(about, (search.name, *map(str, search.search.values())))):
                    await self.remove(search)
                    removed += 1
            last = found[-1].id


def offered_to(
    owner_id: str, roles: Collection[str], queues: Collection[str] | None
) -> list[ColumnElement[bool]]:
    """For a query's WHERE: one's own, and those of one's roles and queues (None: of every one)."""
    share = RecordingSearchShare
    theirs = share.holder.in_([ROLE + role for role in roles])
    if queues is None:
        of_queues: ColumnElement[bool] = share.holder.startswith(QUEUE, autoescape=True)
    else:
        of_queues = share.holder.in_([QUEUE + queue for queue in sorted(queues)])
    table = SavedRecordingSearch
    offered = select(share.search_id).where(or_(theirs, of_queues))
    return [or_(table.owner_id == owner_id, table.id.in_(offered))]
