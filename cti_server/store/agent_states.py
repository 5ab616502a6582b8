"""Agents' states: the present one of each, and the history in periods."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Index, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, aliased, mapped_column

from .base import Base, SequenceNumber

LOGGED_OUT = "logged_out"


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
    """
    A stretch of time in one state. The id is the number of the event that began it.

    ``chosen_by``: who chose the state for the agent; None for the agent themselves or the ACD.
    """

    __tablename__ = "agent_state_period"

    id: Mapped[int] = mapped_column(SequenceNumber, primary_key=True, autoincrement=False)
    agent_id: Mapped[str]
    state: Mapped[str]
    reason: Mapped[str | None] = mapped_column(default=None)
    contact_id: Mapped[str | None] = mapped_column(default=None)
    interaction_id: Mapped[str | None] = mapped_column(default=None)
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    chosen_by: Mapped[str | None] = mapped_column(default=None)


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

    async def since_log_in(self, earliest: datetime) -> dict[str, Sequence[tuple[str, datetime]]]:
        """
        The states of each agent who is logged in, with their first moments, since the log-in.

        Who has been logged in since before ``earliest``: those that began since then.
        """
        period, last = AgentStatePeriod, aliased(AgentStatePeriod)
        logged_out = (
            select(func.max(last.started_at))
            .where(last.agent_id == AgentStatus.agent_id, last.state == LOGGED_OUT)
            .where(last.started_at >= earliest)
            .correlate(AgentStatus)
            .scalar_subquery()
        )
        query = (
            select(period.agent_id, period.state, period.started_at)
            .join(AgentStatus, AgentStatus.agent_id == period.agent_id)
            .where(AgentStatus.state != LOGGED_OUT, period.started_at >= earliest)
            .where(or_(logged_out.is_(None), period.started_at > logged_out))
            .order_by(period.agent_id, period.started_at, period.id)
        )
        found: dict[str, list[tuple[str, datetime]]] = defaultdict(list)
        for agent_id, state, started_at in await self._session.execute(query):
            found[agent_id].append((state, started_at))
        return dict(found)

    async def at(self, moment: datetime) -> Sequence[AgentStatePeriod]:
        """Who was logged in at that moment: the period of each that it is in."""
        query = select(AgentStatePeriod).where(
            AgentStatePeriod.started_at < moment,
            or_(AgentStatePeriod.ended_at.is_(None), AgentStatePeriod.ended_at >= moment),
            AgentStatePeriod.state != LOGGED_OUT,
        )
        return (await self._session.scalars(query)).all()

    async def history(self, agent_id: str, *, since: datetime) -> Sequence[AgentStatePeriod]:
        """The periods that began since then, oldest first."""
        query = (
            select(AgentStatePeriod)
            .where(AgentStatePeriod.agent_id == agent_id, AgentStatePeriod.started_at >= since)
            .order_by(AgentStatePeriod.started_at, AgentStatePeriod.id)
        )
        return (await self._session.scalars(query)).all()
