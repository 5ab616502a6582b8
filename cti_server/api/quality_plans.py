"""Sampling plans: which recordings are reviewed each week, and by whom."""

import secrets

from aiohttp import web

from crm.errors import InvalidField
from crm.quality.sampling import Plan, Week
from cti_server.quality.reviewers import Reviewing, need_able
from cti_server.quality.reviewing import active_version
from cti_server.quality.sampling import Sampling
from cti_server.store.agents import Agents
from cti_server.store.dispositions import Dispositions
from cti_server.store.sampling_plans import SamplingPlan, SamplingPlans
from cti_server.store.versions import check_version
from cti_server.tickets.edit import Edit
from cti_server.wire.scorecards import (
    SampleView,
    SampleWanted,
    SamplingPlanCreate,
    SamplingPlanEdit,
    SamplingPlanView,
)

from .editing import editing
from .parts import identity, parts
from .permissions import granted_by
from .routing import Routes, answer, answer_many, read

routes = Routes()

REVIEWING = Reviewing(
    may=lambda roles: granted_by(roles, "quality.review"),
    sees_all=lambda roles: granted_by(roles, "rows.all"),
)


@routes.add(
    "GET",
    "/api/v1/quality/sampling-plans",
    needs=("quality.read",),
    answers=SamplingPlanView,
    many=True,
)
async def list_sampling_plans(request: web.Request) -> web.Response:
    """What is sampled each week."""
    async with parts(request).database.readers() as session:
        return answer_many([_view(plan) for plan in await SamplingPlans(session).all()])


@routes.add(
    "POST",
    "/api/v1/quality/sampling-plans",
    needs=("quality.manage",),
    body=SamplingPlanCreate,
    answers=SamplingPlanView,
    status=201,
)
async def create_sampling_plan(request: web.Request) -> web.Response:
    """Sample each week from this one on, when it is over."""
    wanted = await read(request, SamplingPlanCreate)
    async with editing(request) as edit:
        await _check(request, edit, wanted.definition)
        plan = SamplingPlan(
            id=wanted.id,
            definition=wanted.definition.model_dump(mode="json"),
            seed=secrets.token_hex(16),
            enabled=wanted.enabled,
            next_at=Week.of(edit.now, parts(request).time_zone).end,
            created_at=edit.now,
            updated_at=edit.now,
        )
        edit.session.add(plan)
        edit.change.record("sampling_plan", plan.id, "created")
        await edit.session.flush()
    return answer(_view(plan), 201)


@routes.add(
    "PATCH",
    "/api/v1/quality/sampling-plans/{plan_id}",
    needs=("quality.manage",),
    body=SamplingPlanEdit,
    answers=SamplingPlanView,
)
async def edit_sampling_plan(request: web.Request) -> web.Response:
    """Change a plan, or switch it on or off; weeks that it was off are not made up for."""
    wanted = await read(request, SamplingPlanEdit)
    async with editing(request) as edit:
        plan = await SamplingPlans(edit.session).need(request.match_info["plan_id"], locked=True)
        check_version(plan, wanted.version)
        if wanted.definition is not None:
            await _check(request, edit, wanted.definition)
            plan.definition = wanted.definition.model_dump(mode="json")
        if wanted.enabled is not None:
            if wanted.enabled and not plan.enabled:
                plan.next_at = Week.of(edit.now, parts(request).time_zone).end
            plan.enabled = wanted.enabled
        plan.updated_at = edit.now
        fields = wanted.model_fields_set - {"version"}
        edit.change.record("sampling_plan", plan.id, "updated", fields=fields)
        await edit.session.flush()
    return answer(_view(plan))


@routes.add(
    "POST",
    "/api/v1/quality/sampling-plans/{plan_id}/samples",
    needs=("quality.manage",),
    body=SampleWanted,
    answers=SampleView,
)
async def sample(request: web.Request) -> web.Response:
    """Sample now; what the week has been sampled for already counts."""
    wanted, here = await read(request, SampleWanted), parts(request)
    now, plan_id = here.clock.now(), request.match_info["plan_id"]
    await here.log.stored()  # recordings of this moment, too
    week = Week.of(now, here.time_zone)
    week = week if wanted.week == "this" else week.before
    sampling = Sampling(here.database, here.changes, here.new_id, here.time_zone, REVIEWING)
    made = await sampling.sample(plan_id, week, identity(request).agent_id, now)
    return answer(SampleView(plan_id=plan_id, week=week.name, reviews=made))


async def _check(request: web.Request, edit: Edit, plan: Plan) -> None:
    """Raises InvalidField."""
    await active_version(edit, plan.scorecard, "definition.scorecard")
    await need_able(edit.session, plan.reviewers, REVIEWING, "definition.reviewers")
    people = {agent.id for agent in await Agents(edit.session).all()} if plan.agents else set()
    if unknown := sorted(set(plan.agents) - people):
        raise InvalidField("definition.agents", f"there is no agent {unknown[0]!r}")
    code = plan.disposition
    if code is not None and await Dispositions(edit.session).code(code) is None:
        raise InvalidField("definition.disposition", f"there is no disposition code {code!r}")
    if unknown := sorted(set(plan.queues) - set(parts(request).queues)):
        raise InvalidField("definition.queues", f"there is no queue {unknown[0]!r}")


def _view(plan: SamplingPlan) -> SamplingPlanView:
    return SamplingPlanView(
        id=plan.id,
        version=plan.version,
        definition=plan.plan,
        enabled=plan.enabled,
        next_at=plan.next_at,
        updated_at=plan.updated_at,
    )
