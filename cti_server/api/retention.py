"""How long each class of data is kept, and what went because of it."""

from datetime import datetime

from aiohttp import web

from crm.errors import UnknownRecord
from crm.retention import CLASSES, FIXED, check
from cti_server.store.retention import Retention, RetentionRule, RetentionRun
from cti_server.store.versions import check_version
from cti_server.wire.privacy import (
    RetentionEdit,
    RetentionRules,
    RetentionRunPage,
    RetentionRunView,
    RetentionView,
    RunWanted,
)

from .paging import PAGING, after, cursor, limit
from .parts import identity, parts
from .routing import Routes, answer, read

routes = Routes()

_MANAGE = ("retention.manage",)
_SEEN_BY = ("retention.manage", "audit.read")
_RULES = "/api/v1/retention"
_RUNS = f"{_RULES}/runs"


@routes.add("GET", _RULES, needs=_SEEN_BY, answers=RetentionRules)
async def retention_rules(request: web.Request) -> web.Response:
    """Days by class, with their limits, and when the next run is."""
    here = parts(request)
    async with here.database.readers() as session:
        found = {rule.id: rule for rule in await Retention(session).rules()}
    rules = [_view(found[name]) for name in CLASSES if name in found]
    next_run = await here.retention.next_run()
    return answer(RetentionRules(rules=rules, fixed=dict(FIXED), next_run=next_run))


@routes.add(
    "PATCH",
    f"{_RULES}/rules/{{class_name}}",
    needs=_MANAGE,
    body=RetentionEdit,
    answers=RetentionView,
)
async def edit_retention(request: web.Request) -> web.Response:
    """Keep a class longer or shorter from the next run on."""
    wanted, name = await read(request, RetentionEdit), request.match_info["class_name"]
    here = parts(request)
    async with here.changes.begin(identity(request).agent_id) as change:
        rule = await Retention(change.session).rule(name)
        if rule is None:
            raise UnknownRecord("retention_rule", name)
        check_version(rule, wanted.version)
        check(name, wanted.days)
        rule.days, rule.updated_at = wanted.days, here.clock.now()
        change.record("retention_rule", name, "updated", fields=["days"])
        await change.session.flush()
        view = _view(rule)
    return answer(view)


@routes.add("POST", _RUNS, needs=_MANAGE, body=RunWanted, answers=RetentionRunView, status=202)
async def begin_retention(request: web.Request) -> web.Response:
    """Begin a run now, or a dry one that only counts; the one that is under way, if there is."""
    wanted, here = await read(request, RunWanted), parts(request)
    run = await here.retention.begin(
        identity(request).agent_id, dry=wanted.dry, now=here.clock.now()
    )
    return answer(_run_view(run), 202)


@routes.add("GET", _RUNS, needs=_SEEN_BY, answers=RetentionRunPage, query=PAGING)
async def retention_runs(request: web.Request) -> web.Response:
    """What went on which day."""
    most, place = limit(request), after(request, tuple[datetime, str])
    async with parts(request).database.readers() as session:
        found = await Retention(session).page(most + 1, place)
    page = found[:most]
    more = cursor(page[-1].started_at, page[-1].id) if len(found) > most else None
    return answer(RetentionRunPage(items=[_run_view(each) for each in page], next=more))


@routes.add("GET", f"{_RUNS}/{{run_id}}", needs=_SEEN_BY, answers=RetentionRunView)
async def retention_run(request: web.Request) -> web.Response:
    """How far a run is, and what went."""
    run_id = request.match_info["run_id"]
    async with parts(request).database.readers() as session:
        run = await Retention(session).run(run_id)
    if run is None:
        raise UnknownRecord("retention_run", run_id)
    return answer(_run_view(run))


def _view(rule: RetentionRule) -> RetentionView:
    known = CLASSES[rule.id]
    return RetentionView(
        id=rule.id,
        days=rule.days,
        minimum=known.minimum,
        because=known.because,
        swept_until=rule.swept_until,
        version=rule.version,
        updated_at=rule.updated_at,
    )


def _run_view(run: RetentionRun) -> RetentionRunView:
    fields = {name: getattr(run, name) for name in RetentionRunView.model_fields}
    return RetentionRunView.model_validate(fields)
