"""Tickets: opened, found, changed and moved through their states."""

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from crm.errors import UnknownRecord
from crm.tickets import serial_of
from crm.timeline import Place
from cti_server.store.customers import Customers
from cti_server.store.tickets import Ticket, TicketFilter, Tickets
from cti_server.store.versions import check_version
from cti_server.tickets import moving
from cti_server.tickets.kinds import kind_of
from cti_server.tickets.opening import NewTicket, open_ticket
from cti_server.wire.tickets import (
    TicketCreate,
    TicketEdit,
    TicketMoveTo,
    TicketPage,
    TicketTake,
    TicketView,
)

from .editing import editing, locked_ticket, need_ticket
from .paging import PAGING, after, cursor, limit
from .parameters import flag, moment, named
from .parts import identity, parts
from .problems import BadRequest
from .routing import Query, Routes, answer, read
from .ticket_views import ticket_view, ticket_views

routes = Routes()

WRITE = ("tickets.write", "tickets.manage")
_FILTERS = (
    Query("number", "string", "what people say, with or without the letters; the rest is ignored"),
    Query("customer_id", "string", "of this customer"),
    *(Query(name) for name in ("type", "state", "priority", "owner_id", "team", "queue")),
    Query("open", "boolean", "not closed yet, or closed"),
    Query("risk", "boolean", "with or without the risk flag"),
    Query("order", "string", "newest (default), or due: what is not resolved, most urgent first"),
    Query("due_before", "string", "with order=due: resolution due before this moment (RFC 3339)"),
)


@routes.add(
    "GET",
    "/api/v1/tickets",
    needs=("tickets.read",),
    answers=TicketPage,
    query=(*PAGING, *_FILTERS),
)
async def list_tickets(request: web.Request) -> web.Response:
    """The tickets that fit, the newest or the most urgent first."""
    most = limit(request)
    place = after(request, Place)
    async with parts(request).database.readers() as session:
        if "number" in request.query:
            one = await _by_number(session, request)
            return answer(TicketPage(items=await ticket_views(session, [one])))
        wanted = await _wanted(session, request)
        match request.query.get("order", "newest"):
            case "newest":
                found = list(await Tickets(session).page(wanted, most, place=place))
                ends = [(ticket.opened_at, ticket.id) for ticket in found]
            case "due":
                until = moment(request, "due_before")
                pairs = await Tickets(session).most_urgent(wanted, most, until=until, place=place)
                found = [ticket for ticket, _ in pairs]
                ends = [(at, ticket.id) for ticket, at in pairs]
            case _:
                raise BadRequest("order: must be newest or due")
        items = await ticket_views(session, found)
    return answer(TicketPage(items=items, next=cursor(*ends[-1]) if len(ends) == most else None))


@routes.add(
    "POST",
    "/api/v1/tickets",
    needs=WRITE,
    body=TicketCreate,
    answers=TicketView,
    status=201,
)
async def create_ticket(request: web.Request) -> web.Response:
    """Open a ticket: it gets its number, its clocks, and the first step of its workflow."""
    wanted = await read(request, TicketCreate)
    new = NewTicket(**{name: getattr(wanted, name) for name in TicketCreate.model_fields})
    async with editing(request) as edit:
        ticket = await open_ticket(edit, new)
        kind = await kind_of(edit.session, ticket.type)
        await edit.session.flush()
        view = await ticket_view(edit.session, ticket, kind, edit.now)
    return answer(view, status=201)


@routes.add("GET", "/api/v1/tickets/{ticket_id}", needs=("tickets.read",), answers=TicketView)
async def get_ticket(request: web.Request) -> web.Response:
    """A ticket, with what its clocks show now."""
    here = parts(request)
    async with here.database.readers() as session:
        ticket = await need_ticket(session, request)
        kind = await kind_of(session, ticket.type)
        return answer(await ticket_view(session, ticket, kind, here.clock.now()))


@routes.add(
    "PATCH",
    "/api/v1/tickets/{ticket_id}",
    needs=WRITE,
    body=TicketEdit,
    answers=TicketView,
)
async def edit_ticket(request: web.Request) -> web.Response:
    """Change what is given of a ticket."""
    wanted = await read(request, TicketEdit)
    values = {name: getattr(wanted, name) for name in wanted.model_fields_set - {"version"}}
    async with editing(request) as edit:
        ticket, kind = await locked_ticket(edit, request)
        check_version(ticket, wanted.version)
        await moving.change(edit, ticket, kind, values)
        await edit.session.flush()
        view = await ticket_view(edit.session, ticket, kind, edit.now)
    return answer(view)


@routes.add(
    "POST",
    "/api/v1/tickets/{ticket_id}/move",
    needs=WRITE,
    body=TicketMoveTo,
    answers=TicketView,
)
async def move_ticket(request: web.Request) -> web.Response:
    """Move a ticket into another state, which may resolve, close or re-open it."""
    wanted = await read(request, TicketMoveTo)
    known = wanted.model_fields_set & {"reason_id", "cause_id", "resolution"}
    async with editing(request) as edit:
        ticket, kind = await locked_ticket(edit, request)
        check_version(ticket, wanted.version)
        await moving.change(edit, ticket, kind, {name: getattr(wanted, name) for name in known})
        await moving.move(edit, ticket, kind, wanted.state, wanted.note)
        await edit.session.flush()
        view = await ticket_view(edit.session, ticket, kind, edit.now)
    return answer(view)


@routes.add(
    "POST",
    "/api/v1/tickets/{ticket_id}/take",
    needs=WRITE,
    body=TicketTake,
    answers=TicketView,
)
async def take_ticket(request: web.Request) -> web.Response:
    """Make it one's own."""
    wanted = await read(request, TicketTake)
    async with editing(request) as edit:
        ticket, kind = await locked_ticket(edit, request)
        check_version(ticket, wanted.version)
        await moving.change(edit, ticket, kind, {"owner_id": edit.by})
        await edit.session.flush()
        view = await ticket_view(edit.session, ticket, kind, edit.now)
    return answer(view)


async def _wanted(session: AsyncSession, request: web.Request) -> TicketFilter:
    who, customer_id = identity(request), named(request, "customer_id")
    return TicketFilter(
        type=named(request, "type"),
        state=named(request, "state"),
        priority=named(request, "priority"),
        owner_id=named(request, "owner_id"),
        team=named(request, "team"),
        queue=named(request, "queue"),
        customer_ids=None
        if customer_id is None
        else await Customers(session).names_of(customer_id),
        open=flag(request, "open"),
        risk=flag(request, "risk"),
        teams=who.teams,
        agent_id=who.agent_id,
    )


async def _by_number(session: AsyncSession, request: web.Request) -> Ticket:
    """Raises BadRequest for what is no number: the check digit tells a typo."""
    number, who = request.query["number"], identity(request)
    serial = serial_of(number)
    if serial is None:
        raise BadRequest("number: is no ticket's number; one digit is wrong, or two are swapped")
    ticket = await Tickets(session).by_serial(serial)
    if ticket is None or not ticket.seen_by(who.teams, who.agent_id):
        raise UnknownRecord("ticket", number)
    return ticket
