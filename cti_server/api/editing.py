"""What the routes of tickets and tasks begin with: the edit, the record, the filters."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from aiohttp import web
from pydantic import TypeAdapter, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from crm.errors import UnknownRecord
from cti_server.store.tickets import Ticket, Tickets
from cti_server.tickets.edit import Edit
from cti_server.tickets.kinds import Kind
from cti_server.tickets.moving import locked
from cti_server.wire.resource import LARGEST_NUMBER, Moment

from .parts import identity, parts
from .problems import BadRequest
from .routing import Query, number

VERSION = Query("version", "integer", "the version that was read")
_MOMENT = TypeAdapter(Moment)
_NAME = re.compile(r"[A-Za-z0-9][\w.:-]{0,63}", re.ASCII)


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


def named(request: web.Request, parameter: str) -> str | None:
    """An id or a name from the query. Raises BadRequest."""
    text = request.query.get(parameter)
    if text is not None and _NAME.fullmatch(text) is None:
        raise BadRequest(f"{parameter}: must be a name or an id")
    return text


def version_to_delete(request: web.Request) -> int:
    """Which version was read by whoever deletes it. Raises BadRequest."""
    if VERSION.name not in request.query:
        raise BadRequest("version: say which version was read")
    return number(request, VERSION.name, default=0, most=LARGEST_NUMBER)


def flag(request: web.Request, parameter: str) -> bool | None:
    """Raises BadRequest."""
    text = request.query.get(parameter)
    if text not in {None, "true", "false"}:
        raise BadRequest(f"{parameter}: must be true or false")
    return None if text is None else text == "true"


def moment(request: web.Request, parameter: str) -> datetime | None:
    """An aware moment from the query (RFC 3339), in UTC. Raises BadRequest."""
    text = request.query.get(parameter)
    if text is None:
        return None
    try:
        at = _MOMENT.validate_strings(text.replace(" ", "+"))  # a plus that was not escaped
    except ValidationError as error:
        raise BadRequest(f"{parameter}: must be a moment with its offset (RFC 3339)") from error
    return at.astimezone(UTC)
