"""Opportunities, their pipelines, and every stage that they were in."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from crm.errors import UnknownRecord
from crm.opportunities import Sum
from crm.timeline import Place, TimelineEntry

from .base import Base
from .owned import Owned
from .places import before
from .versions import Versioned


class SalesPipeline(Versioned, Base, kw_only=True):
    """``definition``: a :class:`crm.opportunities.Pipeline`."""

    __tablename__ = "sales_pipeline"

    id: Mapped[str] = mapped_column(primary_key=True)
    definition: Mapped[dict[str, Any]]
    active: Mapped[bool] = mapped_column(default=True)


class Opportunity(Owned, Versioned, Base, kw_only=True):
    """
    What a customer may buy. ``amount`` in the currency's smallest unit, ``probability`` in percent.

    ``expected_on`` is a day ("2026-12-31"), as text: months of it are told apart alike everywhere.
    ``closed_at``: when it was won or lost.
    """

    __tablename__ = "opportunity"

    id: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    customer_id: Mapped[str]
    pipeline_id: Mapped[str] = mapped_column(ForeignKey("sales_pipeline.id"))
    stage: Mapped[str]
    stage_since: Mapped[datetime]
    currency: Mapped[str]
    amount: Mapped[int] = mapped_column(BigInteger)
    probability: Mapped[int]
    expected_on: Mapped[str | None] = mapped_column(default=None)
    lost_reason: Mapped[str | None] = mapped_column(default=None)
    closed_at: Mapped[datetime | None] = mapped_column(default=None)
    lead_id: Mapped[str | None] = mapped_column(default=None)
    campaign_id: Mapped[str | None] = mapped_column(default=None, index=True)
    notes: Mapped[str | None] = mapped_column(default=None)
    created_by: Mapped[str]


Index("ix_opportunity_created_at_id", Opportunity.created_at, Opportunity.id)
Index("ix_opportunity_customer_id_created_at", Opportunity.customer_id, Opportunity.created_at)
Index("ix_opportunity_owner_id_created_at", Opportunity.owner_id, Opportunity.created_at)
Index("ix_opportunity_pipeline_id_stage", Opportunity.pipeline_id, Opportunity.stage)


class OpportunityMove(Base, kw_only=True):
    """The opportunity came into a stage, being worth this then."""

    __tablename__ = "opportunity_move"

    opportunity_id: Mapped[str] = mapped_column(
        ForeignKey("opportunity.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    stage: Mapped[str]
    amount: Mapped[int] = mapped_column(BigInteger)
    probability: Mapped[int]
    moved_by: Mapped[str]
    note: Mapped[str | None] = mapped_column(default=None)


class Opportunities:
    """The stored opportunities. The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def need(
        self,
        opportunity_id: str,
        teams: frozenset[str] | None,
        agent_id: str,
        *,
        locked: bool = False,
    ) -> Opportunity:
        """Raises UnknownRecord, also for another team's."""
        found = await self._session.get(
            Opportunity, opportunity_id, with_for_update=locked, populate_existing=locked
        )
        if found is None or not found.seen_by(teams, agent_id):
            raise UnknownRecord("opportunity", opportunity_id)
        return found

    async def page(
        self,
        teams: frozenset[str] | None,
        agent_id: str,
        limit: int,
        *,
        place: Place | None,
        customer_ids: Sequence[str] | None = None,
        open: bool | None = None,
        **named: str | None,
    ) -> Sequence[Opportunity]:
        """The newest first; ``named``: columns and their values."""
        query = select(Opportunity).where(
            *before(Opportunity.created_at, Opportunity.id, place),
            *Opportunity.in_sight(teams, agent_id),
        )
        if customer_ids is not None:
            query = query.where(Opportunity.customer_id.in_(customer_ids))
        if open is not None:
            closed_at = Opportunity.closed_at
            query = query.where(closed_at.is_(None) if open else closed_at.is_not(None))
        for name, value in named.items():
            if value is not None:
                query = query.where(getattr(Opportunity, name) == value)
        query = query.order_by(Opportunity.created_at.desc(), Opportunity.id.desc()).limit(limit)
        return (await self._session.scalars(query)).all()

    async def sums(
        self,
        pipeline_id: str,
        teams: frozenset[str] | None,
        agent_id: str,
        owner_id: str | None = None,
    ) -> list[Sum]:
        """What is open, added up by stage, currency and month."""
        one, month = Opportunity, func.substr(Opportunity.expected_on, 1, 7)
        query = (
            select(
                one.stage,
                one.currency,
                month,
                func.count(),
                func.sum(one.amount),
                func.sum(one.amount * one.probability),
            )
            .where(one.pipeline_id == pipeline_id, one.closed_at.is_(None))
            .where(*one.in_sight(teams, agent_id))
            .group_by(one.stage, one.currency, month)
        )
        if owner_id is not None:
            query = query.where(one.owner_id == owner_id)
        return [
            Sum(stage, currency, of, count, int(amount), int(weighted))
            for stage, currency, of, count, amount, weighted in await self._session.execute(query)
        ]

    async def moves(self, opportunity_id: str) -> Sequence[OpportunityMove]:
        query = select(OpportunityMove).where(OpportunityMove.opportunity_id == opportunity_id)
        return (await self._session.scalars(query.order_by(OpportunityMove.position))).all()

    async def pipelines(self) -> Sequence[SalesPipeline]:
        return (await self._session.scalars(select(SalesPipeline).order_by(SalesPipeline.id))).all()

    async def pipeline(self, pipeline_id: str) -> SalesPipeline:
        """Raises UnknownRecord."""
        found = await self._session.get(SalesPipeline, pipeline_id)
        if found is None:
            raise UnknownRecord("sales_pipeline", pipeline_id)
        return found


async def opportunities_on_timeline(
    session: AsyncSession, customer_ids: Sequence[str], place: Place | None, limit: int
) -> list[TimelineEntry]:
    """The newest first, each at the moment at which it was seen."""
    found = await Opportunities(session).page(
        None, "", limit, place=place, customer_ids=customer_ids
    )
    return [
        TimelineEntry(
            at=one.created_at,
            kind="opportunity",
            id=one.id,
            data={
                "title": one.title,
                "stage": one.stage,
                "amount": one.amount,
                "currency": one.currency,
                "owner_id": one.owner_id,
                "closed_at": one.closed_at,
            },
        )
        for one in found
    ]
