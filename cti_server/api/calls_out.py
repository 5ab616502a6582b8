"""Calls to customers: dialled by a click, and those on the list to be called back."""

from typing import Protocol

from aiohttp import web

from crm.consents import Purpose
from crm.numbers import mask
from cti_server.calls.call import Call
from cti_server.store.call_backs import CallBack, CallBacks
from cti_server.store.customers import Customers
from cti_server.wire.rest import CallBackView, PlaceCall, PlacedCall

from .parts import Parts, identity, parts
from .permissions import Identity
from .problems import BadRequest
from .routing import Query, Routes, answer, answer_many, number, read

routes = Routes()


@routes.add(
    "GET",
    "/api/v1/call-backs",
    needs=("calls.dial",),
    answers=CallBackView,
    many=True,
    query=(Query("limit", "integer", "at most this many, 1 to 500"), Query("queue")),
)
async def call_backs(request: web.Request) -> web.Response:
    """Who lost their place in a queue and is to be called back; who waited longest is first."""
    async with parts(request).database.readers() as session:
        found = await CallBacks(session).open(
            number(request, "limit", default=100, most=500), queue=request.query.get("queue")
        )
    here, who = parts(request), identity(request)
    sees_all = who.may("contacts.read")
    return answer_many(
        [_view(each, masked=not sees_all and here.dial_pad.masks(each.queue)) for each in found]
    )


@routes.add("DELETE", "/api/v1/call-backs/{call_back_id}", needs=("call_backs.remove",), status=204)
async def remove_call_back(request: web.Request) -> web.Response:
    """Take somebody off the list who need not be called any more."""
    call_back_id = request.match_info["call_back_id"]
    await parts(request).call_backs.remove(call_back_id, identity(request).agent_id)
    return web.Response(status=204)


@routes.add(
    "POST",
    "/api/v1/contacts",
    needs=("calls.dial",),
    body=PlaceCall,
    answers=PlacedCall,
    status=201,
)
async def place_call(request: web.Request) -> web.Response:
    """Call a customer: one's own phone rings first, then the customer's."""
    wanted = await read(request, PlaceCall)
    return _placed(await dial(parts(request), identity(request), wanted))


@routes.add(
    "POST",
    "/api/v1/call-backs/{call_back_id}/dial",
    needs=("calls.dial",),
    answers=PlacedCall,
    status=201,
)
async def dial_call_back(request: web.Request) -> web.Response:
    """Call somebody on the list; one agent at a time."""
    call_back_id = request.match_info["call_back_id"]
    return _placed(
        await parts(request).dial_pad.call_back(identity(request).agent_id, call_back_id)
    )


class Wanted(Protocol):
    """Whom to call: one of the two, on whose behalf, and what for."""

    @property
    def number(self) -> str | None: ...
    @property
    def customer_id(self) -> str | None: ...
    @property
    def queue(self) -> str: ...
    @property
    def purpose(self) -> Purpose: ...


async def dial(here: Parts, who: Identity, wanted: Wanted) -> Call:
    """
    Begin the call.

    Raises UnknownRecord and BadRequest for the customer, and what :class:`DialPad` refuses.
    """
    number = wanted.number or await _number_of(here, who, wanted.customer_id or "")
    return await here.dial_pad.dial(
        who.agent_id, number, wanted.queue, purpose=wanted.purpose, customer_id=wanted.customer_id
    )


async def _number_of(here: Parts, who: Identity, customer_id: str) -> str:
    """The customer's first telephone."""
    async with here.database.readers() as session:
        customer = await Customers(session).need(customer_id, who.teams)
    telephones = [number.number for number in customer.numbers if number.use == "phone"]
    if not telephones:
        raise BadRequest(f"customer_id: {customer_id} has no number")
    return telephones[0]


def _placed(call: Call) -> web.Response:
    return answer(PlacedCall(contact_id=call.contact.id, call_id=call.id), status=201)


def _view(found: CallBack, *, masked: bool) -> CallBackView:
    return CallBackView(
        id=found.id,
        number=mask(found.number) if masked else found.number,
        queue=found.queue,
        queued_at=found.queued_at,
        wanted_at=found.wanted_at,
        reason=found.reason,
        attempts=found.attempts,
        last_agent_id=found.last_agent_id,
        last_contact_id=found.last_contact_id,
        last_dialled_at=found.last_dialled_at,
    )
