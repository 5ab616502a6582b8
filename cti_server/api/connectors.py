"""Other systems: what can be asked of them, and asking."""

import hashlib

from aiohttp import web

from crm.errors import InvalidField, UnknownRecord
from cti_server.connectors.calls import Connectors
from cti_server.store.tickets import Tickets
from cti_server.wire.connectors import (
    ConnectorAnswer,
    ConnectorCall,
    ConnectorView,
    OperationView,
)
from cti_server.wire.events import RecordRead

from .editing import editing
from .idempotency import HEADER
from .parts import identity, parts
from .routing import Routes, answer, answer_many, read

routes = Routes()

NEEDS = ("connectors.use",)


@routes.add("GET", "/api/v1/connectors", needs=NEEDS, answers=ConnectorView, many=True)
async def connectors(request: web.Request) -> web.Response:
    """The systems that this centre is connected to, what they can be asked, and how they are."""
    found = parts(request).connectors
    return answer_many([_view(found, name) for name in sorted(found.lines)])


@routes.add(
    "POST",
    "/api/v1/connectors/{connector}/{operation}",
    needs=NEEDS,
    body=ConnectorCall,
    answers=ConnectorAnswer,
)
async def call_connector(request: web.Request) -> web.Response:
    """Ask another system for a customer; that it was asked, and by whom, is kept for the audit."""
    wanted, who, here = await read(request, ConnectorCall), identity(request), parts(request)
    name, operation = request.match_info["connector"], request.match_info["operation"]
    risk = here.connectors.operation(name, operation).risk
    if wanted.ticket_id is not None:
        await _check_ticket(request, wanted.ticket_id, risk)
    said = await here.connectors.call(name, operation, wanted.values, _key(request))
    here.log.append(
        RecordRead(record="connector", record_id=name, what=operation, read_by=who.agent_id)
    )
    if wanted.ticket_id is not None and risk is not None and said[risk] is True:
        await _mark(request, wanted.ticket_id, f"{name}: {operation}")
    return answer(ConnectorAnswer(answer=dict(said)))


async def _check_ticket(request: web.Request, ticket_id: str, risk: str | None) -> None:
    """Raises NotPermitted, UnknownRecord and InvalidField, before anybody else is asked."""
    who = identity(request)
    who.need("tickets.write")
    if risk is None:
        raise InvalidField("ticket_id", "this operation tells of no risk")
    async with parts(request).database.readers() as session:
        ticket = await Tickets(session).get(ticket_id)
    if ticket is None or not ticket.seen_by(who.teams, who.agent_id):
        raise UnknownRecord("ticket", ticket_id)


async def _mark(request: web.Request, ticket_id: str, note: str) -> None:
    """The ticket is a risk from now on, and its owner is told."""
    async with editing(request) as edit:
        ticket = await Tickets(edit.session).locked(ticket_id)
        if ticket is None or ticket.risk:
            return
        ticket.risk, ticket.risk_note, ticket.updated_at = True, note, edit.now
        fields = ["risk", "risk_note"]
        edit.change.record("ticket", ticket.id, "updated", fields=fields, agent_id=ticket.owner_id)


def _key(request: web.Request) -> str:
    """The same for the same request of the same caller, for the other system to know it by."""
    given = request.headers.get(HEADER)
    if given is None:
        return parts(request).new_id()
    whole = "\0".join((identity(request).agent_id, request.path, given))
    return hashlib.sha256(whole.encode()).hexdigest()


def _view(found: Connectors, name: str) -> ConnectorView:
    line = found.lines[name]
    return ConnectorView(
        name=name,
        kind=line.settings.kind,
        operations=[
            OperationView(
                name=each,
                parameters=dict(operation.parameters),
                tells_risk=operation.risk is not None,
            )
            for each, operation in line.connector.operations.items()
        ],
        asked=line.health.asked,
        refused=line.health.refused,
        failed=line.health.failed,
        spared=line.health.spared,
        resting=found.resting(name),
        failure=line.health.failure,
        elapsed=line.health.elapsed,
    )
