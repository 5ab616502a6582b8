"""Agents' states: the present one of each, and the history in periods."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Index, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base, SequenceNumber


class AgentStatus(Base, kw_only=True):
    """
    What an agent is doing now. A restarted server logs agents in again from these.

    ``interaction_id`` is the last one offered, until the agent is free again.
    """

    __tablename__ = "agent_status"

    agent_id: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str]
    since: Mapped[datetime]
    reason: Mapped[str | None] = mapped_column(default=None)
    contact_id: Mapped[str | None] = mapped_column(default=None)
    interaction_id: Mapped[str | None] = mapped_column(default=None)
    period_id: Mapped[int | None] = mapped_column(SequenceNumber, default=None)


class AgentStatePeriod(Base, kw_only=True):
    """A stretch of time in one state. The id is the number of the event that began it."""

    __tablename__ = "agent_state_period"

    id: Mapped[int] = mapped_column(SequenceNumber, primary_key=True, autoincrement=False)
    agent_id: Mapped[str]
    state: Mapped[str]
    reason: Mapped[str | None] = mapped_column(default=None)
    contact_id: Mapped[str | None] = mapped_column(default=None)
    interaction_id: Mapped[str | None] = mapped_column(default=None)
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None] = mapped_column(default=None)


Index(
    "ix_agent_state_period_agent_id_started_at",
    AgentStatePeriod.agent_id,
    AgentStatePeriod.started_at,
)


class AgentStates:
    """The stored states. The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def now(self) -> Sequence[AgentStatus]:
        """Each agent's latest state."""
        query = select(AgentStatus).order_by(AgentStatus.agent_id)
        return (await self._session.scalars(query)).all()

    async def history(self, agent_id: str, *, since: datetime) -> Sequence[AgentStatePeriod]:
        """The periods that began since then, oldest first."""
        query = (
            select(AgentStatePeriod)
            .where(AgentStatePeriod.agent_id == agent_id, AgentStatePeriod.started_at >= since)
            .order_by(AgentStatePeriod.started_at, AgentStatePeriod.id)
        )
        return (await self._session.scalars(query)).all()
