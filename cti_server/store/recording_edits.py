"""How recordings were edited: every version, by whom and when. The recordings stay as they are."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from recording.edits import Span

from .base import Base


class RecordingEdit(Base, kw_only=True):
    """
    One version of a recording's edits: all of them. It never changes; the last one is heard.

    ``edits``: each a span of :mod:`recording.edits`, and the ``reason`` for it.
    """

    __tablename__ = "recording_edit"

    recording_id: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    edits: Mapped[list[dict[str, Any]]]
    made_by: Mapped[str]
    made_at: Mapped[datetime]

    @property
    def spans(self) -> list[Span]:
        return [Span(one["kind"], one["from_ms"], one["to_ms"]) for one in self.edits]


class RecordingEdits:
    """The stored versions. The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def latest(self, recording_id: str) -> RecordingEdit | None:
        """None of one that nobody has edited."""
        return await self._session.scalar(
            select(RecordingEdit)
            .where(RecordingEdit.recording_id == recording_id)
            .order_by(RecordingEdit.version.desc())
            .limit(1)
        )

    async def versions(self, recording_id: str) -> Sequence[RecordingEdit]:
        """From the first on."""
        query = select(RecordingEdit).where(RecordingEdit.recording_id == recording_id)
        return (await self._session.scalars(query.order_by(RecordingEdit.version))).all()

    def add(self, edit: RecordingEdit) -> None:
        self._session.add(edit)

    async def forget(self, recording_ids: Sequence[str]) -> None:
        """They went with their recordings."""
        which = RecordingEdit.recording_id.in_(recording_ids)
        await self._session.execute(delete(RecordingEdit).where(which))
