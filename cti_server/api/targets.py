"""Targets of key figures: how they stand, what they were, and what is done about them."""

from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from crm.errors import InvalidField
from cti_server.reporting.spans import INTERVALS, PARTS_OF_A_DAY, Span
from cti_server.store.routing_definitions import RoutingDefinition, RoutingDefinitions
from cti_server.store.target_actions import TargetAction, TargetActions
from cti_server.store.versions import check_version
from cti_server.targets.live import Window, reading
from cti_server.tickets.edit import Edit
from cti_server.wire.targets import (
    Target,
    TargetActionEdit,
    TargetActionToAdd,
    TargetActionView,
    TargetEdit,
    TargetHistory,
    TargetPoint,
    TargetReading,
    TargetStanding,
    TargetView,
)

from .alert_rules import check_subject, need_own_subject
from .editing import editing
from .kept_definitions import Kept, add_routes
from .parameters import day
from .parts import Parts, identity, parts
from .permissions import Identity
from .problems import BadRequest, NotFound
from .routing import Query, Routes, answer, answer_many, read

routes = Routes()

READ, WRITE = ("reports.read",), ("targets.manage",)
ONE = "/api/v1/targets/{definition_id}"
_KIND: Final = "target"
_DAYS, _DAYS_OF_PARTS = 400, 31


@routes.add("GET", "/api/v1/targets", needs=READ, answers=TargetStanding, many=True)
async def list_targets(request: web.Request) -> web.Response:
    """Every target with today's value and its light; not those of other teams."""
    here, today = parts(request), _today(parts(request))
    async with here.database.readers() as session:
        found = await RoutingDefinitions(session, _KIND).all()
        open_ones = await TargetActions(session).open_ones()
    targets = {one.id: Target.model_validate(one.content) for one in found}
    seen = [one for one in found if _sees(identity(request), targets[one.id])]
    in_force = [one.id for one in seen if targets[one.id].is_valid_on(today.since)]
    values = dict(
        zip(
            in_force,
            await here.target_values.of_today([targets[each] for each in in_force], today),
            strict=True,
        )
    )
    return answer_many(
        [
            TargetStanding(
                **dict(_shown(one)),
                in_force=one.id in values,
                value=values.get(one.id),
                light=targets[one.id].light(values.get(one.id)),
                interval=_live(here, targets[one.id], "interval", in_force=one.id in values),
                recent=_live(here, targets[one.id], "recent", in_force=one.id in values),
                actions_open=open_ones[one.id],
            )
            for one in seen
        ]
    )


@routes.add(
    "GET",
    f"{ONE}/history",
    needs=READ,
    answers=TargetHistory,
    query=(
        Query("since", "string", "a day, as 2026-11-22; 30 days ago by default"),
        Query("until", "string", "the last day; today by default"),
        Query("by", "string", f"{', '.join(INTERVALS)}: the intervals; day by default"),
    ),
)
async def get_target_history(request: web.Request) -> web.Response:
    """The figure interval by interval with its lights, and what was done about it meanwhile."""
    here, span = parts(request), _span(request)
    async with here.database.readers() as session:
        found, target = await _needed(session, request)
        actions = await TargetActions(session).of(found.id, span.since, span.until)
    points = [
        TargetPoint(begins_at=begins_at, value=value, light=target.light(value))
        async for begins_at, value in here.target_values.history(target, span)
    ]
    return answer(
        TargetHistory(
            target=_shown(found), by=span.by, points=points, actions=[_action(a) for a in actions]
        )
    )


@routes.add("GET", f"{ONE}/actions", needs=READ, answers=TargetActionView, many=True)
async def list_target_actions(request: web.Request) -> web.Response:
    """What was done about a target's figure, the newest first."""
    async with parts(request).database.readers() as session:
        found, _ = await _needed(session, request)
        return answer_many([_action(one) for one in await TargetActions(session).of(found.id)])


