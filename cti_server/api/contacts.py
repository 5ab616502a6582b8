"""The history of contacts and of the agents' states."""

from datetime import UTC, datetime

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from cti_server.store.agent_states import AgentStates
from cti_server.store.calls import Calls
from cti_server.store.contacts import Contact, Contacts
from cti_server.store.dispositions import Dispositions
from cti_server.store.interactions import Interactions
from cti_server.store.next_action_answers import NextActionAnswers
from cti_server.store.ratings import Ratings
from cti_server.store.recordings import Recordings
from cti_server.store.segments import Segments
from cti_server.store.stored_events import StoredEvents
from cti_server.wire.contacts import ContactHistory, ContactView, NoteView
from cti_server.wire.events import CoachingNoted, ContactNoted, RecordRead
from cti_server.wire.feed import FeedEvent
from cti_server.wire.floor import AgentStatePeriodView
from cti_server.wire.forms import ContactDisposition
from cti_server.wire.resource import LARGEST_NUMBER
from cti_server.wire.supervision import CoachingView

from .contact_scope import customers_in_sight, in_sight, need_contact
from .feed import event_view
from .parameters import number
from .parts import caught_up, identity, parts
from .problems import BadRequest
from .recording_access import queues_of
from .routing import Query, Routes, answer, answer_many
from .views import (
    answered_action,
    contact_view,
    customers_named,
    interaction_view,
    leg_view,
    masked,
    period_view,
    rating_view,
    recording_view,
    segment_view,
    with_customers,
    with_own_coaching,
    with_recordings_of,
    without_listeners,
    without_listening,
    without_other_customers,
)

routes = Routes()

PAGE = (
    Query("limit", "integer", "at most this many, 1 to 500"),
    Query("before", "string", "only those that arrived before this moment (ISO 8601)"),
)


@routes.add(
    "GET",
    "/api/v1/contacts",
    needs=("contacts.read",),
    answers=ContactView,
    many=True,
    query=(*PAGE, Query("queue"), Query("outcome", description='"abandoned": to call back')),
)
async def contacts(request: web.Request) -> web.Response:
    """The contacts that arrived last, latest first; not those of another team's customers."""
    who = identity(request)
    async with parts(request).database.readers() as session:
        found = await Contacts(session).recent(
            number(request, "limit", default=50, most=500),
            before=moment(request, "before"),
            queue=request.query.get("queue"),
            outcome=request.query.get("outcome"),
            seen=in_sight(who),
        )
        views = [contact_view(contact) for contact in found]
        ids = {one for view in views for one in view.customer_ids}
        seen = await customers_in_sight(session, who, ids)
    return answer_many([with_customers(view, seen) for view in views])


async def _is_recorded(request: web.Request, contact_id: str) -> bool:
    async with parts(request).database.readers() as session:
        return await session.get(Contact, contact_id) is not None


@routes.add(
    "GET",
    "/api/v1/contacts/{contact_id}",
    needs=("contacts.own", "contacts.read"),
    answers=ContactHistory,
)
async def contact(request: web.Request) -> web.Response:
    """One contact with its legs, offers, conversations and recordings."""
    who, contact_id = identity(request), request.match_info["contact_id"]
    if not await _is_recorded(request, contact_id):
        await caught_up(parts(request))  # whoever came just now is on the way there
    async with parts(request).database.readers() as session:
        found = await need_contact(session, contact_id, who)
        history = await _history(session, found)
        listed = await queues_of(session, who, "list")
        seen = await customers_in_sight(session, who, found.customer_ids)
    history = history.model_copy(update={"contact": with_customers(history.contact, seen)})
    if listed is not None:
        history = with_recordings_of(history, listed)
    if not (who.may("calls.listen") or parts(request).tells_agents):
        history = without_listeners(history)
    if not who.may("calls.listen"):
        history = with_own_coaching(history, who.agent_id)
    if not who.may("contacts.read"):
        history = history.model_copy(update={"ratings": []})
    if found.masked and not who.may("contacts.read"):
        history = masked(history)
    return answer(history)


