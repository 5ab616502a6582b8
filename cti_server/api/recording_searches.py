"""
Searches of recordings that are saved under a name: one's own, or offered to roles and queues.

What they find is told by who runs them, never by who saved them.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from aiohttp import web
from pydantic import ValidationError
from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncSession

from crm.errors import InvalidField, NotNow
from crm.numbers import mask
from cti_server.store.saved_recording_searches import (
    QUEUE,
    ROLE,
    SavedRecordingSearch,
    SavedRecordingSearches,
    offered_to,
)
from cti_server.store.versions import check_version
from cti_server.tickets.edit import Edit
from cti_server.wire.recording_searches import (
    RecordingSearchChange,
    RecordingSearchPage,
    RecordingSearchView,
    RecordingSearchWanted,
)
from cti_server.wire.recordings import RecordingPage
from recording.search import RecordingSearch

from .editing import editing
from .paging import PAGING, after, cursor, limit
from .parameters import VERSION, version_to_delete
from .parts import identity, parts
from .permissions import PERMISSIONS, Identity
from .problems import BadRequest, faults_of
from .recording_access import queues_of
from .recording_search import TOTAL, page_of, usual
from .references import need_queues
from .routing import Routes, answer, read

routes = Routes()

MOST = 100
"""So many searches of one person are kept."""
_NEEDS = ("recordings.read",)
_PATH = "/api/v1/recording-searches"
_ONE = f"{_PATH}/{{search_id}}"
_RECORD = SavedRecordingSearch.__tablename__


@routes.add("GET", _PATH, needs=_NEEDS, answers=RecordingSearchPage, query=PAGING)
async def recording_searches(request: web.Request) -> web.Response:
    """One's own searches, and those that one is offered, by name."""
    most, place = limit(request), after(request, tuple[str, str])
    who = identity(request)
    async with parts(request).database.readers() as session:
        stored = SavedRecordingSearches(session)
        found = await stored.page(most + 1, place, await _offered(session, who))
        page = found[:most]
        offered = await stored.offered([each.id for each in page])
    views = [_view(each, offered[each.id], who) for each in page]
    more = cursor(page[-1].name, page[-1].id) if len(found) > most else None
    return answer(RecordingSearchPage(items=views, next=more))


@routes.add(
    "POST",
    _PATH,
    needs=_NEEDS,
    body=RecordingSearchWanted,
    answers=RecordingSearchView,
    status=201,
)
async def save_recording_search(request: web.Request) -> web.Response:
    """Keep a search under a name."""
    wanted, who = await read(request, RecordingSearchWanted), identity(request)
    told, holders = _kept(request, wanted), _holders(request, wanted)
    async with editing(request) as edit:
        stored = SavedRecordingSearches(edit.session)
        if await stored.count_of(who.agent_id) >= MOST:
            raise NotNow(f"{MOST} searches of yours are saved; delete one of them")
        saved = SavedRecordingSearch(
            id=edit.new_id(),
            name=wanted.name,
            search=told.asked,
            days=wanted.days,
            owner_id=who.agent_id,
            created_at=edit.now,
            updated_at=edit.now,
        )
        stored.add(saved)
        await edit.session.flush()
        await stored.offer(saved.id, holders)
        edit.change.record(_RECORD, saved.id, "created")
    return answer(_view(saved, holders, who), 201)


@routes.add("GET", _ONE, needs=_NEEDS, answers=RecordingSearchView)
async def recording_search(request: web.Request) -> web.Response:
    """One saved search."""
    who = identity(request)
    async with parts(request).database.readers() as session:
        saved = await _need(session, request)
        offered = await SavedRecordingSearches(session).offered([saved.id])
    return answer(_view(saved, offered[saved.id], who))


@routes.add("PUT", _ONE, needs=_NEEDS, body=RecordingSearchChange, answers=RecordingSearchView)
async def change_recording_search(request: web.Request) -> web.Response:
    """Say anew what is searched, and whom it is offered to; whose it is may."""
    wanted, who = await read(request, RecordingSearchChange), identity(request)
    told = _kept(request, wanted)
    async with editing(request) as edit:
        saved = await _need_own(edit, request)
        check_version(saved, wanted.version)
        stored = SavedRecordingSearches(edit.session)
        before = (await stored.offered([saved.id]))[saved.id]
        holders = _holders(request, wanted, before)
        saved.name, saved.search, saved.days = wanted.name, told.asked, wanted.days
        saved.updated_at = edit.now
        await stored.offer(saved.id, holders)
        await edit.session.flush()
        edit.change.record(
            _RECORD, saved.id, "updated", fields=wanted.model_fields_set - {"version"}
        )
    return answer(_view(saved, holders, who))


