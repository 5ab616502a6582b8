"""Alerts: what a supervisor is to look at, and whether somebody has."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Index, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base


class Alert(Base, kw_only=True):
    """One alert; open until ``acknowledged_at``."""

    __tablename__ = "alert"

    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    raised_at: Mapped[datetime]
    contact_id: Mapped[str] = mapped_column(index=True)
    about_agent: Mapped[str | None] = mapped_column(default=None)
    queue: Mapped[str | None] = mapped_column(default=None)
    interaction_id: Mapped[str | None] = mapped_column(default=None)
    recording_id: Mapped[str | None] = mapped_column(default=None)
    ticket_number: Mapped[str | None] = mapped_column(default=None)
    acknowledged_at: Mapped[datetime | None] = mapped_column(default=None)
    acknowledged_by: Mapped[str | None] = mapped_column(default=None)


Index("ix_alert_raised_at_id", Alert.raised_at, Alert.id)


class Alerts:
    """The stored alerts. The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def page(
        self,
        limit: int,
        seen: Sequence[ColumnElement[bool]],
        *,
        before: tuple[datetime, str] | None = None,
        only_open: bool = False,
    ) -> Sequence[Alert]:
        """The newest first, those raised before this moment and id; ``seen``: for whoever asks."""
        query = select(Alert).where(*seen)
        if before is not None:
            query = query.where(tuple_(Alert.raised_at, Alert.id) < before)
        if only_open:
            query = query.where(Alert.acknowledged_at.is_(None))
        query = query.order_by(Alert.raised_at.desc(), Alert.id.desc()).limit(limit)
        return (await self._session.scalars(query)).all()

    async def get(self, alert_id: str, seen: Sequence[ColumnElement[bool]]) -> Alert | None:
        query = select(Alert).where(Alert.id == alert_id, *seen)
        return (await self._session.scalars(query)).one_or_none()
