"""What hangs on a ticket: comments, contacts, call-backs to the complainant, its history."""

from aiohttp import web

from crm.errors import InvalidField, UnknownRecord
from crm.timeline import Place
from cti_server.store.contacts import Contact
from cti_server.store.ticket_notes import TicketNotes
from cti_server.store.tickets import TicketCallBack, TicketComment
from cti_server.tickets import moving
from cti_server.tickets.edit import Edit
from cti_server.wire.tickets import (
    CommentCreate,
    CommentPage,
    CommentView,
    ContactLink,
    LinkedContact,
    TicketCallBackCreate,
    TicketCallBackView,
    TicketEscalationView,
    TicketHistory,
    TicketMoveView,
)

from .editing import editing, locked_ticket, need_ticket
from .paging import PAGING, after, cursor, limit
from .parts import parts
from .routing import Routes, answer, read
from .tickets import WRITE

routes = Routes()


@routes.add(
    "GET",
    "/api/v1/tickets/{ticket_id}/comments",
    needs=("tickets.read",),
    answers=CommentPage,
    query=PAGING,
)
async def list_ticket_comments(request: web.Request) -> web.Response:
    """What was written on a ticket, the newest first."""
    most = limit(request)
    async with parts(request).database.readers() as session:
        ticket = await need_ticket(session, request)
        place = after(request, Place)
        found = await TicketNotes(session, ticket.id).comments(most, place=place)
    more = cursor(found[-1].at, found[-1].id) if len(found) == most else None
    return answer(CommentPage(items=[_comment_view(one) for one in found], next=more))


@routes.add(
    "POST",
    "/api/v1/tickets/{ticket_id}/comments",
    needs=WRITE,
    body=CommentCreate,
    answers=CommentView,
    status=201,
)
async def comment_on_ticket(request: web.Request) -> web.Response:
    """Write on a ticket; the first that is told to the customer is the response."""
    wanted = await read(request, CommentCreate)
    async with editing(request) as edit:
        ticket, kind = await locked_ticket(edit, request)
        comment = TicketComment(
            id=edit.new_id(),
            ticket_id=ticket.id,
            at=edit.now,
            written_by=edit.by,
            text=wanted.text,
            to_customer=wanted.to_customer,
        )
        edit.session.add(comment)
        told = ticket.owner_id if ticket.owner_id != edit.by else None
        edit.change.record("ticket", ticket.id, "commented", agent_id=told)
        if wanted.to_customer:
            await moving.respond(edit, ticket, kind)
    return answer(_comment_view(comment), status=201)


@routes.add(
    "GET",
    "/api/v1/tickets/{ticket_id}/history",
    needs=("tickets.read",),
    answers=TicketHistory,
)
async def get_ticket_history(request: web.Request) -> web.Response:
    """What a ticket went through: states, escalations, call-backs, contacts."""
    async with parts(request).database.readers() as session:
        notes = TicketNotes(session, (await need_ticket(session, request)).id)
        history = TicketHistory(
            moves=[
                TicketMoveView(at=one.at, state=one.state, moved_by=one.moved_by, note=one.note)
                for one in await notes.moves()
            ],
            escalations=[
                TicketEscalationView(
                    clock=one.clock, step=one.step, due_at=one.due_at, at=one.at, told=one.told
                )
                for one in await notes.escalations()
            ],
            call_backs=[_call_back_view(one) for one in await notes.call_backs()],
            contacts=[
                LinkedContact(contact_id=one.contact_id, linked_at=one.linked_at)
                for one in await notes.contacts()
            ],
        )
    return answer(history)


@routes.add(
    "POST",
    "/api/v1/tickets/{ticket_id}/contacts",
    needs=WRITE,
    body=ContactLink,
    answers=LinkedContact,
    status=201,
)
async def link_contact(request: web.Request) -> web.Response:
    """A contact was about this ticket."""
    wanted = await read(request, ContactLink)
    async with editing(request) as edit:
        ticket, _ = await locked_ticket(edit, request)
        await _need_contact(edit, wanted.contact_id)
        await TicketNotes(edit.session, ticket.id).link(wanted.contact_id, edit.now)
        edit.change.record("ticket", ticket.id, "linked", fields=["contacts"])
    return answer(LinkedContact(contact_id=wanted.contact_id, linked_at=edit.now), status=201)


@routes.add(
    "DELETE",
    "/api/v1/tickets/{ticket_id}/contacts/{contact_id}",
    needs=WRITE,
    status=204,
)
async def unlink_contact(request: web.Request) -> web.Response:
    """The contact was about something else."""
    contact_id = request.match_info["contact_id"]
    async with editing(request) as edit:
        ticket, _ = await locked_ticket(edit, request)
        if not await TicketNotes(edit.session, ticket.id).unlink(contact_id):
            raise UnknownRecord("linked contact", contact_id)
        edit.change.record("ticket", ticket.id, "unlinked", fields=["contacts"])
    return web.Response(status=204)


@routes.add(
    "POST",
    "/api/v1/tickets/{ticket_id}/call-backs",
    needs=WRITE,
    body=TicketCallBackCreate,
    answers=TicketCallBackView,
    status=201,
)
async def record_ticket_call_back(request: web.Request) -> web.Response:
    """The complainant was called, or was not reached: what has to be there before closing."""
    wanted = await read(request, TicketCallBackCreate)
    if wanted.satisfied is not None and not wanted.reached:
        raise InvalidField("satisfied", "is known only of who was reached")
    async with editing(request) as edit:
        ticket, _ = await locked_ticket(edit, request)
        if wanted.contact_id is not None:
            await _need_contact(edit, wanted.contact_id)
            await TicketNotes(edit.session, ticket.id).link(wanted.contact_id, edit.now)
        call_back = TicketCallBack(
            id=edit.new_id(),
            ticket_id=ticket.id,
            at=edit.now,
            called_by=edit.by,
            reached=wanted.reached,
            satisfied=wanted.satisfied,
            contact_id=wanted.contact_id,
            note=wanted.note,
        )
        edit.session.add(call_back)
        edit.change.record("ticket", ticket.id, "called_back")
    return answer(_call_back_view(call_back), status=201)


async def _need_contact(edit: Edit, contact_id: str) -> None:
    """Raises InvalidField."""
    if await edit.session.get(Contact, contact_id) is None:
        raise InvalidField("contact_id", "there is no such contact")


def _comment_view(comment: TicketComment) -> CommentView:
    return CommentView(**{name: getattr(comment, name) for name in CommentView.model_fields})


def _call_back_view(one: TicketCallBack) -> TicketCallBackView:
    names = TicketCallBackView.model_fields
    return TicketCallBackView(**{name: getattr(one, name) for name in names})
