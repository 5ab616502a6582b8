"""Recordings found by what is said of them; numbers only as whoever asks may see them."""

from collections.abc import Sequence
from datetime import datetime

from aiohttp import web
from pydantic import ValidationError

from crm.numbers import normalise, spellings
from cti_server.store.foreign_calls import ForeignCalls
from cti_server.store.recording_search import Count, Found, Place, count, search
from cti_server.store.recordings import Recordings
from cti_server.wire.contacts import RecordingView
from cti_server.wire.recordings import RecordingPage
from recording.search import RecordingSearch, number_pattern

from .contacts import PAGE, moment
from .paging import PAGING, after, cursor, limit
from .parameters import flag, number
from .parts import Parts, identity, parts
from .permissions import Identity
from .problems import BadRequest, faults_of
from .recording_access import seen_by
from .routing import Query, Routes, answer, answer_many
from .views import recording_view

routes = Routes()

_READ = ("recordings.read",)
_TIMES = ("since", "before")
_WANTED = (
    Query("number", description="the customer's: +8613800138000, +86138*, or *8000"),
    Query("dialled", description="ours: a number, or its beginning and a star"),
    *(Query("agent_id"), Query("queue"), Query("contact_id")),
    Query("kind", description='"conversation", "message", "menu" or "siprec"'),
    Query("state", description='"stored" (default), or "running": whose calls go on'),
    Query("since", description="not begun before this moment (ISO 8601)"),
    Query("before", description="begun before this moment (ISO 8601)"),
    *(Query("shortest", "number", "seconds"), Query("longest", "number", "seconds")),
    *(Query("rating_from", "integer", "1 to 10"), Query("rating_to", "integer", "1 to 10")),
    Query("disposition", description="a code, or a group of codes"),
    Query("ticket", description="its number or id"),
    *(Query("flow"), Query("path", description="nodes one after the other: menu>sales")),
    Query("notes", description="words that all are in what agents noted"),
    Query("foreign", description="another PBX's session, call, or agent (address or name)"),
)
_LISTED = (PAGE[0], *_WANTED)
TOTAL = Query("total", "boolean", '"true": say how many there are, as far as that is soon told')


@routes.add(
    "GET", "/api/v1/recordings", needs=_READ, answers=RecordingView, many=True, query=_LISTED
)
async def recordings(request: web.Request) -> web.Response:
    """The latest recordings in the archive that are meant, of contacts that one may see."""
    most = max(1, number(request, "limit", default=50, most=500))
    views, _ = await _page(request, wanted_in(request, _LISTED), most, None)
    return answer_many(views)


@routes.add(
    "GET",
    "/api/v1/recording-search",
    needs=_READ,
    answers=RecordingPage,
    query=(*PAGING, TOTAL, *_WANTED),
)
async def search_recordings(request: web.Request) -> web.Response:
    """The same page by page; a page that ends early says where more may be, and may be empty."""
    return await page_of(request, wanted_in(request, (*PAGING, TOTAL, *_WANTED)))


async def page_of(request: web.Request, wanted: RecordingSearch) -> web.Response:
    """The page that the query asks for of what is meant."""
    place = after(request, tuple[datetime, str])
    told = flag(request, "total") is True
    views, more = await _page(request, wanted, limit(request), Place(*place) if place else None)
    total = await _total(request, wanted) if told else None
    return answer(
        RecordingPage(
            items=views,
            next=cursor(more.started_at, more.recording_id) if more else None,
            total=total.recordings if total else None,
            whole_total=total.whole if total else None,
        )
    )


def wanted_in(request: web.Request, known: Sequence[Query]) -> RecordingSearch:
    """What the query describes. Raises BadRequest, and NotPermitted as :func:`usual`."""
    names = {query.name for query in known}
    if strange := sorted(set(request.query) - names):
        raise BadRequest(f"{strange[0]}: there is no such parameter")
    told: dict[str, object] = {
        query.name: request.query[query.name] for query in _WANTED if query.name in request.query
    }
    told |= {name: moment(request, name) for name in _TIMES if name in told}
    try:
        wanted = RecordingSearch.model_validate(told)
    except ValidationError as error:
        raise BadRequest(faults_of(error)) from error
    return usual(parts(request), identity(request), wanted)


def usual(here: Parts, who: Identity, wanted: RecordingSearch) -> RecordingSearch:
    """
    The same with whole numbers in their one form, and the ways in which carriers send them.

    Raises NotPermitted for a part of a customer's number: who may not see it could guess it.
    """
    if wanted.number is not None and number_pattern(wanted.number).part != "whole":
        who.need("customers.reveal")
    told = {"number": wanted.number, "dialled": wanted.dialled}
    patterns = {name: number_pattern(text) for name, text in told.items() if text is not None}
    region = here.default_region
    return wanted.spelt(
        {
            name: spellings(normalise(pattern.digits, region), region)
            for name, pattern in patterns.items()
            if pattern.part == "whole"
        }
    )


async def _page(
    request: web.Request, wanted: RecordingSearch, most: int, place: Place | None
) -> tuple[list[RecordingView], Place | None]:
    here, who = parts(request), identity(request)
    async with here.database.readers() as session:
        seen = await seen_by(session, who)
    found: Found = await here.database.in_one_look(
        lambda look: search(look, wanted, seen, limit=most, after=place)
    )
    async with here.database.readers() as session:
        stored = await Recordings(session).in_order(found.ids)
        foreign = await ForeignCalls(session).of(stored)
    whole = who.may("customers.reveal")
    views = [recording_view(one, whole=whole, foreign=foreign.get(one.id)) for one in stored]
    return views, found.next


async def _total(request: web.Request, wanted: RecordingSearch) -> Count:
    here = parts(request)
    async with here.database.readers() as session:
        seen = await seen_by(session, identity(request))
    return await here.database.in_one_look(lambda look: count(look, wanted, seen))
