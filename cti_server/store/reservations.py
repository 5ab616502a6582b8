"""Reservations: slots with so many places, and who has booked how many of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import CheckConstraint, CursorResult, ForeignKey, Index, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from crm.errors import UnknownRecord
from crm.orders import SlotFull
from crm.timeline import Place

from .base import Base
from .places import before
from .versions import Versioned


class Slot(Base, kw_only=True):
    """Some time of something that can be booked: a fitter's morning, a table, a course."""

    __tablename__ = "slot"
    __table_args__ = (CheckConstraint("taken >= 0 AND taken <= capacity", name="ck_slot_taken"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    resource: Mapped[str]
    labels: Mapped[dict[str, str]]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    capacity: Mapped[int]
    taken: Mapped[int] = mapped_column(default=0)


Index("ix_slot_resource_starts_at", Slot.resource, Slot.starts_at)


class Reservation(Versioned, Base, kw_only=True):
    """Some places of a slot for a customer."""

    __tablename__ = "reservation"

    id: Mapped[str] = mapped_column(primary_key=True)
    slot_id: Mapped[str] = mapped_column(ForeignKey("slot.id"), index=True)
    state: Mapped[str]
    places: Mapped[int]
    customer_id: Mapped[str | None] = mapped_column(default=None)
    contact_id: Mapped[str | None] = mapped_column(default=None)
    team: Mapped[str | None] = mapped_column(default=None)
    taken_by: Mapped[str]
    note: Mapped[str | None] = mapped_column(default=None)

    def seen_by(self, teams: frozenset[str] | None) -> bool:
        return teams is None or self.team is None or self.team in teams


Index("ix_reservation_customer_id_created_at", Reservation.customer_id, Reservation.created_at)
Index("ix_reservation_created_at_id", Reservation.created_at, Reservation.id)


class Reservations:
    """The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def slots(
        self, since: datetime, limit: int, *, resource: str | None, after: Place | None
    ) -> Sequence[Slot]:
        """Those that begin from then on, the earliest first."""
        query = select(Slot).where(Slot.starts_at >= since)
        if resource is not None:
            query = query.where(Slot.resource == resource)
        if after is not None:
            later = or_(Slot.starts_at > after.at, Slot.id > after.id)
            query = query.where(Slot.starts_at >= after.at, later)
        query = query.order_by(Slot.starts_at, Slot.id).limit(limit)
        return (await self._session.scalars(query)).all()

    async def slot(self, slot_id: str) -> Slot:
        """Raises UnknownRecord."""
        slot = await self._session.get(Slot, slot_id)
        if slot is None:
            raise UnknownRecord("slot", slot_id)
        return slot

    async def take(self, slot_id: str, places: int) -> None:
        """
        Take places of the slot; below zero gives them back. Raises SlotFull.

        One statement that looks and takes: of two at once the second sees what the first took.
        """
        free = Slot.taken + places <= Slot.capacity
        statement = update(Slot).where(Slot.id == slot_id, free)
        result = await self._session.execute(statement.values(taken=Slot.taken + places))
        if cast(CursorResult[Any], result).rowcount != 1:
            raise SlotFull(places)

    async def need(
        self, reservation_id: str, teams: frozenset[str] | None, *, locked: bool = False
    ) -> Reservation:
        """Raises UnknownRecord, also for another team's."""
        query = select(Reservation).where(Reservation.id == reservation_id)
        if locked:
            query = query.with_for_update()
        found = (await self._session.scalars(query)).one_or_none()
        if found is None or not found.seen_by(teams):
            raise UnknownRecord("reservation", reservation_id)
        return found

    async def page(
        self,
        teams: frozenset[str] | None,
        limit: int,
        *,
        slot_id: str | None,
        customer_ids: Sequence[str] | None,
        place: Place | None,
    ) -> Sequence[Reservation]:
        """The newest first."""
        at, id = Reservation.created_at, Reservation.id
        query = select(Reservation).where(*before(at, id, place))
        if teams is not None:
            query = query.where(Reservation.team.is_(None) | Reservation.team.in_(teams))
        if slot_id is not None:
            query = query.where(Reservation.slot_id == slot_id)
        if customer_ids is not None:
            query = query.where(Reservation.customer_id.in_(customer_ids))
        return (
            await self._session.scalars(query.order_by(at.desc(), id.desc()).limit(limit))
        ).all()
