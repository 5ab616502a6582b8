"""The live figures: queues, agents, the centre. From snapshots, at most a second old."""

from bisect import bisect_right
from typing import Any

from aiohttp import web

from cti_server.live.audience import Scope
from cti_server.live.figures import LiveFigures
from cti_server.wire.figures import AgentNow, AgentsNow, CentreNow, QueuesNow

from .parameters import number
from .parts import identity, parts
from .permissions import Identity
from .problems import NotFound
from .routing import Query, Routes, answer

routes = Routes()

LARGEST = 500  # agents of an answer


@routes.add("GET", "/api/v1/figures/queues", needs=("floor.read",), answers=QueuesNow)
async def queue_figures(request: web.Request) -> web.Response:
    """Every queue now: waiting, service level, waits, handling times, fairness."""
    figures = parts(request).figures
    rows = list(figures.snapshot.queues.values())
    return answer(QueuesNow.model_validate({**_as_of(figures), "queues": rows}))


@routes.add(
    "GET",
    "/api/v1/figures/agents",
    needs=("floor.read",),
    answers=AgentsNow,
    query=(
        Query("after", "string", "the last agent_id that you have; from the first by default"),
        Query("limit", "integer", f"at most this many, 1 to {LARGEST}; 100 if not given"),
    ),
)
async def agents_figures(request: web.Request) -> web.Response:
    """The agents who are, or were, here today, by id: their states, times and handlings."""
    here, who = parts(request), identity(request)
    limit = max(1, number(request, "limit", default=100, most=LARGEST))
    known = sorted(each for each in here.figures.snapshot.agents if _sees(request, who, each))
    first = bisect_right(known, request.query.get("after", ""))
    rows = (here.figures.agent(each) for each in known[first : first + limit])
    there = [row for row in rows if row is not None]  # somebody's day may just have ended
    return answer(AgentsNow.model_validate({**_as_of(here.figures), "agents": there}))


@routes.add(
    "GET",
    "/api/v1/figures/agents/{agent_id}",
    needs=("state.own", "floor.read"),
    answers=AgentNow,
)
async def agent_figures(request: web.Request) -> web.Response:
    """One agent's figures: anybody's own."""
    here, who, agent_id = parts(request), identity(request), request.match_info["agent_id"]
    if who.agent_id != agent_id:
        who.need("floor.read")
    row = here.figures.agent(agent_id) if _sees(request, who, agent_id) else None
    if row is None:
        raise NotFound("agent here today", agent_id)
    return answer(AgentNow.model_validate({**_as_of(here.figures), "agent": row}))


@routes.add("GET", "/api/v1/figures/centre", needs=("floor.read",), answers=CentreNow)
async def centre_figures(request: web.Request) -> web.Response:
    """All queues together, blocked calls, and how busy the trunks are."""
    figures = parts(request).figures
    return answer(CentreNow.model_validate({**_as_of(figures), "centre": figures.snapshot.centre}))


def _as_of(figures: LiveFigures) -> dict[str, Any]:
    """Raises FiguresNotReady."""
    shown = figures.snapshot
    return {
        "sequence": shown.sequence,
        "at": shown.at,
        "day": shown.day,
        "interval_from": shown.interval_from,
    }


def _sees(request: web.Request, who: Identity, agent_id: str) -> bool:
    """Their own, their team's, and those of no team."""
    audience = parts(request).figures.audience
    return who.agent_id == agent_id or audience.sees(Scope(teams=who.teams), agent_id)
