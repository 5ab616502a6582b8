"""Calls and their legs, as the log tells them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base, SequenceNumber


class Call(Base, kw_only=True):
    """One conversation over the phone, from arrival to the last leg's end."""

    __tablename__ = "call"

    id: Mapped[str] = mapped_column(primary_key=True)
    contact_id: Mapped[str] = mapped_column(index=True)
    sip_call_id: Mapped[str]
    caller_number: Mapped[str]
    dialled_number: Mapped[str]
    trunk: Mapped[str]
    arrived_at: Mapped[datetime] = mapped_column(index=True)
    answered_at: Mapped[datetime | None] = mapped_column(default=None)
    ended_at: Mapped[datetime | None] = mapped_column(default=None, index=True)
    result: Mapped[str | None] = mapped_column(default=None)
    reason: Mapped[str | None] = mapped_column(default=None)
    caller_leg_id: Mapped[str | None] = mapped_column(default=None)
    agent_leg_id: Mapped[str | None] = mapped_column(default=None)  # the latest one's


class Leg(Base, kw_only=True):
    """One party's part of a call. ``segment_id`` is the last conversation it took part in."""

    __tablename__ = "leg"

    id: Mapped[str] = mapped_column(primary_key=True)
    call_id: Mapped[str] = mapped_column(index=True)
    role: Mapped[str]
    party: Mapped[str]
    address: Mapped[str]
    agent_id: Mapped[str | None] = mapped_column(default=None)
    started_at: Mapped[datetime]
    answered_at: Mapped[datetime | None] = mapped_column(default=None)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    codec: Mapped[str | None] = mapped_column(default=None)
    result: Mapped[str | None] = mapped_column(default=None)
    reason: Mapped[str | None] = mapped_column(default=None)
    quality: Mapped[dict[str, float]] = mapped_column(default_factory=dict)
    segment_id: Mapped[int | None] = mapped_column(SequenceNumber, default=None)


class Calls:
    """The stored calls. The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, call_id: str) -> Call | None:
        return await self._session.get(Call, call_id)

    async def recent(self, limit: int, *, before: datetime | None = None) -> Sequence[Call]:
        """The calls that arrived last, latest first."""
        query = select(Call).order_by(Call.arrived_at.desc(), Call.id).limit(limit)
        if before is not None:
            query = query.where(Call.arrived_at < before)
        return (await self._session.scalars(query)).all()

    async def unended(self) -> Sequence[Call]:
        """The calls that the log has not seen the end of; after a crash, those it cut."""
        query = select(Call).where(Call.ended_at.is_(None)).order_by(Call.arrived_at)
        return (await self._session.scalars(query)).all()

    async def legs(self, call_ids: Sequence[str]) -> Sequence[Leg]:
        """The legs of these calls, in the order in which they began."""
        query = select(Leg).where(Leg.call_id.in_(call_ids)).order_by(Leg.started_at, Leg.id)
        return (await self._session.scalars(query)).all()
