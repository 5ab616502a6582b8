"""Tasks: what somebody has to do by some moment, for a customer, a ticket or by itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Index,
    UniqueConstraint,
    and_,
    func,
    or_,
    select,
    true,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from crm.timeline import Place, TimelineEntry

from .base import Base, UtcDateTime
from .places import before, behind
from .versions import Versioned

NEVER = datetime(9999, 1, 1, tzinfo=UTC)
"""Where what has no due moment stands in lists."""


class Task(Versioned, Base, kw_only=True):
    """
    Something to do; with ``starts_at`` and ``due_at`` an appointment.

    ``kind`` is by what means the customer hears of us: call, visit, sms, mail; or other.

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
    kind: Mapped[str] = mapped_column(default="other")
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
Index("ix_task_customer_id_created_at", Task.customer_id, Task.created_at)
Index("ix_task_due_at_id", Task.due_at, Task.id)
Index("ix_task_created_at_id", Task.created_at, Task.id)


class TeamTurn(Base, kw_only=True):
    """Who of a team was the last to get a task in turn."""

    __tablename__ = "team_turn"

    team: Mapped[str] = mapped_column(primary_key=True)
    agent_id: Mapped[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskViewer:
    """Whose eyes see which tasks: one's own, or (``any``) those of the ``teams`` (None: all)."""

    agent_id: str
    roles: tuple[str, ...]
    teams: frozenset[str] | None
    any: bool

    def condition(self) -> ColumnElement[bool]:
        own = or_(Task.assignee_id == self.agent_id, Task.created_by == self.agent_id)
        in_teams: ColumnElement[bool] = true()
        if self.teams is not None:
            in_teams = or_(Task.team.is_(None), Task.team.in_(self.teams))
        if self.any:
            return or_(own, in_teams)
        for_them = or_(Task.role.is_(None), Task.role.in_(self.roles))
        return or_(own, and_(Task.assignee_id.is_(None), for_them, in_teams))


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

    async def seen(self, task_id: str, viewer: TaskViewer) -> Task | None:
        query = select(Task).where(Task.id == task_id, viewer.condition())
        return (await self._session.scalars(query)).one_or_none()

    async def page(
        self,
        viewer: TaskViewer,
        limit: int,
        *,
        place: Place | None,
        **named: str | None,
    ) -> Sequence[Task]:
        """By their due moment, those without one last; ``named``: columns and their values."""
        due = func.coalesce(Task.due_at, NEVER, type_=UtcDateTime())
        query = select(Task).where(viewer.condition())
        for name, value in named.items():
            if value is not None:
                query = query.where(getattr(Task, name) == value)
        query = query.where(*behind(due, Task.id, place))
        return (await self._session.scalars(query.order_by(due, Task.id).limit(limit))).all()

    async def between(
        self, agent_id: str | None, viewer: TaskViewer, since: datetime, until: datetime, limit: int
    ) -> Sequence[Task]:
        """What lies in a time, by its beginning; of one agent or of all that the viewer sees."""
        begins = func.coalesce(Task.starts_at, Task.due_at, type_=UtcDateTime())
        query = select(Task).where(viewer.condition(), Task.state != "cancelled")
        query = query.where(begins < until, Task.due_at >= since)
        if agent_id is not None:
            query = query.where(Task.assignee_id == agent_id)
        return (await self._session.scalars(query.order_by(begins, Task.id).limit(limit))).all()

    async def of_ticket(self, ticket_id: str) -> Sequence[Task]:
        query = select(Task).where(Task.ticket_id == ticket_id)
        return (await self._session.scalars(query.order_by(Task.created_at, Task.id))).all()


async def tasks_on_timeline(
    session: AsyncSession, customer_ids: Sequence[str], place: Place | None, limit: int
) -> list[TimelineEntry]:
    """What was, or is, to be done for these customers, by the moment at which it was given."""
    query = (
        select(Task)
        .where(Task.customer_id.in_(customer_ids), *before(Task.created_at, Task.id, place))
        .order_by(Task.created_at.desc(), Task.id.desc())
        .limit(limit)
    )
    return [
        TimelineEntry(
            at=task.created_at,
            kind="task",
            id=task.id,
            data={
                "title": task.title,
                "state": task.state,
                "assignee_id": task.assignee_id,
                "ticket_id": task.ticket_id,
                "due_at": task.due_at,
                "ended_at": task.ended_at,
                "outcome": task.outcome,
            },
        )
        for task in await session.scalars(query)
    ]
