"""What was promised to customers, and which of it is at risk."""

from datetime import timedelta

from aiohttp import web

from crm.breach import AT_RISK, of_ticket
from crm.errors import InvalidField
from crm.sla import read as read_clock
from cti_server.store.service_promises import ServicePromise, ServicePromises
from cti_server.store.ticket_histories import TicketHistories
from cti_server.store.versions import check_version
from cti_server.tickets import clocks
from cti_server.tickets.edit import Edit
from cti_server.tickets.kinds import kind_of
from cti_server.tickets.opening import known_customer
from cti_server.wire.service_promises import (
    PromiseCreate,
    PromiseEdit,
    PromiseView,
    TicketRisk,
    WaitRiskView,
)

from .editing import editing
from .parameters import VERSION, number, version_to_delete
from .parts import identity, parts
from .routing import Query, Routes, answer, answer_many, read

routes = Routes()

_PATH = "/api/v1/service-promises/{promise_id}"
_LIMIT = Query("limit", "integer", "at most this many, 1 to 200; 50 if not given")


@routes.add(
    "GET",
    "/api/v1/service-promises",
    needs=("customers.read",),
    answers=PromiseView,
    many=True,
)
async def list_service_promises(request: web.Request) -> web.Response:
    """What tiers and customers may expect."""
    async with parts(request).database.readers() as session:
        return answer_many([_view(one) for one in await ServicePromises(session).all()])


@routes.add(
    "POST",
    "/api/v1/service-promises",
    needs=("promises.manage",),
    body=PromiseCreate,
    answers=PromiseView,
    status=201,
)
async def create_service_promise(request: web.Request) -> web.Response:
    """Promise something."""
    wanted = await read(request, PromiseCreate)
    async with editing(request) as edit:
        made = ServicePromise(
            id=edit.new_id(),
            labels=wanted.labels.model_dump(),
            tier=wanted.tier,
            customer_id=await known_customer(edit, wanted.customer_id),
            terms=wanted.terms.model_dump(mode="json"),
            active_from=wanted.active_from,
            active_to=wanted.active_to,
            created_at=edit.now,
            updated_at=edit.now,
        )
        _check_period(made)
        edit.session.add(made)
        edit.change.record("service_promise", made.id, "created")
        await edit.session.flush()
    return answer(_view(made), 201)


@routes.add("PATCH", _PATH, needs=("promises.manage",), body=PromiseEdit, answers=PromiseView)
async def edit_service_promise(request: web.Request) -> web.Response:
    """Promise something else from now on; tickets that are open keep what they were promised."""
    wanted = await read(request, PromiseEdit)
    async with editing(request) as edit:
        promise = await _named(edit, request, wanted.version)
        fields = wanted.model_fields_set - {"version"}
        if wanted.labels is not None:
            promise.labels = wanted.labels.model_dump()
        if wanted.terms is not None:
            promise.terms = wanted.terms.model_dump(mode="json")
        for name in fields & {"active_from", "active_to"}:
            setattr(promise, name, getattr(wanted, name))
        _check_period(promise)
        promise.updated_at = edit.now
        edit.change.record("service_promise", promise.id, "updated", fields=fields)
        await edit.session.flush()
    return answer(_view(promise))


@routes.add("DELETE", _PATH, needs=("promises.manage",), status=204, query=(VERSION,))
async def delete_service_promise(request: web.Request) -> web.Response:
    """Promise it no more."""
    async with editing(request) as edit:
        promise = await _named(edit, request, version_to_delete(request))
        await edit.session.delete(promise)
        edit.change.record("service_promise", promise.id, "deleted")
    return web.Response(status=204)


@routes.add(
    "GET",
    "/api/v1/ticket-risks",
    needs=("tickets.read",),
    answers=TicketRisk,
    many=True,
    query=(_LIMIT,),
)
async def list_ticket_risks(request: web.Request) -> web.Response:
    """The tickets that will be late, the likeliest first; those without a history by their time."""
    here, most = parts(request), number(request, "limit", default=50, most=200)
    now, risks = here.clock.now(), []
    async with here.database.readers() as session:
        stored = TicketHistories(session)
        for ticket, row in await stored.at_risk(identity(request).teams, most):
            kind = await kind_of(session, ticket.type)
            target = timedelta(seconds=row.target)
            turns = await clocks.turns_of(session, ticket, kind)
            spent = read_clock(turns, target, kind.calendar, now, met_at=None).spent
            curve = await stored.curve(ticket.type, row.kind)
            probability = of_ticket(curve, spent.total_seconds(), row.target)
            risks.append(
                TicketRisk.model_validate(
                    {
                        "ticket_id": ticket.id,
                        **{name: getattr(ticket, name) for name in _OF_TICKET},
                        **{name: getattr(row, name) for name in ("target", "due_at", "risk_at")},
                        "clock": row.kind,
                        "spent": int(spent.total_seconds()),
                        "at_risk": row.risk_at is not None and row.risk_at <= now,
                        "probability": probability,
                    }
                )
            )
    return answer_many(sorted(risks, key=_likeliest_first))


@routes.add("GET", "/api/v1/wait-risks", needs=("floor.read",), answers=WaitRiskView, many=True)
async def list_wait_risks(request: web.Request) -> web.Response:
    """Who waits and was promised not to for long; the likeliest to be disappointed first."""
    here = parts(request)
    return answer_many(
        [
            WaitRiskView(
                contact_id=one.contact_id,
                customer_ids=list(one.customer_ids),
                queue=one.queue,
                queued_at=one.queued_at,
                promised_until=one.until,
                ahead=one.ahead,
                probability=one.probability,
                at_risk=one.probability >= AT_RISK,
            )
            for one in here.wait_promises.risks(here.clock.now())
        ]
    )


_OF_TICKET = ("number", "type", "priority", "customer_id", "owner_id", "team")


def _likeliest_first(risk: TicketRisk) -> tuple[float, float]:
    used = risk.spent / risk.target
    return -(used if risk.probability is None else risk.probability), -used


async def _named(edit: Edit, request: web.Request, version: int) -> ServicePromise:
    """Raises UnknownRecord and EditConflict."""
    promise = await ServicePromises(edit.session).need(request.match_info["promise_id"])
    check_version(promise, version)
    return promise


def _check_period(promise: ServicePromise) -> None:
    """Raises InvalidField."""
    begin, end = promise.active_from, promise.active_to
    if begin is not None and end is not None and end <= begin:
        raise InvalidField("active_to", "must be after active_from")


def _view(promise: ServicePromise) -> PromiseView:
    return PromiseView.model_validate(
        {name: getattr(promise, name) for name in PromiseView.model_fields}
    )
