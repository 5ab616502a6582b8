"""Sampling plans, and the recordings that they choose from."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from crm.errors import UnknownRecord
from crm.quality.sampling import Candidate, Plan, Week
from recording.search import RecordingSearch

from .agents import Agent
from .alerts import Alert
from .base import Base
from .interactions import Interaction
from .recording_conditions import of_others
from .recordings import STORED, Recording
from .reviews import Review
from .versions import Versioned

COMPLAINT = "complaint"
CONVERSATION, WITHOUT_AGENT = "conversation", "customer"
_AT_ONCE = 2000  # recordings of one look


class SamplingPlan(Versioned, Base, kw_only=True):
    """
    ``definition``: a :class:`crm.quality.sampling.Plan`. ``seed``: by which its chances fall.
    ``next_at``: when the week is over that is to be sampled next.
    """

    __tablename__ = "sampling_plan"

    id: Mapped[str] = mapped_column(primary_key=True)
    definition: Mapped[dict[str, Any]]
    seed: Mapped[str]
    enabled: Mapped[bool] = mapped_column(default=True)
    next_at: Mapped[datetime] = mapped_column(index=True)

    @property
    def plan(self) -> Plan:
        return Plan.model_validate(self.definition)


class SamplingPlans:
    """The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def all(self) -> Sequence[SamplingPlan]:
        return (await self._session.scalars(select(SamplingPlan).order_by(SamplingPlan.id))).all()

    async def need(self, plan_id: str, *, locked: bool = False) -> SamplingPlan:
        """Raises UnknownRecord."""
        found = await self._session.get(
            SamplingPlan, plan_id, with_for_update=locked, populate_existing=locked
        )
        if found is None:
            raise UnknownRecord("sampling_plan", plan_id)
        return found

    async def earliest(self) -> datetime | None:
        query = select(func.min(SamplingPlan.next_at)).where(SamplingPlan.enabled)
        return await self._session.scalar(query)

    async def due(self, now: datetime) -> Sequence[str]:
        query = select(SamplingPlan.id).where(SamplingPlan.enabled, SamplingPlan.next_at <= now)
        return (await self._session.scalars(query.order_by(SamplingPlan.id))).all()

    async def taken(self, plan_id: str, plan: Plan, week: Week) -> Mapping[str, int]:
        """How many of each group were chosen for this week already."""
        query = (
            select(Review.agent_id, Review.queue, Agent.team)
            .outerjoin(Agent, Agent.id == Review.agent_id)
            .where(Review.plan_id == plan_id, Review.week == week.name)
        )
        rows = (await self._session.execute(query)).all()
        nobody = frozenset[str]()
        return Counter(
            Candidate("", agent_id, queue, team, nobody).group(plan.per)
            for agent_id, queue, team in rows
        )

    async def candidates(
        self, plan: Plan, week: Week, behind: tuple[datetime, str] | None
    ) -> tuple[Sequence[Candidate], tuple[datetime, str] | None]:
        """
        Some stored conversations of the week that fit and were never reviewed, and where more are.
        """
        place = (Recording.started_at, Recording.id)
        query = (
            select(*place, Recording.agent_id, Recording.queue, Recording.contact_id, Agent.team)
            .outerjoin(Agent, Agent.id == Recording.agent_id)
            .where(
                Recording.started_at >= week.begin,
                Recording.started_at < week.end,
                *_fits(plan),
            )
        )
        if behind is not None:
            query = query.where(tuple_(*place) > behind)
        rows = (await self._session.execute(query.order_by(*place).limit(_AT_ONCE))).all()
        parts = await self._parts({row.contact_id for row in rows})
        found = [
            Candidate(
                row.id,
                row.agent_id,
                row.queue,
                row.team,
                parts.get(row.contact_id, frozenset()) | {row.agent_id},
            )
            for row in rows
        ]
        last = (rows[-1].started_at, rows[-1].id) if len(rows) == _AT_ONCE else None
        return found, last

    async def _parts(self, contact_ids: Collection[str]) -> Mapping[str, frozenset[str]]:
        """Which agents talked in each of these contacts."""
        query = select(Interaction.contact_id, Interaction.agent_id).where(
            Interaction.contact_id.in_(contact_ids), Interaction.started_at.is_not(None)
        )
        found: dict[str, frozenset[str]] = {}
        for contact_id, agent_id in await self._session.execute(query):
            found[contact_id] = found.get(contact_id, frozenset()) | {agent_id}
        return found


def _fits(plan: Plan) -> list[ColumnElement[bool]]:
    fits = [
        Recording.state == STORED,
        Recording.kind == CONVERSATION,
        Recording.sides != WITHOUT_AGENT,
        Recording.duration >= plan.shortest,
        ~exists().where(Review.recording_id == Recording.id, Review.calibration_id.is_(None)),
    ]
    if plan.longest is not None:
        fits.append(Recording.duration <= plan.longest)
    if plan.queues:
        fits.append(Recording.queue.in_(plan.queues))
    if plan.agents:
        fits.append(Recording.agent_id.in_(plan.agents))
    if plan.teams:
        fits.append(Agent.team.in_(plan.teams))
    if plan.complaint:
        fits.append(
            exists().where(
                Alert.contact_id == Recording.contact_id,
                Alert.kind == COMPLAINT,
                Alert.about_agent.is_(None) | (Alert.about_agent == Recording.agent_id),
            )
        )
    said = RecordingSearch(rating_to=plan.rating_to, disposition=plan.disposition)
    return [*fits, *of_others(said)]
