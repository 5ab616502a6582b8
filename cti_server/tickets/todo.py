"""Tasks: given to somebody, changed, ended; the end of a workflow's step begins the next."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crm.errors import InvalidField, NotNow
from crm.tasks import check_times, moved, wake_at
from cti_server.store.tasks import Task
from cti_server.store.tickets import Tickets

from . import steps
from .edit import Edit
from .moving import locked
from .opening import check_agent, known_customer


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTask:
    title: str
    notes: str | None = None
    kind: str = "other"
    assignee_id: str | None = None
    team: str | None = None
    role: str | None = None
    customer_id: str | None = None
    ticket_id: str | None = None
    starts_at: datetime | None = None
    due_at: datetime | None = None
    remind_at: datetime | None = None


async def create(edit: Edit, new: NewTask) -> Task:
    """Raises InvalidField. What is nobody's, no team's and no role's is for whoever creates it."""
    check_times(new.starts_at, new.due_at, new.remind_at)
    assignee_id = new.assignee_id
    if assignee_id is None and new.team is None and new.role is None:
        assignee_id = edit.by
    await check_agent(edit, "assignee_id", assignee_id)
    if new.ticket_id is not None and await Tickets(edit.session).get(new.ticket_id) is None:
        raise InvalidField("ticket_id", "there is no such ticket")
    task = Task(
        id=edit.new_id(),
        title=new.title,
        notes=new.notes,
        kind=new.kind,
        assignee_id=assignee_id,
        team=new.team,
        role=new.role,
        customer_id=await known_customer(edit, new.customer_id),
        ticket_id=new.ticket_id,
        starts_at=new.starts_at,
        due_at=new.due_at,
        remind_at=new.remind_at,
        wake_at=wake_at("open", new.remind_at),
        created_by=edit.by,
        created_at=edit.now,
        updated_at=edit.now,
    )
    edit.session.add(task)
    edit.change.record("task", task.id, "created", agent_id=_told(edit, task))
    return task


async def change(edit: Edit, task: Task, values: Mapping[str, Any]) -> None:
    """Change what is given, by the columns' names. Raises InvalidField."""
    values = dict(values)
    if "customer_id" in values:
        values["customer_id"] = await known_customer(edit, values["customer_id"])
    changed = {name for name, value in values.items() if getattr(task, name) != value}
    if "assignee_id" in changed:
        await check_agent(edit, "assignee_id", values["assignee_id"])
    for name in changed:
        setattr(task, name, values[name])
    check_times(task.starts_at, task.due_at, task.remind_at)
    if not changed:
        return
    if "due_at" in changed and task.escalate_at is not None:
        task.escalate_at = task.due_at
    task.wake_at = _next_wake(edit, task, anew="remind_at" in changed)
    task.updated_at = edit.now
    given = "assignee_id" in changed
    edit.change.record(
        "task",
        task.id,
        "assigned" if given else "updated",
        fields=changed,
        agent_id=_told(edit, task) if given else None,
    )


async def end(edit: Edit, task: Task, to: str, outcome: str | None) -> None:
    """Done, or not to be done; of a workflow the next step begins. Raises IllegalTaskStep."""
    task.state = moved(task.state, to)
    task.ended_at, task.ended_by, task.outcome = edit.now, edit.by, outcome
    task.wake_at, task.updated_at = None, edit.now
    edit.change.record("task", task.id, to, fields=["state"])
    await edit.session.flush()
    if task.step is not None and task.ticket_id is not None:
        ticket, kind = await locked(edit, task.ticket_id)
        await steps.begin_next(edit, ticket, kind, after=task.step)


def reopen(edit: Edit, task: Task) -> None:
    """Raises IllegalTaskStep; and NotNow for a step whose followers have begun."""
    if task.step is not None:
        raise NotNow("a step of a workflow is not re-opened")
    task.state = moved(task.state, "open")
    task.ended_at = task.ended_by = task.outcome = None
    task.wake_at, task.updated_at = _next_wake(edit, task), edit.now
    edit.change.record("task", task.id, "reopened", fields=["state"])


def _next_wake(edit: Edit, task: Task, *, anew: bool = False) -> datetime | None:
    """What is over stays over, but for a reminder that was set anew."""
    coming = [at for at in (task.remind_at, task.escalate_at) if at is not None and at > edit.now]
    if anew and task.remind_at is not None:
        coming.append(task.remind_at)
    return wake_at(task.state, *coming)


def _told(edit: Edit, task: Task) -> str | None:
    return task.assignee_id if task.assignee_id != edit.by else None