@routes.add(
    "GET",
    "/api/v1/contacts/{contact_id}/events",
    needs=("contacts.read",),
    answers=FeedEvent,
    many=True,
    query=(Query("since", "integer", "the number of the last event that you have"),),
)
async def contact_events(request: web.Request) -> web.Response:
    """
    Everything that happened to a contact and on its call, in order; nothing of it ever changes.

    But for people who have to be forgotten: then what it says of them is taken out.
    """
    contact_id, who, here = request.match_info["contact_id"], identity(request), parts(request)
    since = number(request, "since", default=0, most=LARGEST_NUMBER)
    async with here.database.readers() as session:
        found = await need_contact(session, contact_id, who)
        calls = [found.call_id] if found.call_id else []
        told = await StoredEvents(session).of_contact(contact_id, calls)
        seen = await customers_in_sight(session, who, customers_named(told))
    told = without_other_customers(told, seen)
    if not who.may("calls.listen"):
        told = without_listening(told)
    whole = who.may("customers.reveal")
    if whole:
        read_by = who.agent_id
        here.log.append(
            RecordRead(record="contact", record_id=contact_id, what="numbers", read_by=read_by)
        )
    return answer_many([event_view(one, whole=whole) for one in told if one.sequence > since])


@routes.add(
    "GET",
    "/api/v1/agents/{agent_id}/states",
    needs=("contacts.own", "contacts.read"),
    answers=AgentStatePeriodView,
    many=True,
    query=(Query("since", "string", "periods that began since then (ISO 8601)"),),
)
async def agent_states(request: web.Request) -> web.Response:
    """From when to when an agent was in which state, oldest first."""
    agent_id = request.match_info["agent_id"]
    who = identity(request)
    if who.agent_id != agent_id:
        who.need("contacts.read")
    here = parts(request)
    since = moment(request, "since")
    if since is None:
        since = here.clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    async with here.database.readers() as session:
        periods = await AgentStates(session).history(agent_id, since=since)
    return answer_many([period_view(period) for period in periods])


async def _history(session: AsyncSession, contact: Contact) -> ContactHistory:
    ids = [contact.id]
    advice = (await NextActionAnswers(session).of_contacts(ids)).get(contact.id, [])
    dispositions = (await Dispositions(session).of_contacts(ids)).get(contact.id, [])
    return ContactHistory(
        contact=contact_view(contact),
        legs=[leg_view(leg) for leg in await Calls(session).legs([contact.call_id])],
        interactions=[
            interaction_view(one) for one in await Interactions(session).of_contacts(ids)
        ],
        segments=[segment_view(one) for one in await Segments(session).of_contacts(ids)],
        recordings=[recording_view(one) for one in await Recordings(session).of_contacts(ids)],
        notes=[
            NoteView(at=logged.at, agent_id=logged.event.agent_id, text=logged.event.text)
            for logged in await StoredEvents(session).named("contact.noted", contact.id)
            if isinstance(logged.event, ContactNoted)
        ],
        coaching=[
            CoachingView(
                at=logged.at,
                agent_id=logged.event.coached,
                supervisor_id=logged.event.supervisor_id,
                text=logged.event.text,
            )
            for logged in await StoredEvents(session).named("coaching.noted", contact.id)
            if isinstance(logged.event, CoachingNoted)
        ],
        dispositions=[ContactDisposition.model_validate(one) for one in dispositions],
        next_actions=[answered_action(one) for one in advice],
        ratings=[rating_view(one) for one in await Ratings(session).of_contact(contact.id)],
    )


def moment(request: web.Request, name: str) -> datetime | None:
    """A moment from the query; without a zone it is UTC. Raises BadRequest."""
    text = request.query.get(name)
    if text is None:
        return None
    try:
        when = datetime.fromisoformat(text)
        return when.astimezone(UTC) if when.tzinfo else when.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise BadRequest(f"{name}: must be a moment like 2026-11-21T09:30:00Z") from error
