"""Segments: who talked with whom, from when to when."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Index, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base, SequenceNumber


class Segment(Base, kw_only=True):
    """
    A stretch of conversation between two legs.

    It ends when the first of its legs does, so that an agent is never credited with what the
    caller said to the next one. The id is the number of the event that began it.
    """

    __tablename__ = "segment"

    id: Mapped[int] = mapped_column(SequenceNumber, primary_key=True, autoincrement=False)
    contact_id: Mapped[str] = mapped_column(index=True)
    interaction_id: Mapped[str]
    call_id: Mapped[str | None]
    caller_leg_id: Mapped[str | None]
    agent_leg_id: Mapped[str | None]
    agent_id: Mapped[str]
    queue: Mapped[str]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None] = mapped_column(default=None)


Index("ix_segment_agent_id_started_at", Segment.agent_id, Segment.started_at)


class Segments:
    """The stored segments. The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def of_contacts(self, contact_ids: Sequence[str]) -> Sequence[Segment]:
        """The conversations of these contacts, in order."""
        query = select(Segment).where(Segment.contact_id.in_(contact_ids)).order_by(Segment.id)
        return (await self._session.scalars(query)).all()

    async def of_agent(self, agent_id: str, *, since: datetime) -> Sequence[Segment]:
        """The agent's conversations that began since then, oldest first."""
        query = (
            select(Segment)
            .where(Segment.agent_id == agent_id, Segment.started_at >= since)
            .order_by(Segment.started_at, Segment.id)
        )
        return (await self._session.scalars(query)).all()
