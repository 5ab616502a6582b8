"""The archive's care: its rounds and drills, asked for and reported."""

from datetime import datetime

from aiohttp import web

from cti_server.store.archive_runs import DRILL, ROUND, ArchiveRun, ArchiveRuns
from cti_server.wire.archive import ArchiveRunPage, ArchiveRunView, CopyFault, RunAsked

from .paging import PAGING, after, cursor, limit
from .parts import identity, parts
from .problems import NotFound
from .routing import Routes, answer, read

routes = Routes()

_SEEN_BY = ("archive.read",)
_MANAGE = ("archive.manage",)
_DRILLS, _ROUNDS = "/api/v1/archive/drills", "/api/v1/archive/rounds"


@routes.add("POST", _DRILLS, needs=_MANAGE, body=RunAsked, answers=ArchiveRunView, status=202)
async def begin_drill(request: web.Request) -> web.Response:
    """Restore some recordings from the second store on, to see that it can be done."""
    return await _begun(request, DRILL)


@routes.add("GET", _DRILLS, needs=_SEEN_BY, answers=ArchiveRunPage, query=PAGING)
async def drills(request: web.Request) -> web.Response:
    """The drills and what they found."""
    return await _page(request, DRILL)


@routes.add("GET", f"{_DRILLS}/{{run_id}}", needs=_SEEN_BY, answers=ArchiveRunView)
async def drill(request: web.Request) -> web.Response:
    """One drill."""
    return await _one(request, DRILL)


@routes.add("POST", _ROUNDS, needs=_MANAGE, body=RunAsked, answers=ArchiveRunView, status=202)
async def begin_round(request: web.Request) -> web.Response:
    """Have every recording copied to the stores that lack it, and read some copies again."""
    return await _begun(request, ROUND)


@routes.add("GET", _ROUNDS, needs=_SEEN_BY, answers=ArchiveRunPage, query=PAGING)
async def rounds(request: web.Request) -> web.Response:
    """The rounds and what they found."""
    return await _page(request, ROUND)


@routes.add("GET", f"{_ROUNDS}/{{run_id}}", needs=_SEEN_BY, answers=ArchiveRunView)
async def round_(request: web.Request) -> web.Response:
    """One round."""
    return await _one(request, ROUND)


async def _begun(request: web.Request, kind: str) -> web.Response:
    asked = await read(request, RunAsked)
    run = await parts(request).care.begin(kind, identity(request).agent_id, asked.sample)
    return answer(_view(run), 202)


async def _page(request: web.Request, kind: str) -> web.Response:
    most, place = limit(request), after(request, tuple[datetime, str])
    async with parts(request).database.readers() as session:
        found = await ArchiveRuns(session).page(kind, most + 1, place)
    page = found[:most]
    more = cursor(page[-1].started_at, page[-1].id) if len(found) > most else None
    return answer(ArchiveRunPage(items=[_view(each) for each in page], next=more))


async def _one(request: web.Request, kind: str) -> web.Response:
    run_id = request.match_info["run_id"]
    async with parts(request).database.readers() as session:
        run = await ArchiveRuns(session).get(kind, run_id)
    if run is None:
        raise NotFound(kind, run_id)
    return answer(_view(run))


def _view(run: ArchiveRun) -> ArchiveRunView:
    fields = {name: getattr(run, name) for name in ArchiveRunView.model_fields if name != "faults"}
    faults = [CopyFault.model_validate(each) for each in run.findings]
    return ArchiveRunView.model_validate(fields | {"faults": faults})
