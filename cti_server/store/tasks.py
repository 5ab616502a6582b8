"""Tasks: what somebody has to do by some moment, for a customer, a ticket or by itself."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base
from .versions import Versioned


class Task(Versioned, Base, kw_only=True):
    """
    Something to do; with ``starts_at`` and ``due_at`` an appointment.

    With a ``step`` it is one of its ticket type's workflow, begun in the ticket's ``round`` (how
    often it had been re-opened). Without an assignee it waits for whoever of the team, or with the
    role, takes it. ``wake_at`` is the earlier of ``remind_at`` and ``escalate_at`` that is still to
    come.
    """

    __tablename__ = "task"
    __table_args__ = (UniqueConstraint("ticket_id", "step", "round"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    notes: Mapped[str | None] = mapped_column(default=None)
    state: Mapped[str] = mapped_column(default="open")
    assignee_id: Mapped[str | None] = mapped_column(default=None)
    team: Mapped[str | None] = mapped_column(default=None)
    role: Mapped[str | None] = mapped_column(default=None)
    customer_id: Mapped[str | None] = mapped_column(default=None)
    ticket_id: Mapped[str | None] = mapped_column(
        ForeignKey("ticket.id", ondelete="CASCADE"), default=None
    )
    step: Mapped[str | None] = mapped_column(default=None)
    round: Mapped[int] = mapped_column(default=0)
    starts_at: Mapped[datetime | None] = mapped_column(default=None)
    due_at: Mapped[datetime | None] = mapped_column(default=None)
    remind_at: Mapped[datetime | None] = mapped_column(default=None)
    escalate_at: Mapped[datetime | None] = mapped_column(default=None)
    wake_at: Mapped[datetime | None] = mapped_column(default=None, index=True)
    created_by: Mapped[str]
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    ended_by: Mapped[str | None] = mapped_column(default=None)
    outcome: Mapped[str | None] = mapped_column(default=None)


Index("ix_task_assignee_id_due_at", Task.assignee_id, Task.due_at)
Index("ix_task_customer_id", Task.customer_id)
Index("ix_task_due_at_id", Task.due_at, Task.id)
Index("ix_task_created_at_id", Task.created_at, Task.id)


class TeamTurn(Base, kw_only=True):
    """Who of a team was the last to get a task in turn."""

    __tablename__ = "team_turn"

    team: Mapped[str] = mapped_column(primary_key=True)
    agent_id: Mapped[str]


class Tasks:
    """The stored tasks. The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    def add(self, task: Task) -> None:
        self._session.add(task)

    async def get(self, task_id: str) -> Task | None:
        return await self._session.get(Task, task_id)

    async def locked(self, task_id: str) -> Task | None:
        """The task, which nobody else changes before the transaction's end."""
        return await self._session.get(Task, task_id, with_for_update=True, populate_existing=True)

    async def of_ticket(self, ticket_id: str) -> Sequence[Task]:
        query = select(Task).where(Task.ticket_id == ticket_id)
        return (await self._session.scalars(query.order_by(Task.created_at, Task.id))).all()
