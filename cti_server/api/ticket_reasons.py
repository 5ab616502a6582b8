"""Why customers come and what was wrong with us: reasons and root causes, in two levels."""

from aiohttp import web
from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.errors import InvalidField, NotNow, UnknownRecord
from crm.labels import Labels
from cti_server.store.ticket_types import TicketReason, TicketTypes
from cti_server.store.tickets import Ticket
from cti_server.store.versions import check_version
from cti_server.tickets.edit import Edit
from cti_server.wire.ticket_types import TicketReasonCreate, TicketReasonEdit, TicketReasonView

from .editing import editing
from .parameters import VERSION, version_to_delete
from .parts import parts
from .routing import Routes, answer, answer_many, read

routes = Routes()


@routes.add(
    "GET",
    "/api/v1/ticket-reasons",
    needs=("tickets.read",),
    answers=TicketReasonView,
    many=True,
)
async def list_ticket_reasons(request: web.Request) -> web.Response:
    """Every reason and root cause, each parent before its children."""
    async with parts(request).database.readers() as session:
        found = await TicketTypes(session).reasons()
    return answer_many([_view(one) for one in found])


@routes.add(
    "POST",
    "/api/v1/ticket-reasons",
    needs=("tickets.types",),
    body=TicketReasonCreate,
    answers=TicketReasonView,
    status=201,
)
async def create_ticket_reason(request: web.Request) -> web.Response:
    """Define a new reason, at the first level or below one of it."""
    wanted = await read(request, TicketReasonCreate)
    async with editing(request) as edit:
        await _check_parent(edit, wanted)
        made = TicketReason(
            id=wanted.id,
            kind=wanted.kind,
            parent_id=wanted.parent_id,
            labels=wanted.labels.model_dump(),
            types=list(wanted.types),
            position=wanted.position,
            created_at=edit.now,
            updated_at=edit.now,
        )
        edit.session.add(made)
        edit.change.record("ticket_reason", made.id, "created")
        await edit.session.flush()
    return answer(_view(made), status=201)


@routes.add(
    "PUT",
    "/api/v1/ticket-reasons/{reason_id}",
    needs=("tickets.types",),
    body=TicketReasonEdit,
    answers=TicketReasonView,
)
async def edit_ticket_reason(request: web.Request) -> web.Response:
    """Name it anew, put it elsewhere in its list, or make it inactive."""
    wanted = await read(request, TicketReasonEdit)
    async with editing(request) as edit:
        found = await _need(edit.session, request)
        check_version(found, wanted.version)
        found.labels, found.types = wanted.labels.model_dump(), list(wanted.types)
        found.position, found.active = wanted.position, wanted.active
        found.updated_at = edit.now
        edit.change.record("ticket_reason", found.id, "updated")
        await edit.session.flush()
    return answer(_view(found))


@routes.add(
    "DELETE",
    "/api/v1/ticket-reasons/{reason_id}",
    needs=("tickets.types",),
    status=204,
    query=(VERSION,),
)
async def delete_ticket_reason(request: web.Request) -> web.Response:
    """Remove a reason that no ticket ever had; others are made inactive."""
    async with editing(request) as edit:
        found = await _need(edit.session, request)
        check_version(found, version_to_delete(request))
        ticket = select(Ticket.id).where(
            or_(Ticket.reason_id == found.id, Ticket.cause_id == found.id)
        )
        below = select(TicketReason.id).where(TicketReason.parent_id == found.id)
        for query in (ticket, below):
            if await edit.session.scalar(query.limit(1)) is not None:
                raise NotNow("it is in use; make it inactive instead")
        await edit.session.delete(found)
        edit.change.record("ticket_reason", found.id, "deleted")
    return web.Response(status=204)


async def _need(session: AsyncSession, request: web.Request) -> TicketReason:
    """Raises UnknownRecord."""
    reason_id = request.match_info["reason_id"]
    found = await TicketTypes(session).reason(reason_id)
    if found is None:
        raise UnknownRecord("ticket_reason", reason_id)
    return found


async def _check_parent(edit: Edit, wanted: TicketReasonCreate) -> None:
    """Raises InvalidField: there are two levels, of one kind."""
    if wanted.parent_id is None:
        return
    parent = await TicketTypes(edit.session).reason(wanted.parent_id)
    if parent is None or parent.kind != wanted.kind or parent.parent_id is not None:
        raise InvalidField("parent_id", f"must be a {wanted.kind} of the first level")


def _view(found: TicketReason) -> TicketReasonView:
    return TicketReasonView(
        id=found.id,
        kind=found.kind,
        parent_id=found.parent_id,
        labels=Labels.model_validate(found.labels),
        types=list(found.types),
        position=found.position,
        active=found.active,
        version=found.version,
    )
