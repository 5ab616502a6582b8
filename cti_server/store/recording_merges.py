"""Recordings that are heard as one: which, in which order. They themselves stay as they are."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, ForeignKey, Index, and_, delete, exists, not_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from crm.errors import UnknownRecord

from .base import Base
from .recordings import Recording
from .versions import Versioned


class RecordingMerge(Versioned, Base, kw_only=True):
    """``name`` is empty once one of its recordings was erased: it may have said whose it was."""

    __tablename__ = "recording_merge"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    made_by: Mapped[str]


Index("ix_recording_merge_created_at_id", RecordingMerge.created_at, RecordingMerge.id)


class MergePart(Base, kw_only=True):
    """
    A stretch of a recording, in milliseconds of it as it was recorded; None: to its end.

    ``gone_at``: when the recording was erased, and with it this part.
    """

    __tablename__ = "recording_merge_part"

    merge_id: Mapped[str] = mapped_column(
        ForeignKey("recording_merge.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True)
    recording_id: Mapped[str] = mapped_column(index=True)
    from_ms: Mapped[int]
    to_ms: Mapped[int | None]
    gone_at: Mapped[datetime | None] = mapped_column(default=None)


class RecordingMerges:
    """
    The stored ones. The caller owns the session and its transaction.

    ``seen``: conditions on recordings, all of which each of a merge's recordings has to meet.
    """

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    def add(self, merge: RecordingMerge) -> None:
        self._session.add(merge)

    async def need(self, merge_id: str, seen: Sequence[ColumnElement[bool]]) -> RecordingMerge:
        """Raises UnknownRecord."""
        table = RecordingMerge
        query = select(table).where(table.id == merge_id, *_all_seen(seen))
        found = await self._session.scalar(query)
        if found is None:
            raise UnknownRecord(table.__tablename__, merge_id)
        return found

    async def page(
        self, limit: int, after: tuple[datetime, str] | None, seen: Sequence[ColumnElement[bool]]
    ) -> Sequence[RecordingMerge]:
        """The newest first."""
        table = RecordingMerge
        query = select(table).where(*_all_seen(seen))
        if after is not None:
            query = query.where(tuple_(table.created_at, table.id) < after)
        order = (table.created_at.desc(), table.id.desc())
        return (await self._session.scalars(query.order_by(*order).limit(limit))).all()

    async def parts_of(self, merge_ids: Collection[str]) -> Mapping[str, Sequence[MergePart]]:
        """In their order."""
        query = select(MergePart).where(MergePart.merge_id.in_(merge_ids))
        found: dict[str, list[MergePart]] = {each: [] for each in merge_ids}
        for part in await self._session.scalars(query.order_by(MergePart.position)):
            found[part.merge_id].append(part)
        return found

    async def replace(self, merge_id: str, parts: Sequence[MergePart]) -> None:
        """These, in the place of those there were."""
        await self._session.execute(delete(MergePart).where(MergePart.merge_id == merge_id))
        self._session.add_all(parts)
        await self._session.flush()

    async def remove(self, merge: RecordingMerge) -> None:
        await self.replace(merge.id, ())
        await self._session.delete(merge)

    async def forget(self, recording_ids: Sequence[str], now: datetime) -> None:
        """They are out of every merge from now on."""
        which = MergePart.recording_id.in_(recording_ids)
        named = set[str]()
        for part in await self._session.scalars(select(MergePart).where(which)):
            part.gone_at = part.gone_at or now
            named.add(part.merge_id)
        merges = select(RecordingMerge).where(RecordingMerge.id.in_(named))
        for merge in await self._session.scalars(merges):
            merge.name, merge.updated_at = "", now


def _all_seen(seen: Sequence[ColumnElement[bool]]) -> list[ColumnElement[bool]]:
    if not seen:
        return []
    its = and_(MergePart.merge_id == RecordingMerge.id, Recording.id == MergePart.recording_id)
    return [~exists().where(its, not_(and_(*seen)))]
