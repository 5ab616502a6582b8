"""Leads, and the rules by which they are scored and assigned."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Index, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from crm.errors import UnknownRecord
from crm.timeline import Place

from .base import Base
from .owned import Owned
from .places import before
from .versions import Versioned


class Lead(Owned, Versioned, Base, kw_only=True):
    """
    Somebody who may become a customer.

    ``number`` is in the one form of :mod:`crm.numbers`. ``customer_id`` is who they became (or
    were), ``contact_id`` the contact in which we learnt of them.
    """

    __tablename__ = "lead"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    kind: Mapped[str] = mapped_column(default="person")
    company: Mapped[str | None] = mapped_column(default=None)
    language: Mapped[str] = mapped_column(default="zh")
    number: Mapped[str | None] = mapped_column(default=None, index=True)
    mail: Mapped[str | None] = mapped_column(default=None)
    source: Mapped[str]
    interest: Mapped[str | None] = mapped_column(default=None)
    notes: Mapped[str | None] = mapped_column(default=None)
    state: Mapped[str] = mapped_column(default="new")
    state_since: Mapped[datetime]
    reason: Mapped[str | None] = mapped_column(default=None)
    score: Mapped[int] = mapped_column(default=0)
    campaign_id: Mapped[str | None] = mapped_column(default=None, index=True)
    contact_id: Mapped[str | None] = mapped_column(default=None)
    customer_id: Mapped[str | None] = mapped_column(default=None, index=True)
    opportunity_id: Mapped[str | None] = mapped_column(default=None)
    created_by: Mapped[str]


Index("ix_lead_created_at_id", Lead.created_at, Lead.id)
Index("ix_lead_owner_id_created_at", Lead.owner_id, Lead.created_at)


class LeadRule(Versioned, Base, kw_only=True):
    """``definition`` and ``conditions``: of a rule of :mod:`crm.leads`; the lowest first."""

    __tablename__ = "lead_rule"

    id: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]
    labels: Mapped[dict[str, str]]
    conditions: Mapped[list[dict[str, Any]]]
    definition: Mapped[dict[str, Any]]
    enabled: Mapped[bool] = mapped_column(default=True)


class Leads:
    """The stored leads. The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    def add(self, lead: Lead) -> None:
        self._session.add(lead)

    async def need(
        self, lead_id: str, teams: frozenset[str] | None, agent_id: str, *, locked: bool = False
    ) -> Lead:
        """Raises UnknownRecord, also for another team's."""
        lead = await self._session.get(
            Lead, lead_id, with_for_update=locked, populate_existing=locked
        )
        if lead is None or not lead.seen_by(teams, agent_id):
            raise UnknownRecord("lead", lead_id)
        return lead

    async def page(
        self,
        teams: frozenset[str] | None,
        agent_id: str,
        limit: int,
        *,
        place: Place | None,
        **named: str | None,
    ) -> Sequence[Lead]:
        """The newest first; ``named``: columns and their values."""
        query = select(Lead).where(
            *before(Lead.created_at, Lead.id, place), *Lead.in_sight(teams, agent_id)
        )
        for name, value in named.items():
            if value is not None:
                query = query.where(getattr(Lead, name) == value)
        query = query.order_by(Lead.created_at.desc(), Lead.id.desc()).limit(limit)
        return (await self._session.scalars(query)).all()

    async def rules(self) -> Sequence[LeadRule]:
        query = select(LeadRule).order_by(LeadRule.position, LeadRule.id)
        return (await self._session.scalars(query)).all()

    async def rule(self, rule_id: str) -> LeadRule:
        """Raises UnknownRecord."""
        rule = await self._session.get(LeadRule, rule_id)
        if rule is None:
            raise UnknownRecord("lead_rule", rule_id)
        return rule
