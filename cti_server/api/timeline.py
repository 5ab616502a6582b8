"""A customer's timeline: read by whoever serves them, added to by colleagues and other systems."""

from typing import Any

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from crm.errors import AlreadyThere, InvalidField, UnknownRecord
from crm.numbers import mask, normalise
from crm.timeline import Place, TimelineEntry
from cti_server.store import outside_customers
from cti_server.store.contacts import Contacts
from cti_server.store.customers import Customer, Customers
from cti_server.store.interactions import Interactions
from cti_server.store.timeline import Timeline, TimelineEvent
from cti_server.wire.events import CustomerChosen
from cti_server.wire.timeline import (
    CustomerChoice,
    CustomerNote,
    TimelineEntryView,
    TimelineEventToAdd,
    TimelineEventView,
    TimelinePage,
)

from .paging import PAGING, after, cursor, limit
from .parts import Parts, identity, parts
from .permissions import Identity
from .problems import NotFound
from .routing import Routes, answer, read

routes = Routes()

_RECORD = TimelineEvent.__tablename__


@routes.add(
    "GET",
    "/api/v1/customers/{customer_id}/timeline",
    needs=("timeline.read",),
    answers=TimelinePage,
    query=PAGING,
)
async def timeline(request: web.Request) -> web.Response:
    """What happened between us and this customer in every channel, the newest first."""
    most, place = limit(request), after(request, Place)
    who = identity(request)
    async with parts(request).database.readers() as session:
        customers = Customers(session)
        customer = await customers.need(request.match_info["customer_id"], who.teams)
        names = await customers.names_of(customer.id)
        found = await Timeline(session).of(names, place=place, limit=most + 1)
    page = found[:most]
    return answer(
        TimelinePage(
            items=[_entry_view(entry, who) for entry in page],
            next=cursor(page[-1].at, page[-1].id) if len(found) > most else None,
        )
    )


@routes.add(
    "POST",
    "/api/v1/customers/{customer_id}/notes",
    needs=("timeline.note",),
    body=CustomerNote,
    answers=TimelineEventView,
    status=201,
)
async def note_customer(request: web.Request) -> web.Response:
    """Write down what colleagues should know of this customer."""
    wanted = await read(request, CustomerNote)
    here, who = parts(request), identity(request)
    now = here.clock.now()
    async with here.changes.begin(who.agent_id) as change:
        customers = Customers(change.session)
        customer = await customers.need(request.match_info["customer_id"], who.teams)
        event = TimelineEvent(
            id=here.new_id(),
            customer_id=customer.id,
            at=now,
            kind="note",
            title="",
            data={"text": wanted.text},
            source="agent",
            added_by=who.agent_id,
            added_at=now,
        )
        Timeline(change.session).add(event)
        change.record(_RECORD, event.id, "created")
    return answer(_event_view(event), 201)


@routes.add(
    "POST",
    "/api/v1/timeline-events",
    needs=("timeline.write",),
    body=TimelineEventToAdd,
    answers=TimelineEventView,
    status=201,
)
async def add_timeline_event(request: web.Request) -> web.Response:
    """Report what another system saw of a customer; the same report again changes nothing."""
    wanted = await read(request, TimelineEventToAdd)
    here, who = parts(request), identity(request)
    try:
        async with here.changes.begin(who.agent_id) as change:
            known = await _reported(change.session, wanted)
            if known is not None:
                return answer(_event_view(known))
            customer = await _customer(change.session, here, who, wanted)
            event = _event(here, who, customer, wanted)
            Timeline(change.session).add(event)
            change.record(_RECORD, event.id, "created")
    except AlreadyThere:
        # Reported twice at the same moment; the other one is there now.
        async with here.database.readers() as session:
            known = await _reported(session, wanted)
        if known is None:
            raise
        return answer(_event_view(known))
    return answer(_event_view(event), 201)


@routes.add(
    "PUT",
    "/api/v1/contacts/{contact_id}/customer",
    needs=("contacts.own", "contacts.read"),
    body=CustomerChoice,
    status=204,
)
async def choose_customer(request: web.Request) -> web.Response:
    """Say whose contact it is, where several match or none did."""
    wanted = await read(request, CustomerChoice)
    here, who = parts(request), identity(request)
    contact_id = request.match_info["contact_id"]
    async with here.database.readers() as session:
        customer = await Customers(session).need(wanted.customer_id, who.teams)
        if await Contacts(session).get(contact_id) is None:
            raise NotFound("contact", contact_id)
        handlings = await Interactions(session).of_contacts([contact_id])
    if not any(one.agent_id == who.agent_id for one in handlings):
        who.need("contacts.read")
    here.log.append(
        CustomerChosen(contact_id=contact_id, customer_id=customer.id, chosen_by=who.agent_id)
    )
    return web.Response(status=204)


async def _reported(session: AsyncSession, wanted: TimelineEventToAdd) -> TimelineEvent | None:
    if wanted.external_id is None:
        return None
    return await Timeline(session).reported(wanted.source, wanted.external_id)


async def _customer(
    session: AsyncSession, here: Parts, who: Identity, wanted: TimelineEventToAdd
) -> Customer:
    """Whom the report names. Raises UnknownRecord and InvalidField."""
    customers = Customers(session)
    if wanted.customer_id is not None:
        return await customers.need(wanted.customer_id, who.teams)
    if wanted.customer_external_id is not None:
        found = await outside_customers.find(session, wanted.customer_external_id)
        if found is None or not found.seen_by(who.teams):
            raise UnknownRecord("customer", wanted.customer_external_id)
        return found
    number = normalise(wanted.customer_number or "", here.default_region)
    having = [one for one in await customers.by_number(number) if one.seen_by(who.teams)]
    if not having:
        raise UnknownRecord("customer", mask(number.text))
    if len(having) > 1:
        raise InvalidField("customer_number", f"is that of {len(having)} customers")
    return having[0]


def _event(
    here: Parts, who: Identity, customer: Customer, wanted: TimelineEventToAdd
) -> TimelineEvent:
    return TimelineEvent(
        id=here.new_id(),
        customer_id=customer.id,
        at=wanted.at,
        kind=wanted.kind,
        title=wanted.title,
        data=wanted.data,
        source=wanted.source,
        external_id=wanted.external_id,
        added_by=who.agent_id,
        added_at=here.clock.now(),
    )


def _entry_view(entry: TimelineEntry, who: Identity) -> TimelineEntryView:
    data: dict[str, Any] = entry.data
    if entry.kind == "contact" and not who.may("customers.reveal"):
        data = data | {"number": mask(data["number"])}
    return TimelineEntryView(at=entry.at, kind=entry.kind, id=entry.id, data=data)


def _event_view(event: TimelineEvent) -> TimelineEventView:
    return TimelineEventView(
        id=event.id,
        customer_id=event.customer_id,
        at=event.at,
        kind=event.kind,
        title=event.title,
        source=event.source,
        external_id=event.external_id,
        data=event.data,
        added_by=event.added_by,
        added_at=event.added_at,
    )
