"""Why an agent was offered nothing, why a caller waited, and why it was this agent."""

from datetime import timedelta

from aiohttp import web

from acd.explanations import Explanation, NotTheirs, PassedBy, Standing, Stretch
from cti_server.explanations.reasons import told
from cti_server.wire.explanations import (
    AgentExplanation,
    NotTheirsView,
    PassedByView,
    StandingView,
    StretchView,
)

from .parts import identity, parts
from .routing import Query, Routes, answer, number

routes = Routes()

LONGEST = 30  # minutes


@routes.add(
    "GET",
    "/api/v1/agents/{agent_id}/explanation",
    needs=("state.own", "floor.read"),
    answers=AgentExplanation,
    query=(Query("minutes", "integer", f"so far back, 1 to {LONGEST}; 8 if not given"),),
)
async def why_not_this_agent(request: web.Request) -> web.Response:
    """What an agent was lately and, while they were free, why nothing was offered to them."""
    here, agent_id = parts(request), request.match_info["agent_id"]
    if (who := identity(request)).agent_id != agent_id:
        who.need("floor.read")
    minutes = max(1, number(request, "minutes", default=8, most=LONGEST))
    now = here.clock.now()
    return answer(_agent(here.floor.explain(agent_id, now - timedelta(minutes=minutes), now)))


def _agent(explanation: Explanation) -> AgentExplanation:
    return AgentExplanation(
        agent_id=explanation.agent_id,
        since=explanation.since,
        until=explanation.until,
        stretches=[_stretch(one) for one in explanation.stretches],
    )


def _stretch(stretch: Stretch) -> StretchView:
    return StretchView(
        since=stretch.since,
        until=stretch.until,
        state=stretch.state,
        reasons=list(stretch.reasons),
        contact_id=stretch.contact_id,
        passed_by=[_passed_by(one) for one in stretch.passed_by],
        not_theirs=[_not_theirs(one) for one in stretch.not_theirs],
    )


def _passed_by(passed: PassedBy) -> PassedByView:
    return PassedByView(
        at=passed.at,
        contact_id=passed.contact_id,
        queue=passed.queue,
        channel=passed.channel.value,
        chosen=passed.chosen,
        policy=passed.policy,
        version=passed.version,
        rule=passed.rule,
        reason=passed.reason,
        backing_off_until=passed.backing_off_until,
        own=_standing(passed.own),
        theirs=_standing(passed.theirs),
        told=told(passed.reason),
    )


def _standing(standing: Standing | None) -> StandingView | None:
    if standing is None:
        return None
    return StandingView(
        level=standing.level,
        cost=list(standing.cost),
        terms=dict(standing.terms),
        idle_seconds=standing.idle.total_seconds(),
    )


def _not_theirs(lot: NotTheirs) -> NotTheirsView:
    return NotTheirsView(
        queue=lot.queue,
        reason=lot.reason,
        contacts=lot.contacts,
        since=lot.since,
        until=lot.until,
        told=told(lot.reason),
    )