@routes.add(
    "POST",
    f"{ONE}/actions",
    needs=WRITE,
    body=TargetActionToAdd,
    answers=TargetActionView,
    status=201,
)
async def add_target_action(request: web.Request) -> web.Response:
    """Note what is done about a target's figure; how that stands now is noted with it."""
    wanted, here = await read(request, TargetActionToAdd), parts(request)
    async with here.database.readers() as session:
        found, target = await _needed(session, request)
    [value] = await here.target_values.of_today([target], _today(here))
    async with editing(request) as edit:
        action = TargetAction(
            id=edit.new_id(),
            target_id=found.id,
            **wanted.model_dump(),
            value_before=value,
            light_before=target.light(value),
            noted_by=edit.by,
            created_at=edit.now,
            updated_at=edit.now,
        )
        TargetActions(edit.session).add(action)
        edit.change.record("target_action", action.id, "created")
    return answer(_action(action), 201)


@routes.add(
    "PATCH",
    f"{ONE}/actions/{{action_id}}",
    needs=WRITE,
    body=TargetActionEdit,
    answers=TargetActionView,
)
async def edit_target_action(request: web.Request) -> web.Response:
    """Say what came of it, when it ended, or what it is after all."""
    wanted = await read(request, TargetActionEdit)
    changes = wanted.model_dump(exclude={"version"}, exclude_none=True)
    async with editing(request) as edit:
        found, _ = await _needed(edit.session, request)
        action_id = request.match_info["action_id"]
        action = await TargetActions(edit.session).need(found.id, action_id)
        check_version(action, wanted.version)
        for name, value in changes.items():
            setattr(action, name, value)
        if action.ended_on is not None and action.ended_on < action.begun_on:
            raise InvalidField("ended_on", "must not be before begun_on")
        action.updated_at = edit.now
        edit.change.record("target_action", action.id, "updated", fields=changes)
        await edit.session.flush()
    return answer(_action(action))


async def _check(request: web.Request, edit: Edit, who: Identity, target: Target) -> None:
    """Raises InvalidField for what is not there, or has a target for some of these days."""
    await check_subject(request, edit, who, target.subject, target.name)
    for other in await RoutingDefinitions(edit.session, _KIND).all():
        if other.id == request.match_info.get("definition_id"):
            continue
        if target.overlaps(Target.model_validate(other.content)):
            raise InvalidField("valid_from", f"target {other.id} holds on some of these days")


async def _needed(session: AsyncSession, request: web.Request) -> tuple[RoutingDefinition, Target]:
    """Raises UnknownRecord, and NotFound for another team's."""
    found = await RoutingDefinitions(session, _KIND).need(request.match_info["definition_id"])
    target = Target.model_validate(found.content)
    if not _sees(identity(request), target):
        raise NotFound("target", found.id)
    return found, target


def _need_own(who: Identity, target: Target) -> None:
    need_own_subject(who, target.subject, target.name)


def _sees(who: Identity, target: Target) -> bool:
    return who.teams is None or target.subject != "team" or target.name in who.teams


def _live(here: Parts, target: Target, window: Window, *, in_force: bool) -> TargetReading:
    if not in_force:
        return TargetReading(value=None, light="none")
    return reading(target, here.figures.snapshot, window)


def _today(here: Parts) -> Span:
    zone = ZoneInfo(here.time_zone)
    today = here.clock.now().astimezone(zone).date()
    return Span(today, today, zone)


def _span(request: web.Request) -> Span:
    """Raises BadRequest."""
    today, by = _today(parts(request)), request.query.get("by", "day")
    until = day(request, "until") or today.until
    since = day(request, "since") or until - timedelta(days=30)
    if by not in INTERVALS:
        raise BadRequest(f"by: {', '.join(INTERVALS)}")
    longest = _DAYS_OF_PARTS if by in PARTS_OF_A_DAY else _DAYS
    if not 0 <= (until - since).days < longest:
        raise BadRequest(f"until: must not be before since, nor {longest} days after it")
    return Span(since, until, today.zone, by)


def _shown(found: RoutingDefinition) -> TargetView:
    view: TargetView = KEPT.show(found)
    return view


def _action(action: TargetAction) -> TargetActionView:
    names = TargetActionView.model_fields
    return TargetActionView.model_validate({name: getattr(action, name) for name in names})


KEPT = Kept(
    kind=_KIND,
    title="target",
    path="/api/v1/targets",
    read=READ,
    write=WRITE,
    content=Target,
    edit=TargetEdit,
    view=TargetView,
    check=_check,
    need_own=_need_own,
    may_see=_sees,
)
add_routes(routes, KEPT, listed=False)
