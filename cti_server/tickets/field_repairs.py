"""Field repairs: a work order for an outside crew, and what it reports."""

from dataclasses import dataclass
from datetime import datetime

from crm.errors import InvalidField, NotNow
from crm.tickets import number_of
from crm.work_orders import ENDED, cancelled, reported
from cti_server.store.ticket_types import next_number
from cti_server.store.tickets import Ticket, TicketComment
from cti_server.store.work_orders import WorkOrder, WorkOrderReport, WorkOrders

from .edit import Edit
from .kinds import Kind
from .moving import locked, move

PREFIX = "W"
FIRST_SERIAL = 10_001


class NoFieldRepair(NotNow):
    def __init__(self, type_id: str) -> None:
        super().__init__(f"tickets of the type {type_id!r} are not dispatched")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrder:
    """What the crew is told."""

    instructions: str
    address: str | None = None
    crew: str | None = None
    not_before: datetime | None = None
    not_after: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A message of the crew's system; ``message_id`` is its own."""

    message_id: str
    state: str
    at: datetime
    note: str | None = None
    crew: str | None = None


async def order(edit: Edit, ticket: Ticket, kind: Kind, new: NewOrder) -> WorkOrder:
    """
    Send a crew. The outside system hears of it as of every change, and reads the order.

    Raises NoFieldRepair, and NotNow while another order of the ticket is under way.
    """
    if kind.definition.dispatch is None or ticket.closed_at is not None:
        raise NoFieldRepair(ticket.type)
    for other in await WorkOrders(edit.session).of_ticket(ticket.id):
        if other.state not in ENDED:
            raise NotNow(f"the work order {other.number} is {other.state}")
    serial = await next_number(edit.session, "work_order", first=FIRST_SERIAL)
    made = WorkOrder(
        id=edit.new_id(),
        number=number_of(PREFIX, serial),
        ticket_id=ticket.id,
        state="sent",
        instructions=new.instructions,
        address=new.address,
        crew=new.crew,
        not_before=new.not_before,
        not_after=new.not_after,
        ordered_by=edit.by,
        created_at=edit.now,
        updated_at=edit.now,
    )
    edit.session.add(made)
    edit.change.record("work_order", made.id, "created")
    await _follow(edit, ticket, kind, made)
    return made


async def cancel(edit: Edit, made: WorkOrder) -> None:
    """Take the order back. Raises OrderEnded."""
    made.state = cancelled(made.state)
    made.ended_at = made.updated_at = edit.now
    edit.change.record("work_order", made.id, "cancelled", fields=["state"])


async def report(edit: Edit, order_id: str, said: Report) -> WorkOrder:
    """
    Take in a message of the crew's. One that came before, or was overtaken, changes nothing.

    Raises UnknownRecord.
    """
    orders = WorkOrders(edit.session)
    ticket, kind = await locked(edit, (await orders.need(order_id)).ticket_id)
    made = await orders.locked(order_id)  # whoever locks both begins with the ticket
    if await orders.report(order_id, said.message_id) is not None:
        return made
    edit.session.add(
        WorkOrderReport(
            work_order_id=order_id,
            message_id=said.message_id,
            state=said.state,
            at=said.at,
            received_at=edit.now,
            reported_by=edit.by,
            note=said.note,
        )
    )
    state = reported(made.state, said.state)
    if state is None:
        edit.change.record("work_order", made.id, "reported")
        return made
    made.state, made.reported_at, made.updated_at = state, said.at, edit.now
    made.crew = said.crew or made.crew
    made.ended_at = edit.now if state in ENDED else None
    owner = [ticket.owner_id] if ticket.owner_id is not None else []
    edit.tell("work_order", made.id, state, owner, fields=["state"])
    if said.note is not None:
        edit.session.add(_comment(edit, ticket, made, said.note))
    await _follow(edit, ticket, kind, made)
    return made


async def _follow(edit: Edit, ticket: Ticket, kind: Kind, made: WorkOrder) -> None:
    """Move the ticket where its type says; where its flow does not lead there, it stays."""
    moves = kind.definition.dispatch.moves if kind.definition.dispatch is not None else {}
    to = moves.get(made.state)
    if to is None or to == ticket.state:
        return
    try:
        await move(edit, ticket, kind, to, note=f"{made.number}: {made.state}")
    except (NotNow, InvalidField):
        edit.change.record("ticket", ticket.id, "not_moved", agent_id=ticket.owner_id)


def _comment(edit: Edit, ticket: Ticket, made: WorkOrder, note: str) -> TicketComment:
    return TicketComment(
        id=edit.new_id(),
        ticket_id=ticket.id,
        at=edit.now,
        written_by=edit.by,
        text=f"{made.number} {made.state}: {note}",
    )
