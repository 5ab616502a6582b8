"""The clocks that run against a ticket, and what was done when they ran down."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base


class TicketClock(Base, kw_only=True):
    """
    How long we may take for the first response, or for the resolution.

    All but ``calendar_id`` and ``target`` (seconds of opening hours) is derived from the ticket's
    moves by :mod:`crm.sla`. ``due_at`` is None while the clock stands still; ``wake_at`` is when
    it has to be looked at next: something escalates, or its calendar was changed. ``spent``: of
    one that was met, in seconds. ``risk_at``: when a breach becomes more likely than not, if it
    goes on as now (:mod:`crm.breach`); ``at_risk``: somebody was told so.
    """

    __tablename__ = "ticket_clock"

    ticket_id: Mapped[str] = mapped_column(
        ForeignKey("ticket.id", ondelete="CASCADE"), primary_key=True
    )
    kind: Mapped[str] = mapped_column(primary_key=True)
    calendar_id: Mapped[str] = mapped_column(ForeignKey("working_calendar.id"))
    target: Mapped[int]
    due_at: Mapped[datetime | None] = mapped_column(default=None)
    met_at: Mapped[datetime | None] = mapped_column(default=None)
    breached: Mapped[bool] = mapped_column(default=False)
    spent: Mapped[int | None] = mapped_column(default=None)
    risk_at: Mapped[datetime | None] = mapped_column(default=None, index=True)
    at_risk: Mapped[bool] = mapped_column(default=False)
    wake_at: Mapped[datetime | None] = mapped_column(default=None, index=True)


Index("ix_ticket_clock_due_at", TicketClock.due_at)


class TicketEscalation(Base, kw_only=True):
    """A step of the escalation that was taken: once for each clock, step and re-opening."""

    __tablename__ = "ticket_escalation"

    ticket_id: Mapped[str] = mapped_column(
        ForeignKey("ticket.id", ondelete="CASCADE"), primary_key=True
    )
    round: Mapped[int] = mapped_column(primary_key=True)
    clock: Mapped[str] = mapped_column(primary_key=True)
    step: Mapped[int] = mapped_column(primary_key=True)
    due_at: Mapped[datetime]
    at: Mapped[datetime]
    told: Mapped[list[str]]
