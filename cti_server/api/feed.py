"""
The event feed: everything since a number, for other systems that follow what happens here.

Whoever was away asks from the number that they had; nothing is missing, whatever happened between.
"""

import asyncio
from collections.abc import Callable

import msgspec
from aiohttp import web
from pydantic import TypeAdapter

from cti_server.store.log import EventLog
from cti_server.wire.event_names import Pattern, name_of, wanted
from cti_server.wire.events import AccessEvent, Event, Logged, RecordRead
from cti_server.wire.feed import FeedEvent, FeedPage
from cti_server.wire.personal import masked
from cti_server.wire.resource import LARGEST_NUMBER

from .errors import NotPermitted
from .parameters import number
from .parts import identity, parts
from .permissions import Identity
from .problems import BadRequest
from .routing import Query, Routes, answer

routes = Routes()

LARGEST = 1000  # events of an answer
LONGEST_WAIT = 30  # seconds
LOOKED_THROUGH = 20_000
"""Events that one request passes over at most, where few are of the names that are asked for."""

Wanted = Callable[[Event], bool]
_PATTERNS = TypeAdapter(list[Pattern])


@routes.add(
    "GET",
    "/api/v1/events",
    needs=("feed.read",),
    answers=FeedPage,
    query=(
        Query("since", "integer", "the number of the last event that you have; 0: from the first"),
        Query("limit", "integer", f"at most this many, 1 to {LARGEST}; 100 if not given"),
        Query("names", "string", "with commas: contact.queued, contact.*, ticket.created, *"),
        Query("wait", "integer", f"seconds to wait for the next, at most {LONGEST_WAIT}"),
    ),
)
async def events(request: web.Request) -> web.Response:
    """Everything since a number, in order; numbers are masked for who may not see them."""
    here, who = parts(request), of_everybody(request)
    since = number(request, "since", default=0, most=LARGEST_NUMBER)
    limit = max(1, number(request, "limit", default=100, most=LARGEST))
    wait = number(request, "wait", default=0, most=LONGEST_WAIT)
    patterns = _patterns(request)

    def is_wanted(event: Event) -> bool:
        if isinstance(event, AccessEvent) and not who.may("audit.read"):
            return False
        return wanted(event, patterns)

    found, reached = await _after(here.log, since, limit, is_wanted, wait)
    whole = who.may("customers.reveal")
    if whole and found and here.refusals.due((who.agent_id, "feed"), here.clock.now()):
        here.log.append(_shown(who))
    items = [event_view(logged, whole=whole) for logged in found]
    return answer(FeedPage(items=items, next=reached, last=here.log.last_sequence))


def of_everybody(request: web.Request) -> Identity:
    """Who asks for events of all teams. Raises NotPermitted for who sees one team's only."""
    who = identity(request)
    if who.teams is not None:
        raise NotPermitted("rows.all")
    return who


async def _after(
    log: EventLog, since: int, limit: int, is_wanted: Wanted, wait: float
) -> tuple[list[Logged], int]:
    """The events, and how far was looked; waits once if there is none."""
    came = asyncio.Event()

    def hear(logged: Logged) -> None:
        if logged.sequence > since and is_wanted(logged.event):
            came.set()

    unsubscribe = log.subscribe(hear)  # before the look, or what comes between is slept through
    try:
        found, reached = await _look(log, since, limit, is_wanted)
        if found or not wait or reached < log.last_sequence:
            return found, reached
        try:
            async with asyncio.timeout(wait):
                await came.wait()
        except TimeoutError:
            pass
        return await _look(log, reached, limit, is_wanted)
    finally:
        unsubscribe()


async def _look(
    log: EventLog, since: int, limit: int, is_wanted: Wanted
) -> tuple[list[Logged], int]:
    found: list[Logged] = []
    reached, until = since, since + LOOKED_THROUGH
    while reached < until and (some := await log.since(reached, LARGEST)):
        for logged in some:
            reached = logged.sequence
            if is_wanted(logged.event):
                found.append(logged)
                if len(found) == limit:
                    return found, reached
    return found, reached


def _patterns(request: web.Request) -> list[str]:
    text = request.query.get("names")
    names = ["*"] if text is None else [name.strip() for name in text.split(",")]
    if len(names) > 100:
        raise BadRequest("names: at most 100")
    try:
        return _PATTERNS.validate_python(names)
    except ValueError as error:
        raise BadRequest("names: each is like contact.queued, contact.* or *") from error


def event_view(logged: Logged, *, whole: bool) -> FeedEvent:
    """As it is shown to who may see numbers ``whole``, or not."""
    event = logged.event if whole else masked(logged.event)
    return FeedEvent(
        sequence=logged.sequence,
        at=logged.at,
        name=name_of(event),
        data=msgspec.to_builtins(event),
    )


def _shown(who: Identity) -> RecordRead:
    return RecordRead(record="event", record_id="feed", what="numbers", read_by=who.agent_id)
