"""The list of customers to be called back: asked for, moved, dialled with a click, taken off."""

from collections.abc import Container, Sequence
from datetime import datetime, timedelta

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from crm.call_backs import state_of
from crm.numbers import mask, normalise
from crm.timeline import Place
from cti_server.calls.open_call_back import OpenCallBack
from cti_server.store.call_backs import OPEN, STATES, CallBack, CallBacks
from cti_server.store.customers import Customers
from cti_server.wire.call_backs import (
    CallBackCreate,
    CallBackPage,
    CallBackReschedule,
    CallBackView,
)
from cti_server.wire.calls import PlacedCall

from .calls_out import number_of, placed
from .contact_scope import call_backs_in_sight, customers_in_sight
from .paging import PAGING, after, cursor, limit
from .parameters import named as in_query
from .parts import Parts, identity, parts
from .problems import BadRequest, NotFound
from .routing import Query, Routes, answer, read

routes = Routes()

_PATH = "/api/v1/call-backs/{call_back_id}"
_FARTHEST = timedelta(days=60)
"""Nobody promises a call later than that."""


@routes.add(
    "GET",
    "/api/v1/call-backs",
    needs=("calls.dial",),
    answers=CallBackPage,
    query=(
        *PAGING,
        Query("queue"),
        Query("state", "string", f"one of {', '.join(STATES)}; open if it is not given"),
    ),
)
async def call_backs(request: web.Request) -> web.Response:
    """Who is to be called back, who waited longest first; closed ones, the latest first."""
    here, most, place = parts(request), limit(request), after(request, tuple[datetime, str])
    state = request.query.get("state", "open")
    if state not in STATES:
        raise BadRequest(f"state: must be one of {', '.join(STATES)}")
    async with here.database.readers() as session:
        found = await CallBacks(session).page(
            state,
            most + 1,
            now=here.clock.now(),
            queue=in_query(request, "queue"),
            place=Place(*place) if place else None,
            seen=call_backs_in_sight(identity(request)),
        )
        views = await _views(session, request, found[:most])
    page, more = found[:most], None
    if len(found) > most:
        last = page[-1]
        more = cursor(last.queued_at if state in OPEN else last.closed_at, last.id)
    return answer(CallBackPage(items=views, next=more))


@routes.add("GET", _PATH, needs=("calls.dial",), answers=CallBackView)
async def call_back(request: web.Request) -> web.Response:
    """One call-back, open or closed."""
    await _need_in_sight(request)
    return await _answer(request, request.match_info["call_back_id"])


@routes.add(
    "POST",
    "/api/v1/call-backs",
    needs=("call_backs.ask",),
    body=CallBackCreate,
    answers=CallBackView,
    status=201,
)
async def ask_for_call_back(request: web.Request) -> web.Response:
    """Have a customer called back."""
    wanted, here, who = await read(request, CallBackCreate), parts(request), identity(request)
    _need_near(here, wanted.wished_at, "wished_at")
    number = wanted.number or await number_of(here, who, wanted.customer_id or "")
    here.dial_pad.need_diallable(number, wanted.queue)
    await _need_wanted(here, number, wanted.customer_id, who.agent_id)
    one = here.call_backs.ask(
        number,
        wanted.queue,
        asked_by=who.agent_id,
        customer_id=wanted.customer_id or await _whose(here, number),
        language=wanted.language,
        wished_at=wanted.wished_at,
    )
    return await _answer(request, one.id, status=201)


@routes.add(
    "POST",
    f"{_PATH}/reschedule",
    needs=("call_backs.ask",),
    body=CallBackReschedule,
    answers=CallBackView,
)
async def reschedule_call_back(request: web.Request) -> web.Response:
    """The customer wishes another time; now if it is past."""
    wanted, here = await read(request, CallBackReschedule), parts(request)
    _need_near(here, wanted.due_at, "due_at")
    call_back_id = await _need_in_sight(request)
    here.call_backs.reschedule(call_back_id, wanted.due_at, identity(request).agent_id)
    return await _answer(request, call_back_id)


