"""A ticket is opened: by an agent, a menu, another system."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crm.errors import InvalidField, UnknownRecord
from crm.json_form import check_values
from crm.tickets import FIRST_SERIAL, number_of, opened
from cti_server.store.agents import Agents
from cti_server.store.customers import Customers
from cti_server.store.ticket_types import TicketTypes, next_number
from cti_server.store.tickets import Ticket, TicketContact, TicketMove

from . import clocks, steps
from .edit import Edit
from .kinds import Kind, kind_of


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTicket:
    """
    What whoever opens it says; the rest is the type's.

    ``id``: of one that may be asked for twice, and is opened once.
    """

    id: str | None = None
    type: str
    subject: str
    description: str | None = None
    form: Mapping[str, Any] = field(default_factory=dict)
    priority: str = "normal"
    risk: bool = False
    risk_note: str | None = None
    customer_id: str | None = None
    contact_id: str | None = None
    recording_ids: Sequence[str] = ()
    queue: str | None = None
    team: str | None = None
    owner_id: str | None = None
    reason_id: str | None = None


async def open_ticket(edit: Edit, new: NewTicket) -> Ticket:
    """Raises UnknownRecord for the type, and InvalidField."""
    kind = await kind_of(edit.session, new.type)
    if not kind.active:
        raise InvalidField("type", "is not in use any more")
    check_values(kind.definition.form, new.form)
    await check_reason(edit, new.type, "reason", new.reason_id)
    await check_agent(edit, "owner_id", new.owner_id)
    serial = await next_number(edit.session, "ticket", first=FIRST_SERIAL)
    ticket = _ticket(edit, new, kind, serial, await known_customer(edit, new.customer_id))
    edit.session.add(ticket)
    await edit.session.flush()
    edit.session.add(
        TicketMove(
            ticket_id=ticket.id, position=0, at=edit.now, state=ticket.state, moved_by=edit.by
        )
    )
    if new.contact_id is not None:
        edit.session.add(
            TicketContact(ticket_id=ticket.id, contact_id=new.contact_id, linked_at=edit.now)
        )
    await edit.session.flush()
    await clocks.reset(edit.session, ticket, kind, edit.now)
    told = ticket.owner_id if ticket.owner_id != edit.by else None
    edit.change.record("ticket", ticket.id, "created", agent_id=told)
    await steps.begin_next(edit, ticket, kind, after=None)
    return ticket


def _ticket(edit: Edit, new: NewTicket, kind: Kind, serial: int, customer_id: str | None) -> Ticket:
    definition = kind.definition
    standing = opened(definition.flow, edit.now)
    return Ticket(
        id=new.id or edit.new_id(),
        serial=serial,
        number=number_of(definition.prefix, serial),
        type=kind.id,
        state=standing.state,
        state_since=standing.state_since,
        responded_at=standing.responded_at,
        subject=new.subject,
        description=new.description,
        form=dict(new.form),
        priority=new.priority,
        risk=new.risk or definition.risk,
        risk_note=new.risk_note,
        customer_id=customer_id,
        contact_id=new.contact_id,
        recording_ids=list(new.recording_ids),
        queue=new.queue or definition.queue,
        team=new.team or definition.team,
        owner_id=new.owner_id,
        reason_id=new.reason_id,
        week=kind.calendar.week_of(edit.now),
        opened_at=edit.now,
        opened_by=edit.by,
        created_at=edit.now,
        updated_at=edit.now,
    )


async def known_customer(edit: Edit, customer_id: str | None) -> str | None:
    """
    The customer's id by now, who may have been merged into another.

    Raises InvalidField, and NotNow for one that was erased.
    """
    if customer_id is None:
        return None
    try:
        return (await Customers(edit.session).need_whole(customer_id, None)).id
    except UnknownRecord:
        raise InvalidField("customer_id", "there is no such customer") from None


async def check_agent(edit: Edit, field: str, agent_id: str | None) -> None:
    """Raises InvalidField."""
    if agent_id is not None and await Agents(edit.session).get(agent_id) is None:
        raise InvalidField(field, "there is no such agent")


async def check_reason(edit: Edit, type_id: str, kind: str, reason_id: str | None) -> None:
    """Raises InvalidField for a reason (``kind``: or root cause) that is not of this type."""
    if reason_id is None:
        return
    reason = await TicketTypes(edit.session).reason(reason_id)
    field = "reason_id" if kind == "reason" else "cause_id"
    if reason is None or reason.kind != kind or not reason.active:
        raise InvalidField(field, f"there is no such {kind}")
    if reason.types and type_id not in reason.types:
        raise InvalidField(field, f"is not for tickets of the type {type_id!r}")
