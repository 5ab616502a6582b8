"""Escalation: what is done when a ticket's clock has used up a share of its target."""

from collections.abc import Callable
from datetime import datetime

import structlog
from pydantic import ValidationError
from sqlalchemy import func, select, update

from crm.errors import CrmError, EditConflict
from crm.sla import Alarm
from crm.ticket_types import Escalation, Priority, Role
from cti_server.due import REST
from cti_server.store.changes import Changes
from cti_server.store.database import Database
from cti_server.store.ticket_clocks import TicketClock, TicketEscalation
from cti_server.store.tickets import Ticket

from . import clocks
from .edit import SYSTEM, Edit
from .kinds import Kind
from .moving import locked
from .people import assign, meant

log = structlog.get_logger()

AT_ONCE = 50  # tickets between two looks at what else is due
_RANK: dict[str, int] = {"low": 0, "normal": 1, "high": 2, "urgent": 3}


class Escalations:
    """The due work of tickets' clocks."""

    name = "escalations"
    records = frozenset({"ticket", "ticket_type", "working_calendar"})

    def __init__(self, database: Database, changes: Changes, new_id: Callable[[], str]) -> None:
        self._database = database
        self._changes = changes
        self._new_id = new_id

    async def earliest(self) -> datetime | None:
        async with self._database.readers() as session:
            return await session.scalar(select(func.min(TicketClock.wake_at)))

    async def do(self, now: datetime) -> None:
        async with self._database.readers() as session:
            query = (
                select(TicketClock.ticket_id)
                .where(TicketClock.wake_at <= now)
                .group_by(TicketClock.ticket_id)
                .order_by(func.min(TicketClock.wake_at))
                .limit(AT_ONCE)
            )
            ticket_ids = (await session.scalars(query)).all()
        for ticket_id in ticket_ids:
            await self._attend_to(ticket_id, now)

    async def _attend_to(self, ticket_id: str, now: datetime) -> None:
        try:
            async with self._changes.begin(SYSTEM) as change:
                await escalate(Edit(change, now, self._new_id), ticket_id)
        except EditConflict:
            return  # somebody was faster; it is still due, and comes again at once
        except (CrmError, ValidationError):
            log.exception("tickets.escalation_failed", ticket_id=ticket_id)
            async with self._database.sessions.begin() as session:
                late = TicketClock.ticket_id == ticket_id, TicketClock.wake_at <= now
                await session.execute(update(TicketClock).where(*late).values(wake_at=now + REST))


async def escalate(edit: Edit, ticket_id: str) -> None:
    """Take every step that is due of this ticket's clocks, and set them for the next."""
    ticket, kind = await locked(edit, ticket_id)
    history, retarget = await clocks.turns_of(edit.session, ticket, kind), False
    for row in await clocks.of_ticket(edit.session, ticket_id):
        if row.wake_at is None or row.wake_at > edit.now:
            continue
        for alarm in await clocks.waiting(edit.session, ticket, row, kind, history):
            if alarm.at <= edit.now:
                retarget |= await _take(edit, ticket, kind, row.kind, alarm)
        if row.risk_at is not None and row.risk_at <= edit.now and not row.at_risk:
            row.at_risk = True
            await _tell_of_risk(edit, ticket)
    await edit.session.flush()
    await clocks.reset(edit.session, ticket, kind, edit.now, retarget=retarget)


async def _tell_of_risk(edit: Edit, ticket: Ticket) -> None:
    """Its owner and the supervisors: while there is time to do something about it."""
    told = set(await meant(edit.session, Role(rule="role", role="supervisor"), ticket))
    told.update([ticket.owner_id] if ticket.owner_id is not None else [])
    edit.tell("ticket", ticket.id, "at_risk", sorted(told))


async def _take(edit: Edit, ticket: Ticket, kind: Kind, clock: str, alarm: Alarm) -> bool:
    """Whether the ticket has another priority now."""
    step = kind.definition.escalation[alarm.index]
    changed = await _act(edit, ticket, step)
    told = sorted({one for rule in step.tell for one in await meant(edit.session, rule, ticket)})
    if "owner_id" in changed and ticket.owner_id is not None and ticket.owner_id not in told:
        told.append(ticket.owner_id)
    edit.session.add(
        TicketEscalation(
            ticket_id=ticket.id,
            round=ticket.reopened,
            clock=clock,
            step=alarm.index,
            due_at=alarm.at,
            at=edit.now,
            told=told,
        )
    )
    edit.tell("ticket", ticket.id, "escalated", told, fields=changed)
    return "priority" in changed


async def _act(edit: Edit, ticket: Ticket, step: Escalation) -> list[str]:
    """Hand the ticket over and raise its priority, if the step says so; return what changed."""
    changed = []
    if step.hand_to is not None:
        to = await assign(edit.session, step.hand_to, ticket)
        if (to.agent_id, to.team) != (ticket.owner_id, ticket.team):
            ticket.owner_id, ticket.team = to.agent_id, to.team
            changed += ["owner_id", "team"]
    if _raises(step.raise_to, ticket.priority):
        ticket.priority = str(step.raise_to)
        changed.append("priority")
    if changed:
        ticket.updated_at = edit.now
    return changed


def _raises(to: Priority | None, priority: str) -> bool:
    return to is not None and _RANK[to] > _RANK.get(priority, 0)
