"""Reservations: slots with so many places, booked while the customer is on the line."""

from datetime import datetime

from aiohttp import web

from crm.errors import InvalidField
from crm.orders import RESERVATIONS, stepped
from crm.timeline import Place
from cti_server.store.reservations import Reservation, Reservations, Slot
from cti_server.store.versions import check_version
from cti_server.wire.orders import (
    ReservationCreate,
    ReservationPage,
    ReservationStep,
    ReservationView,
    SlotCreate,
    SlotPage,
    SlotView,
)

from .editing import editing
from .orders import known_customer, names_of
from .paging import PAGING, after, cursor, limit
from .parameters import moment, named
from .parts import identity, parts
from .routing import Query, Routes, answer, read

routes = Routes()

_WRITE = ("orders.write", "orders.manage")
_PATH = "/api/v1/reservations/{reservation_id}"


@routes.add(
    "GET",
    "/api/v1/slots",
    needs=("orders.read",),
    answers=SlotPage,
    query=(
        *PAGING,
        Query("resource"),
        Query("since", "string", "that begin from then on; from now on if it is not given"),
    ),
)
async def list_slots(request: web.Request) -> web.Response:
    """What can be booked, the earliest first, with the places that are free."""
    here, most = parts(request), limit(request)
    place, resource = after(request, tuple[datetime, str]), named(request, "resource")
    since = moment(request, "since") or here.clock.now()
    async with here.database.readers() as session:
        found = await Reservations(session).slots(
            since, most + 1, resource=resource, after=Place(*place) if place else None
        )
    page = found[:most]
    more = cursor(page[-1].starts_at, page[-1].id) if len(found) > most else None
    return answer(SlotPage(items=[_slot_view(one) for one in page], next=more))


@routes.add(
    "POST",
    "/api/v1/slots",
    needs=("orders.manage",),
    body=SlotCreate,
    answers=SlotView,
    status=201,
)
async def create_slot(request: web.Request) -> web.Response:
    """Offer some time that can be booked."""
    wanted = await read(request, SlotCreate)
    if wanted.ends_at <= wanted.starts_at:
        raise InvalidField("ends_at", "must be after starts_at")
    async with editing(request) as edit:
        slot = Slot(id=edit.new_id(), **wanted.model_dump())
        edit.session.add(slot)
        edit.change.record("slot", slot.id, "created")
    return answer(_slot_view(slot), 201)


@routes.add(
    "GET",
    "/api/v1/reservations",
    needs=("orders.read",),
    answers=ReservationPage,
    query=(*PAGING, Query("slot_id"), Query("customer_id")),
)
async def list_reservations(request: web.Request) -> web.Response:
    """Who has booked, the newest first."""
    most, place = limit(request), after(request, tuple[datetime, str])
    customer_id, teams = named(request, "customer_id"), identity(request).teams
    async with parts(request).database.readers() as session:
        found = await Reservations(session).page(
            teams,
            most + 1,
            slot_id=named(request, "slot_id"),
            customer_ids=await names_of(session, customer_id, teams),
            place=Place(*place) if place else None,
        )
    page = found[:most]
    more = cursor(page[-1].created_at, page[-1].id) if len(found) > most else None
    return answer(ReservationPage(items=[_view(one) for one in page], next=more))


@routes.add(
    "POST",
    "/api/v1/reservations",
    needs=_WRITE,
    body=ReservationCreate,
    answers=ReservationView,
    status=201,
)
async def reserve(request: web.Request) -> web.Response:
    """Book places of a slot; never more than it has, however many ask at once."""
    wanted, who = await read(request, ReservationCreate), identity(request)
    async with editing(request) as edit:
        stored = Reservations(edit.session)
        slot = await stored.slot(wanted.slot_id)
        if slot.ends_at <= edit.now:
            raise InvalidField("slot_id", "is over")
        await stored.take(slot.id, wanted.places)
        reservation = Reservation(
            id=edit.new_id(),
            slot_id=slot.id,
            state="booked",
            places=wanted.places,
            customer_id=await known_customer(edit, wanted.customer_id, who.teams),
            contact_id=wanted.contact_id,
            team=who.team,
            taken_by=edit.by,
            note=wanted.note,
            created_at=edit.now,
            updated_at=edit.now,
        )
        edit.session.add(reservation)
        edit.change.record("reservation", reservation.id, "created")
        await edit.session.flush()
    return answer(_view(reservation), 201)


@routes.add("POST", f"{_PATH}/cancel", needs=_WRITE, body=ReservationStep, answers=ReservationView)
async def cancel_reservation(request: web.Request) -> web.Response:
    """Give the places back."""
    return await _step(request, "cancel")


@routes.add("POST", f"{_PATH}/keep", needs=_WRITE, body=ReservationStep, answers=ReservationView)
async def keep_reservation(request: web.Request) -> web.Response:
    """The customer came."""
    return await _step(request, "keep")


@routes.add("POST", f"{_PATH}/miss", needs=_WRITE, body=ReservationStep, answers=ReservationView)
async def miss_reservation(request: web.Request) -> web.Response:
    """The customer did not come."""
    return await _step(request, "miss")


async def _step(request: web.Request, step: str) -> web.Response:
    """Raises IllegalOrderStep."""
    wanted = await read(request, ReservationStep)
    async with editing(request) as edit:
        stored, reservation_id = Reservations(edit.session), request.match_info["reservation_id"]
        found = await stored.need(reservation_id, identity(request).teams, locked=True)
        check_version(found, wanted.version)
        found.state = stepped(found.state, step, RESERVATIONS)
        found.updated_at = edit.now
        if step == "cancel":
            await stored.take(found.slot_id, -found.places)
        edit.change.record("reservation", found.id, found.state, fields=["state"])
        await edit.session.flush()
    return answer(_view(found))


def _slot_view(slot: Slot) -> SlotView:
    named_columns = SlotView.model_fields.keys() - {"free"}
    columns = {name: getattr(slot, name) for name in named_columns}
    return SlotView.model_validate(columns | {"free": slot.capacity - slot.taken})


def _view(reservation: Reservation) -> ReservationView:
    return ReservationView.model_validate(
        {name: getattr(reservation, name) for name in ReservationView.model_fields}
    )
