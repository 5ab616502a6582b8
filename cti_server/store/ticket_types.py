"""What tickets are made by: working calendars, types, reasons, and the numbers that people say."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base
from .inserts import add_if_missing
from .versions import Versioned


class WorkingCalendar(Versioned, Base, kw_only=True):
    """When somebody works: ``definition`` is a :class:`crm.calendars.Hours`."""

    __tablename__ = "working_calendar"

    id: Mapped[str] = mapped_column(primary_key=True)
    definition: Mapped[dict[str, Any]]


class TicketType(Versioned, Base, kw_only=True):
    """A kind of ticket: ``definition`` is a :class:`crm.ticket_types.Definition`."""

    __tablename__ = "ticket_type"

    id: Mapped[str] = mapped_column(primary_key=True)
    calendar_id: Mapped[str] = mapped_column(ForeignKey("working_calendar.id"))
    active: Mapped[bool] = mapped_column(default=True)
    definition: Mapped[dict[str, Any]]


class TicketReason(Versioned, Base, kw_only=True):
    """
    Why customers come ("reason") or what was wrong with us ("cause"), in two levels.

    ``types``: for tickets of these types only; empty for all.
    """

    __tablename__ = "ticket_reason"

    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("ticket_reason.id"), default=None)
    labels: Mapped[dict[str, str]]
    types: Mapped[list[str]] = mapped_column(default_factory=list)
    position: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)


Index("ix_ticket_reason_parent_id", TicketReason.parent_id)


class NumberSeries(Base, kw_only=True):
    """The last number given out under a name."""

    __tablename__ = "number_series"

    name: Mapped[str] = mapped_column(primary_key=True)
    last: Mapped[int] = mapped_column(BigInteger)


class TicketTypes:
    """The stored types, calendars and reasons. The caller owns the session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, type_id: str) -> TicketType | None:
        return await self._session.get(TicketType, type_id)

    async def all(self) -> Sequence[TicketType]:
        return (await self._session.scalars(select(TicketType).order_by(TicketType.id))).all()

    async def calendar(self, calendar_id: str) -> WorkingCalendar | None:
        return await self._session.get(WorkingCalendar, calendar_id)

    async def calendars(self) -> Sequence[WorkingCalendar]:
        query = select(WorkingCalendar).order_by(WorkingCalendar.id)
        return (await self._session.scalars(query)).all()

    async def reason(self, reason_id: str) -> TicketReason | None:
        return await self._session.get(TicketReason, reason_id)

    async def reasons(self) -> Sequence[TicketReason]:
        """All, each parent before its children."""
        query = select(TicketReason).order_by(
            TicketReason.kind,
            func.coalesce(TicketReason.parent_id, ""),
            TicketReason.position,
            TicketReason.id,
        )
        return (await self._session.scalars(query)).all()


async def next_number(session: AsyncSession, name: str, *, first: int) -> int:
    """The next number of a series; two transactions never get the same."""
    await add_if_missing(session, NumberSeries, name=name, last=first - 1)
    query = (
        update(NumberSeries)
        .where(NumberSeries.name == name)
        .values(last=NumberSeries.last + 1)
        .returning(NumberSeries.last)
    )
    return (await session.execute(query)).scalar_one()
