"""Incidents: what the self-check came upon, and how it was put right."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Index, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base


class Incident(Base, kw_only=True):
    """
    One incident. It is open until ``healed_at``; ``action`` is the verb that put it right.

    ``kind`` is the fault's, ``subject`` the id of what it is about.
    """

    __tablename__ = "incident"

    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    subject: Mapped[str]
    found_at: Mapped[datetime]
    healed_at: Mapped[datetime | None] = mapped_column(default=None)
    action: Mapped[str] = mapped_column(default="")
    about_agent: Mapped[str | None] = mapped_column(default=None)
    contact_id: Mapped[str | None] = mapped_column(default=None)
    interaction_id: Mapped[str | None] = mapped_column(default=None)
    leg_id: Mapped[str | None] = mapped_column(default=None)
    detail: Mapped[str] = mapped_column(default="")


Index("ix_incident_found_at_id", Incident.found_at, Incident.id)


class Incidents:
    """The stored incidents. The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def page(
        self,
        limit: int,
        *,
        before: tuple[datetime, str] | None = None,
        kind: str | None = None,
        only_open: bool = False,
    ) -> Sequence[Incident]:
        """The newest first, those found before this moment and id."""
        query = select(Incident)
        if before is not None:
            query = query.where(tuple_(Incident.found_at, Incident.id) < before)
        if kind is not None:
            query = query.where(Incident.kind == kind)
        if only_open:
            query = query.where(Incident.healed_at.is_(None))
        query = query.order_by(Incident.found_at.desc(), Incident.id.desc()).limit(limit)
        return (await self._session.scalars(query)).all()
