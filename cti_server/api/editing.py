"""What routes that change something begin with: the edit, and the ticket that it is of."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from crm.errors import UnknownRecord
from cti_server.store.tickets import Ticket, Tickets
from cti_server.tickets.edit import Edit
from cti_server.tickets.kinds import Kind
from cti_server.tickets.moving import locked

from .parts import identity, parts


@asynccontextmanager
async def editing(request: web.Request) -> AsyncIterator[Edit]:
    """One transaction of whoever asks; what it did is in the log when the block has ended."""
    here = parts(request)
    async with here.changes.begin(identity(request).agent_id) as change:
        yield Edit(change, here.clock.now(), here.new_id)


async def need_ticket(session: AsyncSession, request: web.Request) -> Ticket:
    """The ticket of the path. Raises UnknownRecord, also for one that they may not see."""
    ticket_id, who = request.match_info["ticket_id"], identity(request)
    ticket = await Tickets(session).get(ticket_id)
    if ticket is None or not ticket.seen_by(who.teams, who.agent_id):
        raise UnknownRecord("ticket", ticket_id)
    return ticket


async def locked_ticket(edit: Edit, request: web.Request) -> tuple[Ticket, Kind]:
    """The same, to be changed."""
    ticket, kind = await locked(edit, request.match_info["ticket_id"])
    who = identity(request)
    if not ticket.seen_by(who.teams, who.agent_id):
        raise UnknownRecord("ticket", ticket.id)
    return ticket, kind
