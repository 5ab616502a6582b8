"""Legal holds: what must be kept, whoever asks for its erasure and however old it is."""

from datetime import datetime

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from crm.errors import InvalidField, NotNow, UnknownRecord
from cti_server.store.contacts import Contact
from cti_server.store.customers import Customers
from cti_server.store.erasures import Erasures
from cti_server.store.legal_holds import LegalHold, LegalHolds
from cti_server.store.recordings import Recording
from cti_server.wire.privacy import HoldPage, HoldView, HoldWanted

from .four_eyes import spend
from .paging import PAGING, after, cursor, limit
from .parameters import named
from .parts import identity, parts
from .routing import Query, Routes, answer, read

routes = Routes()

_RECORD = LegalHold.__tablename__


@routes.add(
    "POST",
    "/api/v1/legal-holds",
    needs=("retention.manage",),
    body=HoldWanted,
    answers=HoldView,
    status=201,
)
async def place_hold(request: web.Request) -> web.Response:
    """Keep a customer, a contact or a recording with all that hangs on it."""
    wanted = await read(request, HoldWanted)
    here, who = parts(request), identity(request)
    now = here.clock.now()
    if wanted.until is not None and wanted.until <= now:
        raise InvalidField("until", "is over")
    await here.log.stored()  # of the call that was just over, too
    async with here.changes.begin(who.agent_id) as change:
        hold = LegalHold(
            id=here.new_id(),
            record=wanted.record,
            record_id=await _kept(change.session, wanted, who.teams),
            reason=wanted.reason,
            placed_by=who.agent_id,
            placed_at=now,
            until=wanted.until,
        )
        LegalHolds(change.session).add(hold)
        change.record(_RECORD, hold.id, "placed", fields=[hold.record])
    return answer(_view(hold, now), 201)


@routes.add(
    "GET",
    "/api/v1/legal-holds",
    needs=("retention.manage", "audit.read"),
    answers=HoldPage,
    query=(*PAGING, Query("record_id", "string", "the customer, contact or recording")),
)
async def list_holds(request: web.Request) -> web.Response:
    """Every hold that there was, the newest first."""
    most, place = limit(request), after(request, tuple[datetime, str])
    here = parts(request)
    async with here.database.readers() as session:
        found = await LegalHolds(session).page(most + 1, place, named(request, "record_id"))
    page, now = found[:most], here.clock.now()
    more = cursor(page[-1].placed_at, page[-1].id) if len(found) > most else None
    return answer(HoldPage(items=[_view(each, now) for each in page], next=more))


@routes.add(
    "DELETE",
    "/api/v1/legal-holds/{hold_id}",
    needs=("retention.manage",),
    answers=HoldView,
)
async def release_hold(request: web.Request) -> web.Response:
    """What it kept goes its way again; that there was a hold stays known."""
    here, who = parts(request), identity(request)
    now, hold_id = here.clock.now(), request.match_info["hold_id"]
    async with here.changes.begin(who.agent_id) as change:
        hold = await LegalHolds(change.session).get(hold_id)
        if hold is None:
            raise UnknownRecord(_RECORD, hold_id)
        if not hold.holds_at(now):
            raise NotNow(f"the legal hold {hold_id!r} is over")
        await spend(here, who, change, "lift_hold", {"hold_id": hold.id})
        hold.released_at, hold.released_by = now, who.agent_id
        change.record(_RECORD, hold.id, "released", fields=[hold.record])
    return answer(_view(hold, now))


async def _kept(session: AsyncSession, wanted: HoldWanted, teams: frozenset[str] | None) -> str:
    """The id of what is to be kept. Raises UnknownRecord; NotNow for what is gone already."""
    if wanted.record == "customer":
        return (await Customers(session).need_whole(wanted.record_id, teams)).id
    contact_id = wanted.record_id
    if wanted.record == "recording":
        recording = await session.get(Recording, wanted.record_id)
        contact_id = "" if recording is None else recording.contact_id
    if await session.get(Contact, contact_id) is None:
        raise UnknownRecord(wanted.record, wanted.record_id)
    if await Erasures(session).naming(contact_id) is not None:
        raise NotNow(f"the {wanted.record} {wanted.record_id!r} is being erased")
    return wanted.record_id


def _view(hold: LegalHold, now: datetime) -> HoldView:
    fields = {name: getattr(hold, name) for name in HoldView.model_fields if name != "in_force"}
    return HoldView.model_validate({**fields, "in_force": hold.holds_at(now)})
