"""The types of tickets: data that an administrator writes and everybody reads."""

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.errors import InvalidField, NotNow, UnknownRecord
from crm.ticket_types import Definition
from cti_server.store.ticket_clocks import TicketClock
from cti_server.store.ticket_types import TicketType, TicketTypes
from cti_server.store.tickets import Ticket
from cti_server.store.versions import check_version
from cti_server.tickets import clocks
from cti_server.tickets.edit import Edit
from cti_server.tickets.kinds import definition_of, stored
from cti_server.wire.ticket_types import TicketTypeCreate, TicketTypeEdit, TicketTypeView

from .editing import editing
from .parameters import VERSION, version_to_delete
from .parts import parts
from .routing import Routes, answer, answer_many, read

routes = Routes()


@routes.add(
    "GET", "/api/v1/ticket-types", needs=("tickets.read",), answers=TicketTypeView, many=True
)
async def list_ticket_types(request: web.Request) -> web.Response:
    """Every type, with its form, states, targets, escalation and workflow."""
    async with parts(request).database.readers() as session:
        found = await TicketTypes(session).all()
    return answer_many([_view(one) for one in found])


@routes.add(
    "GET", "/api/v1/ticket-types/{type_id}", needs=("tickets.read",), answers=TicketTypeView
)
async def get_ticket_type(request: web.Request) -> web.Response:
    """One type."""
    async with parts(request).database.readers() as session:
        return answer(_view(await _need(session, request)))


@routes.add(
    "POST",
    "/api/v1/ticket-types",
    needs=("tickets.types",),
    body=TicketTypeCreate,
    answers=TicketTypeView,
    status=201,
)
async def create_ticket_type(request: web.Request) -> web.Response:
    """Define a new type."""
    wanted = await read(request, TicketTypeCreate)
    async with editing(request) as edit:
        await _check_calendar(edit, wanted.calendar_id)
        made = TicketType(
            id=wanted.id,
            calendar_id=wanted.calendar_id,
            definition=stored(wanted.definition),
            created_at=edit.now,
            updated_at=edit.now,
        )
        edit.session.add(made)
        edit.change.record("ticket_type", made.id, "created")
        await edit.session.flush()
    return answer(_view(made), status=201)


@routes.add(
    "PUT",
    "/api/v1/ticket-types/{type_id}",
    needs=("tickets.types",),
    body=TicketTypeEdit,
    answers=TicketTypeView,
)
async def edit_ticket_type(request: web.Request) -> web.Response:
    """Define a type anew; what was promised for its open tickets stays promised."""
    wanted = await read(request, TicketTypeEdit)
    async with editing(request) as edit:
        found = await _need(edit.session, request)
        check_version(found, wanted.version)
        await _check_calendar(edit, wanted.calendar_id)
        await _check_states(edit, found, wanted.definition)
        found.calendar_id, found.active = wanted.calendar_id, wanted.active
        found.definition, found.updated_at = stored(wanted.definition), edit.now
        await edit.session.flush()
        theirs = select(Ticket.id).where(Ticket.type == found.id)
        await clocks.look_again(edit.session, edit.now, TicketClock.ticket_id.in_(theirs))
        edit.change.record("ticket_type", found.id, "updated", fields=["definition"])
    return answer(_view(found))


@routes.add(
    "DELETE",
    "/api/v1/ticket-types/{type_id}",
    needs=("tickets.types",),
    status=204,
    query=(VERSION,),
)
async def delete_ticket_type(request: web.Request) -> web.Response:
    """Remove a type that no ticket has ever had; others are made inactive."""
    async with editing(request) as edit:
        found = await _need(edit.session, request)
        check_version(found, version_to_delete(request))
        ticket = select(Ticket.id).where(Ticket.type == found.id).limit(1)
        if await edit.session.scalar(ticket) is not None:
            raise NotNow("there are tickets of this type; make it inactive instead")
        await edit.session.delete(found)
        edit.change.record("ticket_type", found.id, "deleted")
    return web.Response(status=204)


async def _need(session: AsyncSession, request: web.Request) -> TicketType:
    """Raises UnknownRecord."""
    type_id = request.match_info["type_id"]
    found = await TicketTypes(session).get(type_id)
    if found is None:
        raise UnknownRecord("ticket_type", type_id)
    return found


async def _check_calendar(edit: Edit, calendar_id: str) -> None:
    """Raises InvalidField."""
    if await TicketTypes(edit.session).calendar(calendar_id) is None:
        raise InvalidField("calendar_id", "there is no such calendar")


async def _check_states(edit: Edit, found: TicketType, definition: Definition) -> None:
    """Raises NotNow if a ticket is in a state that would be no more."""
    states = select(Ticket.state).where(Ticket.type == found.id).distinct()
    if gone := sorted(set(await edit.session.scalars(states)) - set(definition.flow.states)):
        raise NotNow(f"there are tickets that are {gone[0]!r}; keep that state")


def _view(found: TicketType) -> TicketTypeView:
    return TicketTypeView(
        id=found.id,
        calendar_id=found.calendar_id,
        active=found.active,
        definition=definition_of(found),
        version=found.version,
        updated_at=found.updated_at,
    )
