"""Spans of calls that are silent in their recordings: when, by whom, why."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base


class RecordingMask(Base, kw_only=True):
    """One span, of all recordings that ran in the call then; without ``ended_at`` it still runs."""

    __tablename__ = "recording_mask"

    id: Mapped[str] = mapped_column(primary_key=True)
    contact_id: Mapped[str] = mapped_column(index=True)
    agent_id: Mapped[str]
    asked_by: Mapped[str]
    reason: Mapped[str]
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    ended_by: Mapped[str | None] = mapped_column(default=None)


class RecordingMasks:
    """The stored spans. The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def of_contact(self, contact_id: str) -> Sequence[RecordingMask]:
        """In the order in which they began."""
        query = (
            select(RecordingMask)
            .where(RecordingMask.contact_id == contact_id)
            .order_by(RecordingMask.began_at, RecordingMask.id)
        )
        return (await self._session.scalars(query)).all()