@routes.add("POST", f"{_PATH}/dial", needs=("calls.dial",), answers=PlacedCall, status=201)
async def dial_call_back(request: web.Request) -> web.Response:
    """Call somebody on the list; one agent at a time."""
    call_back_id = await _need_in_sight(request)
    return placed(await parts(request).dial_pad.call_back(identity(request).agent_id, call_back_id))


@routes.add("DELETE", _PATH, needs=("call_backs.remove",), status=204)
async def remove_call_back(request: web.Request) -> web.Response:
    """Take somebody off the list who need not be called any more."""
    call_back_id = await _need_in_sight(request)
    parts(request).call_backs.remove(call_back_id, identity(request).agent_id)
    return web.Response(status=204)


def _need_near(here: Parts, at: datetime | None, field: str) -> None:
    """Raises BadRequest."""
    if at is not None and at > here.clock.now() + _FARTHEST:
        raise BadRequest(f"{field}: at most {_FARTHEST.days} days from now")


async def _need_wanted(here: Parts, number: str, customer_id: str | None, asked_by: str) -> None:
    """
    Raises CustomerDeclines for who is not to be called at all.

    Who wants their peace now is called when that is over.
    """
    await here.outreach.need_allowed(
        "voice",
        "service",
        number=number,
        customer_id=customer_id,
        asked_by=asked_by,
        overruled=lambda refusal: refusal.until is not None,
    )


async def _whose(here: Parts, number: str) -> str | None:
    """The customer with this number, if it is one alone: what is kept of them is told by it."""
    async with here.database.readers() as session:
        found = await Customers(session).by_number(normalise(number, here.default_region))
    return found[0].id if len(found) == 1 else None


async def _need_in_sight(request: web.Request) -> str:
    """The id in the path. Raises NotFound for what is kept of another team's customer."""
    call_back_id = request.match_info["call_back_id"]
    if identity(request).teams is not None and not await _in_sight(request, call_back_id):
        await parts(request).log.stored()  # it may have come just now: the records say whose it is
        if not await _in_sight(request, call_back_id):
            raise NotFound("call-back", call_back_id)
    return call_back_id


async def _in_sight(request: web.Request, call_back_id: str) -> bool:
    async with parts(request).database.readers() as session:
        seen = call_backs_in_sight(identity(request))
        return await CallBacks(session).get(call_back_id, seen) is not None


async def _answer(request: web.Request, call_back_id: str, *, status: int = 200) -> web.Response:
    """As the records have it, which follow within a second or so; else as it is at this moment."""
    async with parts(request).database.readers() as session:
        stored = await CallBacks(session).get(call_back_id)
        found = stored or parts(request).call_backs.get(call_back_id)
        if found is None:
            raise NotFound("call-back", call_back_id)
        [view] = await _views(session, request, [found])
    return answer(view, status=status)


async def _views(
    session: AsyncSession, request: web.Request, found: Sequence[CallBack | OpenCallBack]
) -> list[CallBackView]:
    """Without the ids of customers whom another team has."""
    named = {one.customer_id for one in found if one.customer_id is not None}
    shown = await customers_in_sight(session, identity(request), named)
    return [_view(request, one, shown) for one in found]


def _view(
    request: web.Request, found: CallBack | OpenCallBack, shown: Container[str | None]
) -> CallBackView:
    here, whole = parts(request), identity(request).may("customers.reveal")
    now_open = here.call_backs.get(found.id)
    facts = {name: getattr(found, name, None) for name in CallBackView.model_fields} | {
        "number": found.number if whole else mask(found.number),
        "customer_id": found.customer_id if found.customer_id in shown else None,
        "attempts": getattr(found, "attempts", 0),
        "tried": getattr(found, "tried", []),
        "hindrance": None,
    }
    if now_open is not None:
        moments = {"due_at": now_open.due_at, "wished_at": now_open.wished_at}
        facts |= {**moments, "failed": now_open.failed, "hindrance": now_open.hindrance}
    by_hand = (now_open or found).by_hand
    facts["state"] = state_of(
        outcome=getattr(found, "outcome", None),
        dialling=now_open.dialling if now_open is not None else found.dialling,
        due_at=facts["due_at"],
        mode="by_hand" if by_hand else here.call_backs.settings_of(found.queue).mode,
        now=here.clock.now(),
    )
    return CallBackView.model_validate(facts)
