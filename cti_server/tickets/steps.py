"""A type's workflow: the next task of a ticket when the one before it is done."""

from datetime import timedelta
from typing import Any

from crm.tasks import wake_at
from crm.ticket_types import Step
from crm.workflow import next_step
from cti_server.store.tasks import Task, Tasks
from cti_server.store.tickets import Ticket

from .clocks import tier_of
from .edit import Edit
from .kinds import Kind
from .people import assign


async def begin_next(edit: Edit, ticket: Ticket, kind: Kind, *, after: str | None) -> Task | None:
    """Give somebody the first fitting step behind the one named; None at the workflow's end."""
    steps = kind.definition.workflow
    if not steps or ticket.closed_at is not None:
        return None
    step = next_step(steps, after, await facts_of(edit, ticket))
    if step is None:
        return None
    task = await _task(edit, ticket, kind, step)
    edit.session.add(task)
    await edit.session.flush()
    edit.change.record("task", task.id, "created", agent_id=task.assignee_id)
    return task


async def cancel_open(edit: Edit, ticket: Ticket) -> None:
    """The ticket is over, and so is what was still to do of its workflow."""
    for task in await Tasks(edit.session).of_ticket(ticket.id):
        if task.step is not None and task.state == "open":
            task.state, task.wake_at = "cancelled", None
            task.ended_at, task.ended_by, task.updated_at = edit.now, edit.by, edit.now
            edit.change.record("task", task.id, "cancelled", fields=["state"])


async def facts_of(edit: Edit, ticket: Ticket) -> dict[str, Any]:
    """What the conditions of a step may ask for."""
    return {
        "priority": ticket.priority,
        "risk": ticket.risk,
        "queue": ticket.queue,
        "team": ticket.team,
        "tier": await tier_of(edit.session, ticket),
        **{f"form.{name}": value for name, value in ticket.form.items()},
    }


async def _task(edit: Edit, ticket: Ticket, kind: Kind, step: Step) -> Task:
    to = await assign(edit.session, step.who, ticket)

    def after(minutes: int | None) -> Any:
        if minutes is None:
            return None
        return kind.calendar.after(edit.now, timedelta(minutes=minutes))

    due_at, remind_at = after(step.due), after(step.remind)
    escalate_at = due_at if step.then_to is not None else None
    return Task(
        id=edit.new_id(),
        title=f"{ticket.number} {step.labels.zh} / {step.labels.en}",
        assignee_id=to.agent_id,
        team=to.team,
        role=to.role,
        customer_id=ticket.customer_id,
        ticket_id=ticket.id,
        step=step.name,
        round=ticket.reopened,
        due_at=due_at,
        remind_at=remind_at,
        escalate_at=escalate_at,
        wake_at=wake_at("open", remind_at, escalate_at),
        created_by=edit.by,
        created_at=edit.now,
        updated_at=edit.now,
    )
