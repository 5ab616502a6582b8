"""A customer's timeline: read by whoever serves them, added to by colleagues and other systems."""

from typing import Any

from aiohttp import web

from crm.numbers import mask
from crm.timeline import Place, TimelineEntry
from cti_server.reports import Reports
from cti_server.store.customers import Customers
from cti_server.store.timeline import Timeline, TimelineEvent
from cti_server.wire.timeline import (
    CustomerNote,
    TimelineEntryView,
    TimelineEventToAdd,
    TimelineEventView,
    TimelinePage,
)

from .paging import PAGING, after, cursor, limit
from .parts import identity, parts
from .permissions import Identity
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
        customer = await customers.need_whole(request.match_info["customer_id"], who.teams)
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
    reports = Reports(
        here.database,
        here.changes,
        region=here.default_region,
        now=here.clock.now,
        new_id=here.new_id,
    )
    event, new = await reports.take(wanted, who.agent_id, who.teams)
    return answer(_event_view(event), 201 if new else 200)


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
