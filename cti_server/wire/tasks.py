"""The resources of tasks and of the calendar of activities."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from .resource import Identifier, Line, Moment, Page, Resource, Text, Version

TaskKind = Literal["call", "visit", "sms", "mail", "other"]
"""By what means the customer hears of us. The server sends nothing by itself: whoever has a task of
the kind sms or mail writes to the customer, or the system that has taken it over the webhooks."""


class TaskCreate(Resource):
    """With ``starts_at`` and ``due_at`` an appointment. Without an assignee: whoever creates it."""

    title: Line
    notes: Text | None = None
    kind: TaskKind = "other"
    assignee_id: Identifier | None = None
    team: Identifier | None = None
    customer_id: Identifier | None = None
    ticket_id: Identifier | None = None
    starts_at: Moment | None = None
    due_at: Moment | None = None
    remind_at: Moment | None = None


class TaskEdit(Resource):
    """What is given is changed; null removes what may be missing."""

    version: Version
    title: Line = Field(default="-")
    notes: Text | None = None
    kind: TaskKind = "other"
    assignee_id: Identifier | None = None
    team: Identifier | None = None
    customer_id: Identifier | None = None
    starts_at: Moment | None = None
    due_at: Moment | None = None
    remind_at: Moment | None = None


class TaskEnd(Resource):
    """``outcome``: what came of it, in a line."""

    version: Version
    outcome: Line | None = None


class TaskVersion(Resource):
    version: Version


class TaskView(Resource):
    """``step``: of the workflow of its ticket's type."""

    id: str
    title: str
    notes: str | None
    kind: TaskKind
    state: Literal["open", "done", "cancelled"]
    assignee_id: str | None
    team: str | None
    role: str | None
    customer_id: str | None
    ticket_id: str | None
    step: str | None
    starts_at: datetime | None
    due_at: datetime | None
    remind_at: datetime | None
    created_by: str
    created_at: datetime
    ended_at: datetime | None
    ended_by: str | None
    outcome: str | None
    version: int


class TaskPage(Page[TaskView]):
    """By their due moment, those without one last."""


class CalendarEntry(Resource):
    """
    Something with a moment: ``kind`` is "appointment", "task" or "ticket" (due then).

    ``id`` is that of the task or ticket.
    """

    kind: Literal["appointment", "task", "ticket"]
    id: str
    title: str
    starts_at: datetime
    ends_at: datetime
    state: str
    assignee_id: str | None
    customer_id: str | None
    ticket_id: str | None


class ActivityCalendar(Resource):
    """What somebody has to do in a time, in order; ``complete``: nothing was left out."""

    agent_id: str | None
    since: datetime
    until: datetime
    complete: bool
    entries: list[CalendarEntry]
