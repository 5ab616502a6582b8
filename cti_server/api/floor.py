"""The floor over REST: agents, their states, queues."""

import contextlib
from collections.abc import Mapping
from datetime import timedelta

from aiohttp import web

from acd.agents import AgentState
from acd.model import RELEASED
from config.reasons import ReasonSettings
from cti_server.calls.errors import NoSuchCall
from cti_server.wire.events import AgentReleased
from cti_server.wire.floor import (
    AgentStateChange,
    AgentView,
    Colleague,
    DesktopLists,
    QueueView,
    WrapUpExtension,
)
from cti_server.wire.reasons import Reasons, ReasonView

from .agent_views import agent_now, agents_now
from .calls_in_sight import need_in_sight
from .dispositions import check_wrapped_up
from .parts import identity, parts
from .routing import Routes, answer, answer_many, read
from .views import queue_view

routes = Routes()


@routes.add("GET", "/api/v1/agents", needs=("floor.read",), answers=AgentView, many=True)
async def agents(request: web.Request) -> web.Response:
    """Every agent's state now; not those of other teams."""
    return answer_many(agents_now(parts(request), identity(request).teams))


@routes.add(
    "GET", "/api/v1/agents/{agent_id}", needs=("state.own", "floor.read"), answers=AgentView
)
async def agent(request: web.Request) -> web.Response:
    """One agent's state now."""
    agent_id = _own_or_any(request, "floor.read")
    return answer(agent_now(parts(request), agent_id))


@routes.add(
    "PUT",
    "/api/v1/agents/{agent_id}/state",
    needs=("state.own", "state.any"),
    body=AgentStateChange,
    answers=AgentView,
)
async def set_agent_state(request: web.Request) -> web.Response:
    """Make an agent ready or not ready, or log them out; they are told who did it."""
    agent_id = _own_or_any(request, "state.any")
    change = await read(request, AgentStateChange)
    floor, me = parts(request).floor, identity(request).agent_id
    if agent_id == me and change.state != "logged_out":
        await check_wrapped_up(parts(request), agent_id)
    by = None if agent_id == me else me
    floor.set_state(agent_id, AgentState(change.state), change.reason, by=by)
    return answer(agent_now(parts(request), agent_id))


@routes.add(
    "POST",
    "/api/v1/agents/{agent_id}/release",
    needs=("agents.release",),
    answers=AgentView,
)
async def release_agent(request: web.Request) -> web.Response:
    """Free an agent who is stuck, of whatever they have in hand; their customers wait again."""
    here, agent_id = parts(request), request.match_info["agent_id"]
    need_in_sight(here, agent_id, identity(request))
    stuck = here.floor.agent(agent_id)
    here.log.append(AgentReleased(agent_id=agent_id, released_by=identity(request).agent_id))
    here.floor.release(agent_id, RELEASED)
    if stuck.contact_id is not None:
        with contextlib.suppress(NoSuchCall):
            here.switchboard.call_of(stuck.contact_id).control.free(agent_id)
    return answer(agent_now(here, agent_id))


@routes.add(
    "POST",
    "/api/v1/agents/{agent_id}/wrap-up/extension",
    needs=("state.own", "state.any"),
    body=WrapUpExtension,
    answers=AgentView,
)
async def extend_wrap_up(request: web.Request) -> web.Response:
    """Let a wrap-up go on for longer, as far as its queue allows."""
    agent_id = _own_or_any(request, "state.any")
    wanted = await read(request, WrapUpExtension)
    floor = parts(request).floor
    floor.extend_wrap_up(agent_id, timedelta(seconds=wanted.seconds))
    return answer(agent_now(parts(request), agent_id))


@routes.add("GET", "/api/v1/queues", needs=("queues.read",), answers=QueueView, many=True)
async def queues(request: web.Request) -> web.Response:
    """Every queue now."""
    here = parts(request)
    return answer_many(
        [
            queue_view(queue, here.queues[queue.name].title, here.broadcasts.in_queue(queue.name))
            for queue in here.floor.queues()
        ]
    )


@routes.add("GET", "/api/v1/desktop", needs=("stream",), answers=DesktopLists)
async def desktop_lists(request: web.Request) -> web.Response:
    """What a desktop offers to choose from: reasons, queues, colleagues who are there."""
    floor, me = parts(request).floor, identity(request).agent_id
    there = [
        Colleague(id=one.id, name=one.name, number=one.number, state=one.state)
        for one in floor.agents()
        if one.id != me and one.state != AgentState.LOGGED_OUT
    ]
    return answer(
        DesktopLists(
            not_ready_reasons=list(floor.reasons),
            queues=[queue.name for queue in floor.queues()],
            colleagues=there,
            afterwards=parts(request).flows.running,
        )
    )


@routes.add("GET", "/api/v1/reasons", needs=("queues.read",), answers=Reasons)
async def reasons(request: web.Request) -> web.Response:
    """Why agents are not ready, and why recordings are masked, in the order of the settings."""
    here = parts(request)
    not_ready, mask = here.not_ready_reasons, here.recording.mask_reasons
    return answer(Reasons(not_ready=_named(not_ready), mask=_named(mask)))


def _named(reasons: Mapping[str, ReasonSettings]) -> list[ReasonView]:
    return [
        ReasonView(id=name, labels={"zh": one.zh, "en": one.en}) for name, one in reasons.items()
    ]


def _own_or_any(request: web.Request, permission: str) -> str:
    """
    The agent that the path names, if the caller is that agent or may act for any.

    Raises NotPermitted, also for another team's agent.
    """
    agent_id = request.match_info["agent_id"]
    who = identity(request)
    if who.agent_id != agent_id:
        who.need(permission)
        need_in_sight(parts(request), agent_id, who)
    return agent_id
