"""Calls to customers, dialled by a click."""

from typing import Protocol

from aiohttp import web

from crm.consents import Purpose
from cti_server.calls.call import Call
from cti_server.store.customers import Customers
from cti_server.wire.calls import PlaceCall, PlacedCall

from .parts import Parts, identity, parts
from .permissions import Identity
from .problems import BadRequest
from .routing import Routes, answer, read

routes = Routes()


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
    return placed(await dial(parts(request), identity(request), wanted))


class Wanted(Protocol):
    """Whom to call: one of the two, on whose behalf, and what for."""

    @property
    def number(self) -> str | None: ...
    @property
    def customer_id(self) -> str | None: ...
    @property
    def number_position(self) -> int | None: ...
    @property
    def queue(self) -> str: ...
    @property
    def purpose(self) -> Purpose: ...


async def dial(here: Parts, who: Identity, wanted: Wanted) -> Call:
    """
    Begin the call.

    Raises UnknownRecord and BadRequest for the customer, and what :class:`DialPad` refuses.
    """
    number = wanted.number or await number_of(
        here, who, wanted.customer_id or "", wanted.number_position
    )
    return await here.dial_pad.dial(
        who.agent_id, number, wanted.queue, purpose=wanted.purpose, customer_id=wanted.customer_id
    )


async def number_of(
    here: Parts, who: Identity, customer_id: str, position: int | None = None
) -> str:
    """
    The customer's first telephone, or the one at the position.

    Raises UnknownRecord and BadRequest.
    """
    async with here.database.readers() as session:
        customer = await Customers(session).need(customer_id, who.teams)
    telephones = [one for one in customer.numbers if one.use == "phone"]
    if not telephones:
        raise BadRequest(f"customer_id: {customer_id} has no number")
    if position is None:
        return telephones[0].number
    for one in telephones:
        if one.position == position:
            return one.number
    raise BadRequest(f"number_position: {customer_id} has no telephone at {position}")


def placed(call: Call) -> web.Response:
    """The answer to a click."""
    return answer(PlacedCall(contact_id=call.contact.id, call_id=call.id), status=201)
