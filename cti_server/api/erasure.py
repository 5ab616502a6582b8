"""Erasing a person: what would go, the erasure itself, how far it is, and the proof of it."""

from datetime import datetime

from aiohttp import web

from crm.errors import UnknownRecord
from crm.numbers import normalise
from cti_server.privacy.certificates import in_words
from cti_server.store.customers import Customers
from cti_server.store.erasures import Erasure, Erasures
from cti_server.wire.events import RecordRead
from cti_server.wire.privacy import (
    ErasureCertificate,
    ErasureExpected,
    ErasurePage,
    ErasureView,
    ErasureWanted,
)

from .paging import PAGING, after, cursor, limit
from .parts import identity, parts
from .problems import BadRequest
from .routing import Query, Routes, answer, read

routes = Routes()

_ERASURE = "/api/v1/customers/{customer_id}/erasure"
_UNCACHED = {"Cache-Control": "private, no-store"}
_SEEN_BY = ("customers.erase", "audit.read")


@routes.add(
    "GET",
    f"{_ERASURE}/preview",
    needs=("customers.erase",),
    answers=ErasureExpected,
)
async def preview_erasure(request: web.Request) -> web.Response:
    """What an erasure would find; refused for what would refuse it, and nothing is done."""
    here, who = parts(request), identity(request)
    preview = await here.erasures.preview(request.match_info["customer_id"], who.teams)
    return answer(
        ErasureExpected(
            customer_id=preview.customer_id,
            expected=dict(preview.expected),
            shared_contacts=preview.shared_contacts,
        )
    )


@routes.add(
    "POST",
    "/api/v1/customers/{customer_id}/erase",
    needs=("customers.erase",),
    body=ErasureWanted,
    answers=ErasureView,
    status=202,
)
async def erase(request: web.Request) -> web.Response:
    """
    Forget the person in every store; they are found no more when this is answered.

    Asked again, it answers with the erasure that there is.
    """
    wanted = await read(request, ErasureWanted)
    here, who = parts(request), identity(request)
    erasure, new = await here.erasures.accept(
        request.match_info["customer_id"], who.teams, wanted.reason, who.agent_id
    )
    return answer(_view(erasure), 202 if new else 200)


@routes.add("GET", _ERASURE, needs=_SEEN_BY, answers=ErasureView)
async def erasure_of_customer(request: web.Request) -> web.Response:
    """How far a customer's erasure is."""
    customer_id = request.match_info["customer_id"]
    async with parts(request).database.readers() as session:
        customer = await Customers(session).need(customer_id, identity(request).teams)
        erasure = await Erasures(session).of_customer([customer.id])
    if erasure is None:
        raise UnknownRecord("erasure", customer_id)
    return answer(_view(erasure))


@routes.add(
    "GET",
    "/api/v1/erasures",
    needs=_SEEN_BY,
    answers=ErasurePage,
    query=(*PAGING, Query("reached_by", "string", "a number or address that they had")),
)
async def list_erasures(request: web.Request) -> web.Response:
    """Erasures; of whoever had a number, too: what they had agreed to is kept under their id."""
    most, place = limit(request), after(request, tuple[datetime, str])
    here, reached_by = parts(request), request.query.get("reached_by")
    digests: list[str] | None = None
    if reached_by is not None:
        number = normalise(reached_by, here.default_region).text
        digests = [
            *here.erasures.digests(number),
            *here.erasures.digests(reached_by.strip().casefold()),
        ]
    async with here.database.readers() as session:
        found = await Erasures(session).page(most + 1, after=place, digests=digests)
    page = found[:most]
    more = cursor(page[-1].requested_at, page[-1].id) if len(found) > most else None
    return answer(ErasurePage(items=[_view(each) for each in page], next=more))


@routes.add(
    "GET",
    "/api/v1/erasures/{erasure_id}/certificate",
    needs=_SEEN_BY,
    answers=ErasureCertificate,
    query=(Query("format", "string", '"text" for people to read; JSON, which is signed, if not'),),
)
async def erasure_certificate(request: web.Request) -> web.Response:
    """Which recordings an erasure has destroyed, signed; when they all are."""
    here, form = parts(request), request.query.get("format", "json")
    if form not in {"json", "text"}:
        raise BadRequest("format: must be json or text")
    erasure_id = request.match_info["erasure_id"]
    certificate = await here.certificates.of(erasure_id, here.clock.now())
    here.log.append(
        RecordRead(
            record="erasure",
            record_id=erasure_id,
            what="certificate",
            read_by=identity(request).agent_id,
        )
    )
    if form == "text":
        return web.Response(text=in_words(certificate), headers=_UNCACHED)
    return web.json_response(certificate, headers=_UNCACHED)


def _view(erasure: Erasure) -> ErasureView:
    fields = {name: getattr(erasure, name) for name in ErasureView.model_fields}
    return ErasureView.model_validate(fields)