@routes.add("DELETE", _ONE, needs=_NEEDS, query=(VERSION,), status=204)
async def delete_recording_search(request: web.Request) -> web.Response:
    """Keep it no longer; whose it is may, and who manages users."""
    version, who = version_to_delete(request), identity(request)
    async with editing(request) as edit:
        stored = SavedRecordingSearches(edit.session)
        if who.may("users.manage"):
            saved = await stored.need(request.match_info["search_id"], ())
        else:
            saved = await _need_own(edit, request)
        check_version(saved, version)
        await stored.remove(saved)
        edit.change.record(_RECORD, saved.id, "deleted")
    return web.Response(status=204)


@routes.add(
    "GET", f"{_ONE}/recordings", needs=_NEEDS, answers=RecordingPage, query=(*PAGING, TOTAL)
)
async def run_recording_search(request: web.Request) -> web.Response:
    """What it finds now, of what whoever asks may see."""
    here = parts(request)
    async with here.database.readers() as session:
        saved = await _need(session, request)
    wanted = _run_at(saved, here.clock.now())
    return await page_of(request, usual(here, identity(request), wanted))


def _run_at(saved: SavedRecordingSearch, now: datetime) -> RecordingSearch:
    """Raises BadRequest for what is no search any more, by its fields."""
    told = dict(saved.search)
    if saved.days is not None:
        told["since"] = now - timedelta(days=saved.days)
    try:
        return RecordingSearch.model_validate(told)
    except ValidationError as error:
        raise BadRequest(faults_of(error, "search")) from error


def _kept(request: web.Request, wanted: RecordingSearchWanted) -> RecordingSearch:
    """In its one form. Raises NotPermitted for what its owner could not run."""
    return usual(parts(request), identity(request), wanted.search)


def _holders(
    request: web.Request, wanted: RecordingSearchWanted, before: Sequence[str] = ()
) -> list[str]:
    """Whom it is to be offered to. Raises InvalidField."""
    if unknown := sorted(set(wanted.roles) - PERMISSIONS.keys()):
        raise InvalidField("roles", f"there is no role {unknown[0]!r}")
    need_queues(parts(request), wanted.queues, before=_named(before, QUEUE))
    holders = {ROLE + role for role in wanted.roles} | {QUEUE + each for each in wanted.queues}
    return sorted(holders)


async def _offered(session: AsyncSession, who: Identity) -> Sequence[ColumnElement[bool]]:
    return offered_to(who.agent_id, who.roles, await queues_of(session, who, "list"))


async def _need(session: AsyncSession, request: web.Request) -> SavedRecordingSearch:
    """One of those that they are offered. Raises UnknownRecord."""
    seen = await _offered(session, identity(request))
    return await SavedRecordingSearches(session).need(request.match_info["search_id"], seen)


async def _need_own(edit: Edit, request: web.Request) -> SavedRecordingSearch:
    """Raises UnknownRecord."""
    own = SavedRecordingSearch.owner_id == identity(request).agent_id
    return await SavedRecordingSearches(edit.session).need(request.match_info["search_id"], [own])


def _named(holders: Sequence[str], kind: str) -> list[str]:
    return [each.removeprefix(kind) for each in holders if each.startswith(kind)]


def _view(
    saved: SavedRecordingSearch, holders: Sequence[str], who: Identity
) -> RecordingSearchView:
    told = dict(saved.search)
    if "number" in told and not who.may("customers.reveal"):
        told["number"] = mask(str(told["number"]))
    return RecordingSearchView(
        id=saved.id,
        version=saved.version,
        name=saved.name,
        search=told,
        days=saved.days,
        roles=_named(holders, ROLE),
        queues=_named(holders, QUEUE),
        owner_id=saved.owner_id,
        created_at=saved.created_at,
        updated_at=saved.updated_at,
    )
