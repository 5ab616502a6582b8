"""Wire views of tickets, field repairs and tasks."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.sla import read
from cti_server.store.tasks import Task
from cti_server.store.ticket_clocks import TicketClock
from cti_server.store.ticket_types import TicketTypes
from cti_server.store.tickets import Ticket
from cti_server.store.work_orders import WorkOrder
from cti_server.tickets import clocks
from cti_server.tickets.kinds import Kind, definition_of
from cti_server.wire.tasks import TaskView
from cti_server.wire.tickets import TicketClockView, TicketView
from cti_server.wire.work_orders import WorkOrderView

_PLAIN = [name for name in TicketView.model_fields if name not in {"may_become", "form", "clocks"}]


async def ticket_view(
    session: AsyncSession, ticket: Ticket, kind: Kind, now: datetime
) -> TicketView:
    """One ticket, whose clocks are read at this moment."""
    history = await clocks.turns_of(session, ticket, kind)
    rows = []
    for row in await clocks.of_ticket(session, ticket.id):
        met_at = clocks.met_at(ticket, row.kind)
        shown = read(history, timedelta(seconds=row.target), kind.calendar, now, met_at=met_at)
        rows.append(_clock_view(row, spent=int(shown.spent.total_seconds())))
    return _ticket_view(ticket, kind.definition.flow.moves.get(ticket.state, ()), rows)


async def ticket_views(session: AsyncSession, tickets: Sequence[Ticket]) -> list[TicketView]:
    """Some tickets, with two queries for all of them."""
    ids = [ticket.id for ticket in tickets]
    query = select(TicketClock).where(TicketClock.ticket_id.in_(ids)).order_by(TicketClock.kind)
    rows = (await session.scalars(query)).all() if ids else []
    flows = {one.id: definition_of(one).flow for one in await TicketTypes(session).all()}
    return [
        _ticket_view(
            ticket,
            flows[ticket.type].moves.get(ticket.state, ()),
            [_clock_view(row) for row in rows if row.ticket_id == ticket.id],
        )
        for ticket in tickets
    ]


def _ticket_view(
    ticket: Ticket, may_become: Iterable[str], rows: list[TicketClockView]
) -> TicketView:
    plain = {name: getattr(ticket, name) for name in _PLAIN}
    return TicketView(**plain, form=dict(ticket.form), may_become=list(may_become), clocks=rows)


def _clock_view(row: TicketClock, spent: int | None = None) -> TicketClockView:
    return TicketClockView(
        kind=row.kind,
        target=row.target,
        spent=spent,
        due_at=row.due_at,
        met_at=row.met_at,
        breached=row.breached,
    )


def work_order_view(order: WorkOrder) -> WorkOrderView:
    return WorkOrderView(**{name: getattr(order, name) for name in WorkOrderView.model_fields})


def task_view(task: Task) -> TaskView:
    return TaskView(**{name: getattr(task, name) for name in TaskView.model_fields})
