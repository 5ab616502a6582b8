"""Tasks' reminders, and workflow steps that are overdue."""

from collections.abc import Callable
from datetime import datetime

import structlog
from pydantic import ValidationError
from sqlalchemy import func, select

from crm.errors import CrmError, EditConflict
from crm.tasks import wake_at
from cti_server.store.changes import Changes
from cti_server.store.database import Database
from cti_server.store.tasks import Task, Tasks
from cti_server.store.tickets import Tickets

from .edit import SYSTEM, Edit
from .moving import locked
from .people import assign, with_role

log = structlog.get_logger()

AT_ONCE = 100  # tasks between two looks at what else is due


class Reminders:
    """The due work of tasks."""

    name = "reminders"
    records = frozenset({"task"})

    def __init__(self, database: Database, changes: Changes, new_id: Callable[[], str]) -> None:
        self._database = database
        self._changes = changes
        self._new_id = new_id

    async def earliest(self) -> datetime | None:
        async with self._database.readers() as session:
            return await session.scalar(select(func.min(Task.wake_at)))

    async def do(self, now: datetime) -> None:
        async with self._database.readers() as session:
            query = select(Task.id).where(Task.wake_at <= now).order_by(Task.wake_at)
            task_ids = (await session.scalars(query.limit(AT_ONCE))).all()
        for task_id in task_ids:
            try:
                async with self._changes.begin(SYSTEM) as change:
                    await attend_to(Edit(change, now, self._new_id), task_id)
            except EditConflict:
                continue  # somebody was faster; if it is still due, it comes again at once


async def attend_to(edit: Edit, task_id: str) -> None:
    """Do all that is due of the task."""
    task = await locked_task(edit, task_id)
    if task is None or task.wake_at is None or task.wake_at > edit.now:
        return
    since = task.wake_at
    overdue = task.escalate_at is not None and since <= task.escalate_at <= edit.now
    reminded = task.remind_at is not None and since <= task.remind_at <= edit.now
    if overdue:
        await _hand_over(edit, task)
    action = "overdue" if overdue else "reminded"
    if overdue or reminded:
        edit.tell("task", task.id, action, await _whose(edit, task))
    coming = [at for at in (task.remind_at, task.escalate_at) if at is not None and at > edit.now]
    task.wake_at = wake_at(task.state, *coming)


async def locked_task(edit: Edit, task_id: str) -> Task | None:
    """The task, and the ticket that it is for, which nobody else changes before the end."""
    tasks = Tasks(edit.session)
    task = await tasks.get(task_id)
    if task is not None and task.ticket_id is not None:  # whoever locks both begins with the ticket
        await Tickets(edit.session).locked(task.ticket_id)
    return None if task is None else await tasks.locked(task_id)


async def _hand_over(edit: Edit, task: Task) -> None:
    """Give an overdue step to whom its type says. A type that is broken by now says nobody."""
    if task.ticket_id is None:
        return
    try:
        ticket, kind = await locked(edit, task.ticket_id)
    except (CrmError, ValidationError):
        log.exception("tasks.step_unknown", task_id=task.id)
        return
    for step in kind.definition.workflow:
        if step.name == task.step and step.then_to is not None:
            to = await assign(edit.session, step.then_to, ticket)
            task.assignee_id, task.team, task.role = to.agent_id, to.team, to.role
            task.updated_at = edit.now


async def _whose(edit: Edit, task: Task) -> list[str]:
    if task.assignee_id is not None:
        return [task.assignee_id]
    if task.role is not None:
        return await with_role(edit.session, task.role, task.team)
    return []
