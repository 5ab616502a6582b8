"""Places in recordings that somebody marked, with what they noted there."""

from collections.abc import Sequence

from sqlalchemy import delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from crm.errors import UnknownRecord

from .base import Base
from .versions import Versioned


class RecordingBookmark(Versioned, Base, kw_only=True):
    """In milliseconds of the recording as it was recorded; the others' if it is ``shared``."""

    __tablename__ = "recording_bookmark"

    id: Mapped[str] = mapped_column(primary_key=True)
    recording_id: Mapped[str] = mapped_column(index=True)
    from_ms: Mapped[int]
    to_ms: Mapped[int]
    text_zh: Mapped[str | None] = mapped_column(default=None)
    text_en: Mapped[str | None] = mapped_column(default=None)
    shared: Mapped[bool] = mapped_column(default=False)
    made_by: Mapped[str]


class RecordingBookmarks:
    """The stored ones. The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    def add(self, bookmark: RecordingBookmark) -> None:
        self._session.add(bookmark)

    async def need(self, recording_id: str, bookmark_id: str) -> RecordingBookmark:
        """Raises UnknownRecord."""
        found = await self._session.get(RecordingBookmark, bookmark_id)
        if found is None or found.recording_id != recording_id:
            raise UnknownRecord(RecordingBookmark.__tablename__, bookmark_id)
        return found

    async def seen_by(self, agent_id: str, recording_id: str) -> Sequence[RecordingBookmark]:
        """Theirs and the shared ones, in the recording's order."""
        table = RecordingBookmark
        theirs = or_(table.shared, table.made_by == agent_id)
        query = select(table).where(table.recording_id == recording_id, theirs)
        order = (table.from_ms, table.to_ms, table.id)
        return (await self._session.scalars(query.order_by(*order))).all()

    async def count_in(self, recording_id: str) -> int:
        query = select(func.count()).where(RecordingBookmark.recording_id == recording_id)
        return await self._session.scalar(query) or 0

    async def forget(self, recording_ids: Sequence[str]) -> None:
        """They went with their recordings."""
        which = RecordingBookmark.recording_id.in_(recording_ids)
        await self._session.execute(delete(RecordingBookmark).where(which))
