"""A ticket's way through its states, with all that hangs on it."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from sqlalchemy import func, select

from crm.errors import UnknownRecord
from crm.json_form import check_values
from crm.tickets import CallBack, Standing, check_closing, moved
from cti_server.store.tickets import Ticket, TicketCallBack, TicketMove, Tickets

from . import clocks, steps
from .edit import Edit
from .kinds import Kind, kind_of
from .opening import check_agent, check_reason, known_customer

_STANDING = [each.name for each in fields(Standing)]


async def locked(edit: Edit, ticket_id: str) -> tuple[Ticket, Kind]:
    """The ticket, which nobody else changes before this transaction's end. Raises UnknownRecord."""
    ticket = await Tickets(edit.session).locked(ticket_id)
    if ticket is None:
        raise UnknownRecord("ticket", ticket_id)
    return ticket, await kind_of(edit.session, ticket.type)


async def move(edit: Edit, ticket: Ticket, kind: Kind, to: str, note: str | None = None) -> None:
    """Raises IllegalMove, InvalidField and CallBackMissing."""
    flow = kind.definition.flow
    before = Standing(**{name: getattr(ticket, name) for name in _STANDING})
    after = moved(flow, before, to, edit.now)
    if after.closed_at is not None:
        check_closing(
            kind.definition,
            after,
            reason_id=ticket.reason_id,
            cause_id=ticket.cause_id,
            call_backs=await _call_backs(edit, ticket),
        )
    for name in _STANDING:
        setattr(ticket, name, getattr(after, name))
    await _note_move(edit, ticket, note)
    await clocks.reset(edit.session, ticket, kind, edit.now)
    again = after.reopened > before.reopened
    edit.change.record(
        "ticket",
        ticket.id,
        "reopened" if again else "closed" if after.closed_at else "moved",
        fields=["state"],
        agent_id=ticket.owner_id if ticket.owner_id != edit.by else None,
    )
    if after.closed_at is not None:
        await steps.cancel_open(edit, ticket)
    elif again and before.closed_at is not None:
        await steps.begin_next(edit, ticket, kind, after=None)


async def change(edit: Edit, ticket: Ticket, kind: Kind, values: Mapping[str, Any]) -> None:
    """Change what is given, by the columns' names. Raises InvalidField."""
    values = dict(values)
    if "form" in values:
        check_values(kind.definition.form, values["form"])
    if "customer_id" in values:
        values["customer_id"] = await known_customer(edit, values["customer_id"])
    if values.get("owner_id") != ticket.owner_id:
        await check_agent(edit, "owner_id", values.get("owner_id"))
    for name in ("reason", "cause"):
        if values.get(f"{name}_id") != getattr(ticket, f"{name}_id"):
            await check_reason(edit, ticket.type, name, values.get(f"{name}_id"))
    changed = {name for name, value in values.items() if getattr(ticket, name) != value}
    if not changed:
        return
    for name in changed:
        setattr(ticket, name, values[name])
    ticket.updated_at = edit.now
    if changed & {"priority", "customer_id"}:
        await edit.session.flush()
        await clocks.reset(edit.session, ticket, kind, edit.now, retarget=True)
    given = "owner_id" in changed and ticket.owner_id != edit.by
    edit.change.record(
        "ticket",
        ticket.id,
        "assigned" if "owner_id" in changed else "updated",
        fields=changed,
        agent_id=ticket.owner_id if given else None,
    )


async def respond(edit: Edit, ticket: Ticket, kind: Kind) -> None:
    """The customer got an answer; the first one stops the clock of the response."""
    if ticket.responded_at is None:
        ticket.responded_at = ticket.updated_at = edit.now
        await edit.session.flush()
        await clocks.reset(edit.session, ticket, kind, edit.now)


async def _note_move(edit: Edit, ticket: Ticket, note: str | None) -> None:
    ticket.updated_at = edit.now
    newest = select(func.max(TicketMove.position)).where(TicketMove.ticket_id == ticket.id)
    position = (await edit.session.scalar(newest) or 0) + 1
    edit.session.add(
        TicketMove(
            ticket_id=ticket.id,
            position=position,
            at=edit.now,
            state=ticket.state,
            moved_by=edit.by,
            note=note,
        )
    )
    await edit.session.flush()


async def _call_backs(edit: Edit, ticket: Ticket) -> list[CallBack]:
    query = select(TicketCallBack).where(TicketCallBack.ticket_id == ticket.id)
    return [CallBack(one.at, one.reached) for one in await edit.session.scalars(query)]
