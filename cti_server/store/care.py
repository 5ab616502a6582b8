"""Care: its rules, and every occasion that there was for it."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from crm.errors import UnknownRecord
from crm.timeline import Place

from .base import Base
from .places import before
from .versions import Versioned


class CareRule(Versioned, Base, kw_only=True):
    """
    ``definition``: a :class:`crm.care.Rule`. ``planned_to``: the last day whose occasions were
    looked for ("2026-11-22"), ``next_at`` when the next one's are; None: not at all. Of the day
    after it the customers up to ``planned_behind`` have been looked at, in the order of the ids.
    """

    __tablename__ = "care_rule"

    id: Mapped[str] = mapped_column(primary_key=True)
    definition: Mapped[dict[str, Any]]
    enabled: Mapped[bool] = mapped_column(default=True)
    planned_to: Mapped[str | None] = mapped_column(default=None)
    planned_behind: Mapped[str | None] = mapped_column(default=None)
    next_at: Mapped[datetime | None] = mapped_column(default=None, index=True)


class CareOccasion(Versioned, Base, kw_only=True):
    """
    One occasion, once for good by its ``key``.

    ``state``: planned, done (``task_id`` is what came of it), refused (``cause`` says why),
    dropped (it was none any more), answered (``feedback`` is the customer's). ``wake_at``: when it
    is to be attended to. ``about`` is the ticket or order that it is about.
    """

    __tablename__ = "care_occasion"
    __table_args__ = (UniqueConstraint("rule_id", "customer_id", "key"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    rule_id: Mapped[str] = mapped_column(ForeignKey("care_rule.id"))
    customer_id: Mapped[str]
    key: Mapped[str]
    at: Mapped[datetime]
    about: Mapped[str | None] = mapped_column(default=None)
    years: Mapped[int | None] = mapped_column(default=None)
    number: Mapped[str | None] = mapped_column(default=None)
    state: Mapped[str] = mapped_column(default="planned")
    wake_at: Mapped[datetime | None] = mapped_column(default=None, index=True)
    cause: Mapped[str | None] = mapped_column(default=None)
    task_id: Mapped[str | None] = mapped_column(default=None)
    feedback: Mapped[str | None] = mapped_column(default=None)
    rating: Mapped[int | None] = mapped_column(default=None)
    contact_id: Mapped[str | None] = mapped_column(default=None)
    answered_at: Mapped[datetime | None] = mapped_column(default=None)
    answered_to: Mapped[str | None] = mapped_column(default=None)


Index("ix_care_occasion_at_id", CareOccasion.at, CareOccasion.id)
Index("ix_care_occasion_customer_id_at", CareOccasion.customer_id, CareOccasion.at)


class Care:
    """What is stored of care. The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def rules(self) -> Sequence[CareRule]:
        return (await self._session.scalars(select(CareRule).order_by(CareRule.id))).all()

    async def rule(self, rule_id: str, *, locked: bool = False) -> CareRule:
        """Raises UnknownRecord."""
        found = await self._session.get(
            CareRule, rule_id, with_for_update=locked, populate_existing=locked
        )
        if found is None:
            raise UnknownRecord("care_rule", rule_id)
        return found

    async def earliest(self) -> datetime | None:
        """When something is to be planned, or attended to, next."""
        planning = await self._session.scalar(
            select(func.min(CareRule.next_at)).where(CareRule.enabled)
        )
        occasion = await self._session.scalar(select(func.min(CareOccasion.wake_at)))
        return min((at for at in (planning, occasion) if at is not None), default=None)

    async def to_plan(self, now: datetime) -> Sequence[str]:
        """The rules whose next day has come."""
        query = select(CareRule.id).where(CareRule.enabled, CareRule.next_at <= now)
        return (await self._session.scalars(query.order_by(CareRule.id))).all()

    async def came_to(
        self,
        rule: CareRule,
        planned_to: str,
        *,
        behind: str | None = None,
        next_at: datetime | None,
    ) -> bool:
        """
        So far the rule as it was read was planned; False if it was changed since.

        It is no edit, and leaves the version alone: who changes the rule is not to lose the race.
        """
        query = (
            update(CareRule)
            .where(CareRule.id == rule.id, CareRule.version == rule.version)
            .values(planned_to=planned_to, planned_behind=behind, next_at=next_at)
            .returning(CareRule.id)
        )
        return await self._session.scalar(query) is not None

    async def to_attend(self, now: datetime, limit: int) -> Sequence[str]:
        """The occasions that have come, the earliest first."""
        query = select(CareOccasion.id).where(CareOccasion.wake_at <= now)
        return (
            await self._session.scalars(query.order_by(CareOccasion.wake_at).limit(limit))
        ).all()

    async def occasion(self, occasion_id: str, *, locked: bool = False) -> CareOccasion:
        """Raises UnknownRecord."""
        found = await self._session.get(
            CareOccasion, occasion_id, with_for_update=locked, populate_existing=locked
        )
        if found is None:
            raise UnknownRecord("care_occasion", occasion_id)
        return found

    async def same(
        self, rule_id: str, key: str, customer_ids: Collection[str]
    ) -> Sequence[CareOccasion]:
        """This occasion of one customer, under any id that they had."""
        query = select(CareOccasion).where(
            CareOccasion.rule_id == rule_id,
            CareOccasion.key == key,
            CareOccasion.customer_id.in_(customer_ids),
        )
        return (await self._session.scalars(query)).all()

    async def keys_of(
        self, rule_id: str, keys: Collection[str], customer_ids: Collection[str]
    ) -> set[tuple[str, str]]:
        """Of these occasions of these customers those that there were: whose, and the key."""
        query = select(CareOccasion.customer_id, CareOccasion.key).where(
            CareOccasion.rule_id == rule_id,
            CareOccasion.customer_id.in_(customer_ids),
            CareOccasion.key.in_(keys),
        )
        return {(who, key) for who, key in await self._session.execute(query)}

    async def page(
        self,
        limit: int,
        *,
        place: Place | None,
        customer_ids: Collection[str] | None = None,
        **named: str | None,
    ) -> Sequence[CareOccasion]:
        """The newest first; ``named``: columns and their values."""
        query = select(CareOccasion).where(*before(CareOccasion.at, CareOccasion.id, place))
        if customer_ids is not None:
            query = query.where(CareOccasion.customer_id.in_(customer_ids))
        for name, value in named.items():
            if value is not None:
                query = query.where(getattr(CareOccasion, name) == value)
        query = query.order_by(CareOccasion.at.desc(), CareOccasion.id.desc()).limit(limit)
        return (await self._session.scalars(query)).all()
