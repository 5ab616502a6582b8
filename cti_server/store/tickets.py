"""Tickets: what a customer wants of us that is not done at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, ForeignKey, Index, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from crm.timeline import Place, TimelineEntry

from .base import Base
from .places import before, behind
from .ticket_clocks import TicketClock
from .versions import Versioned


class Ticket(Versioned, Base, kw_only=True):
    """
    One complaint, fault, enquiry …

    ``number`` is what people say, ``serial`` the digits of it without the check digit. ``week`` is
    the ISO week of its opening in its calendar's time zone, as "2026-W47". ``resolved_at`` is None
    again when it is re-opened, so is ``closed_at``. ``recording_ids``: what the customer said of
    it when it was opened.
    """

    __tablename__ = "ticket"

    id: Mapped[str] = mapped_column(primary_key=True)
    serial: Mapped[int] = mapped_column(BigInteger, unique=True)
    number: Mapped[str] = mapped_column(unique=True)
    type: Mapped[str] = mapped_column(ForeignKey("ticket_type.id"))
    state: Mapped[str]
    state_since: Mapped[datetime]
    subject: Mapped[str]
    description: Mapped[str | None] = mapped_column(default=None)
    form: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    priority: Mapped[str] = mapped_column(default="normal")
    risk: Mapped[bool] = mapped_column(default=False)
    risk_note: Mapped[str | None] = mapped_column(default=None)
    customer_id: Mapped[str | None] = mapped_column(default=None)
    contact_id: Mapped[str | None] = mapped_column(default=None)
    recording_ids: Mapped[list[str]] = mapped_column(default_factory=list)
    queue: Mapped[str | None] = mapped_column(default=None)
    owner_id: Mapped[str | None] = mapped_column(default=None)
    team: Mapped[str | None] = mapped_column(default=None)
    reason_id: Mapped[str | None] = mapped_column(ForeignKey("ticket_reason.id"), default=None)
    cause_id: Mapped[str | None] = mapped_column(ForeignKey("ticket_reason.id"), default=None)
    resolution: Mapped[str | None] = mapped_column(default=None)
    week: Mapped[str]
    opened_at: Mapped[datetime]
    opened_by: Mapped[str]
    responded_at: Mapped[datetime | None] = mapped_column(default=None)
    resolved_at: Mapped[datetime | None] = mapped_column(default=None)
    closed_at: Mapped[datetime | None] = mapped_column(default=None)
    reopened: Mapped[int] = mapped_column(default=0)

    def seen_by(self, teams: frozenset[str] | None, agent_id: str) -> bool:
        """Whether it is nobody's, of one of these teams (None: any), or this agent's own."""
        return teams is None or self.team is None or self.team in teams or self.owner_id == agent_id


Index("ix_ticket_opened_at_id", Ticket.opened_at, Ticket.id)
Index("ix_ticket_customer_id_opened_at", Ticket.customer_id, Ticket.opened_at)
Index("ix_ticket_owner_id_opened_at", Ticket.owner_id, Ticket.opened_at)
Index(
    "ix_ticket_open_owner_id",
    Ticket.owner_id,
    sqlite_where=Ticket.closed_at.is_(None),
    postgresql_where=Ticket.closed_at.is_(None),
)
Index("ix_ticket_team_opened_at", Ticket.team, Ticket.opened_at)
Index("ix_ticket_queue_opened_at", Ticket.queue, Ticket.opened_at)
Index("ix_ticket_type_opened_at", Ticket.type, Ticket.opened_at)
Index("ix_ticket_week", Ticket.week)


class TicketMove(Base, kw_only=True):
    """A ticket came into a state; the first is its opening."""

    __tablename__ = "ticket_move"

    ticket_id: Mapped[str] = mapped_column(
        ForeignKey("ticket.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    state: Mapped[str]
    moved_by: Mapped[str]
    note: Mapped[str | None] = mapped_column(default=None)


class TicketComment(Base, kw_only=True):
    """What somebody wrote; ``to_customer``: the customer was told so."""

    __tablename__ = "ticket_comment"

    id: Mapped[str] = mapped_column(primary_key=True)
    ticket_id: Mapped[str] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"))
    at: Mapped[datetime]
    written_by: Mapped[str]
    text: Mapped[str]
    to_customer: Mapped[bool] = mapped_column(default=False)


Index("ix_ticket_comment_ticket_id_at", TicketComment.ticket_id, TicketComment.at)


class TicketContact(Base, kw_only=True):
    """A contact that was about this ticket."""

    __tablename__ = "ticket_contact"

    ticket_id: Mapped[str] = mapped_column(
        ForeignKey("ticket.id", ondelete="CASCADE"), primary_key=True
    )
    contact_id: Mapped[str] = mapped_column(primary_key=True, index=True)
    linked_at: Mapped[datetime]


class TicketCallBack(Base, kw_only=True):
    """The complainant was called to hear whether our answer is enough; or we tried to."""

    __tablename__ = "ticket_call_back"

    id: Mapped[str] = mapped_column(primary_key=True)
    ticket_id: Mapped[str] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    called_by: Mapped[str]
    reached: Mapped[bool]
    satisfied: Mapped[bool | None] = mapped_column(default=None)
    contact_id: Mapped[str | None] = mapped_column(default=None)
    note: Mapped[str | None] = mapped_column(default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketFilter:
    """
    Which tickets: None for any. ``teams``, ``agent_id``: of these teams and nobody's, or of this
    owner; ``customer_ids``: all ids that one customer had.
    """

    type: str | None = None
    state: str | None = None
    priority: str | None = None
    owner_id: str | None = None
    team: str | None = None
    queue: str | None = None
    customer_ids: Sequence[str] | None = None
    open: bool | None = None
    risk: bool | None = None
    teams: frozenset[str] | None = None
    agent_id: str | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        named = ("type", "state", "priority", "owner_id", "team", "queue", "risk")
        found: list[ColumnElement[bool]] = [
            getattr(Ticket, name) == value
            for name in named
            if (value := getattr(self, name)) is not None
        ]
        if self.customer_ids is not None:
            found.append(Ticket.customer_id.in_(self.customer_ids))
        if self.open is not None:
            found.append(Ticket.closed_at.is_(None) if self.open else Ticket.closed_at.is_not(None))
        if self.teams is not None:
            theirs = or_(Ticket.team.is_(None), Ticket.team.in_(self.teams))
            found.append(or_(theirs, Ticket.owner_id == self.agent_id))
        return found


class Tickets:
    """The stored tickets. The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    def add(self, ticket: Ticket) -> None:
        self._session.add(ticket)

    async def get(self, ticket_id: str) -> Ticket | None:
        return await self._session.get(Ticket, ticket_id)

    async def locked(self, ticket_id: str) -> Ticket | None:
        """The ticket, which nobody else changes before the transaction's end."""
        return await self._session.get(
            Ticket, ticket_id, with_for_update=True, populate_existing=True
        )

    async def page(
        self,
        wanted: "TicketFilter",
        limit: int,
        *,
        place: Place | None = None,
    ) -> Sequence[Ticket]:
        """The newest first, older than the place."""
        older = before(Ticket.opened_at, Ticket.id, place)
        query = select(Ticket).where(*wanted.conditions(), *older)
        query = query.order_by(Ticket.opened_at.desc(), Ticket.id.desc()).limit(limit)
        return (await self._session.scalars(query)).all()

    async def most_urgent(
        self,
        wanted: "TicketFilter",
        limit: int,
        *,
        clock: str = "resolution",
        since: datetime | None = None,
        until: datetime | None = None,
        place: Place | None = None,
    ) -> Sequence[tuple[Ticket, datetime]]:
        """Those whose clock runs, by when it is due; due in this time, behind the place."""
        due_at = TicketClock.due_at
        query = (
            select(Ticket, due_at)
            .join(TicketClock, TicketClock.ticket_id == Ticket.id)
            .where(TicketClock.kind == clock, TicketClock.met_at.is_(None), due_at.is_not(None))
            .where(*wanted.conditions(), *behind(due_at, Ticket.id, place))
        )
        if since is not None:
            query = query.where(due_at >= since)
        if until is not None:
            query = query.where(due_at < until)
        query = query.order_by(due_at, Ticket.id).limit(limit)
        return [(ticket, at) for ticket, at in await self._session.execute(query) if at]

    async def by_serial(self, serial: int) -> Ticket | None:
        return (await self._session.scalars(select(Ticket).filter_by(serial=serial))).one_or_none()

    async def open_of(self, customer_ids: Sequence[str], limit: int) -> Sequence[Ticket]:
        """What these customers still wait for, newest first."""
        query = (
            select(Ticket)
            .where(Ticket.customer_id.in_(customer_ids), Ticket.closed_at.is_(None))
            .order_by(Ticket.opened_at.desc(), Ticket.id.desc())
            .limit(limit)
        )
        return (await self._session.scalars(query)).all()

    async def recordings_of(self, contact_ids: Sequence[str]) -> set[str]:
        """What customers said in these contacts that some ticket names."""
        query = select(Ticket.recording_ids).where(Ticket.contact_id.in_(contact_ids))
        return {one for found in await self._session.scalars(query) for one in found}

    async def open_by_owner(self) -> dict[str, int]:
        """How many tickets each owner has that are not closed."""
        query = (
            select(Ticket.owner_id, func.count())
            .where(Ticket.closed_at.is_(None), Ticket.owner_id.is_not(None))
            .group_by(Ticket.owner_id)
        )
        rows = await self._session.execute(query)
        return {str(owner_id): count for owner_id, count in rows}


async def tickets_on_timeline(
    session: AsyncSession, customer_ids: Sequence[str], place: Place | None, limit: int
) -> list[TimelineEntry]:
    """What these customers wanted, by the moment of its opening."""
    wanted = TicketFilter(customer_ids=customer_ids)
    return [
        TimelineEntry(
            at=ticket.opened_at,
            kind="ticket",
            id=ticket.id,
            data={
                "number": ticket.number,
                "type": ticket.type,
                "state": ticket.state,
                "subject": ticket.subject,
                "priority": ticket.priority,
                "risk": ticket.risk,
                "owner_id": ticket.owner_id,
                "resolved_at": ticket.resolved_at,
                "closed_at": ticket.closed_at,
                "reopened": ticket.reopened,
            },
        )
        for ticket in await Tickets(session).page(wanted, limit, place=place)
    ]
