"""Tickets: what a customer wants of us that is not done at once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base
from .versions import Versioned


class Ticket(Versioned, Base, kw_only=True):
    """
    One complaint, fault, enquiry …

    ``number`` is what people say, ``serial`` the digits of it without the check digit. ``week`` is
    the ISO week of its opening in its calendar's time zone, as "2026-W47". ``resolved_at`` is None
    again when it is re-opened, so is ``closed_at``.
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


Index("ix_ticket_opened_at_id", Ticket.opened_at, Ticket.id)
Index("ix_ticket_customer_id_opened_at", Ticket.customer_id, Ticket.opened_at)
Index("ix_ticket_owner_id_opened_at", Ticket.owner_id, Ticket.opened_at)
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

    async def open_of(self, customer_ids: Sequence[str], limit: int) -> Sequence[Ticket]:
        """What these customers still wait for, newest first."""
        query = (
            select(Ticket)
            .where(Ticket.customer_id.in_(customer_ids), Ticket.closed_at.is_(None))
            .order_by(Ticket.opened_at.desc(), Ticket.id.desc())
            .limit(limit)
        )
        return (await self._session.scalars(query)).all()
