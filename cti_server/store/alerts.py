"""Alerts: what a supervisor is to look at, and whether somebody has."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ColumnElement, Index, and_, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base
from .contact_scope import seen_by


class Alert(Base, kw_only=True):
    """One alert; open until it is cleared or, unless it is ``lasting``, acknowledged."""

    __tablename__ = "alert"

    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    raised_at: Mapped[datetime]
    contact_id: Mapped[str | None] = mapped_column(index=True)
    about_agent: Mapped[str | None] = mapped_column(default=None)
    queue: Mapped[str | None] = mapped_column(default=None)
    team: Mapped[str | None] = mapped_column(default=None)
    interaction_id: Mapped[str | None] = mapped_column(default=None)
    recording_id: Mapped[str | None] = mapped_column(default=None)
    ticket_number: Mapped[str | None] = mapped_column(default=None)
    severity: Mapped[str] = mapped_column(default="warning")
    labels: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True), default=None)
    rule_id: Mapped[str | None] = mapped_column(default=None)
    lasting: Mapped[bool] = mapped_column(default=False)
    details: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True), default=None)
    acknowledged_at: Mapped[datetime | None] = mapped_column(default=None)
    acknowledged_by: Mapped[str | None] = mapped_column(default=None)
    cleared_at: Mapped[datetime | None] = mapped_column(default=None)


Index("ix_alert_raised_at_id", Alert.raised_at, Alert.id)

_OPEN = and_(Alert.cleared_at.is_(None), or_(Alert.lasting, Alert.acknowledged_at.is_(None)))
"""Said in these words by who asks for them, or SQLite does not use the index."""

Index("ix_alert_open", Alert.raised_at, Alert.id, sqlite_where=_OPEN, postgresql_where=_OPEN)


def alerts_seen_by(
    teams: frozenset[str] | None, agent_id: str = "", *, of_colleagues: bool = True
) -> list[ColumnElement[bool]]:
    """For a query's WHERE: as their contacts are, and not another team's own; None: all."""
    if teams is None:
        return []
    seen = seen_by(teams, agent_id, Alert.contact_id, of_colleagues=of_colleagues)
    return [or_(Alert.team.is_(None), Alert.team.in_(teams)), *seen]


class Alerts:
    """The stored alerts. The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def page(
        self,
        limit: int,
        seen: Sequence[ColumnElement[bool]] = (),
        *,
        before: tuple[datetime, str] | None = None,
        only_open: bool = False,
    ) -> Sequence[Alert]:
        """The newest first, those raised before this moment and id; ``seen``: for whoever asks."""
        query = select(Alert).where(*seen)
        if before is not None:
            query = query.where(tuple_(Alert.raised_at, Alert.id) < before)
        if only_open:
            query = query.where(_OPEN)
        query = query.order_by(Alert.raised_at.desc(), Alert.id.desc()).limit(limit)
        return (await self._session.scalars(query)).all()

    async def lasting(self) -> Sequence[Alert]:
        """All that go on, in no order."""
        query = select(Alert).where(_OPEN, Alert.lasting)
        return (await self._session.scalars(query)).all()

    async def get(self, alert_id: str, seen: Sequence[ColumnElement[bool]]) -> Alert | None:
        query = select(Alert).where(Alert.id == alert_id, *seen)
        return (await self._session.scalars(query)).one_or_none()

    async def in_sight(
        self, alert_ids: Collection[str], seen: Sequence[ColumnElement[bool]]
    ) -> set[str]:
        """Which of these whoever asks sees."""
        query = select(Alert.id).where(Alert.id.in_(alert_ids), *seen)
        return set(await self._session.scalars(query))
