"""What supervisors write to agents, and whether it was read."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Index, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base

NUDGE, COACHING = "nudge", "coaching"


class AgentMessage(Base, kw_only=True):
    """One of them; its ``id`` is the number of the event by which it was sent."""

    __tablename__ = "agent_message"

    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    agent_id: Mapped[str]
    supervisor_id: Mapped[str]
    contact_id: Mapped[str | None] = mapped_column(index=True, default=None)
    text: Mapped[str]
    sent_at: Mapped[datetime]
    read_at: Mapped[datetime | None] = mapped_column(default=None)


Index("ix_agent_message_agent_id_sent_at", AgentMessage.agent_id, AgentMessage.sent_at)


class AgentMessages:
    """The stored ones. The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, message_id: str) -> AgentMessage | None:
        return await self._session.get(AgentMessage, message_id)

    async def unread(self, since: datetime) -> Sequence[AgentMessage]:
        """Everybody's, sent since then, the oldest first."""
        one = AgentMessage
        query = select(one).where(one.read_at.is_(None), one.sent_at >= since)
        return (await self._session.scalars(query.order_by(one.sent_at, one.id))).all()

    async def page(
        self,
        agent_id: str,
        limit: int,
        *,
        before: tuple[datetime, str] | None = None,
        kind: str | None = None,
        unread: bool = False,
    ) -> Sequence[AgentMessage]:
        """The agent's, the newest first."""
        one = AgentMessage
        query = select(one).where(one.agent_id == agent_id)
        if before is not None:
            query = query.where(tuple_(one.sent_at, one.id) < before)
        if kind is not None:
            query = query.where(one.kind == kind)
        if unread:
            query = query.where(one.read_at.is_(None))
        query = query.order_by(one.sent_at.desc(), one.id.desc()).limit(limit)
        return (await self._session.scalars(query)).all()
