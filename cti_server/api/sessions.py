"""Logging in and out, and the sessions that are open."""

import asyncio
from collections.abc import Sequence

import structlog
from aiohttp import web

from acd.agents import AgentState
from acd.errors import AcdError
from cti_server.store.errors import EventsUnavailable
from cti_server.store.sessions import Session as StoredSession
from cti_server.store.sessions import Sessions
from cti_server.wire.events import SessionClosed, SessionRenewed, SessionsClosed
from cti_server.wire.sessions import LogIn, Session, SessionRenewal
from cti_server.wire.users import SessionView

from .admission import check_password, check_second_factor, duties, open_session
from .parts import Parts, identity, parts
from .permissions import Identity
from .problems import NotFound
from .routing import Routes, answer, answer_many, read

log = structlog.get_logger()
routes = Routes()

STORED_WITHIN = 5.0  # seconds


@routes.add("POST", "/api/v1/sessions", needs=None, body=LogIn, answers=Session, status=201)
async def log_in(request: web.Request) -> web.Response:
    """Log in; the agent is on the floor, not ready, until they say otherwise."""
    wanted = await read(request, LogIn)
    here = parts(request)
    agent = await check_password(request, wanted.agent_id, wanted.password)
    method = await check_second_factor(request, agent, wanted.code)
    must = await duties(here, agent)
    return answer(open_session(request, agent, method, here.clock.now(), must), 201)


@routes.add(
    "POST", "/api/v1/sessions/current/renewal", needs=("account.own",), answers=SessionRenewal
)
async def renew(request: web.Request) -> web.Response:
    """Have this session end later, up to the longest life of one."""
    here, who = parts(request), identity(request)
    renewed = here.sessions.renew(who, here.clock.now())
    if renewed.expires_at > who.expires_at:
        here.log.append(
            SessionRenewed(
                session_id=renewed.id, user_id=who.agent_id, expires_at=renewed.expires_at
            )
        )
    return answer(SessionRenewal(token=renewed.token, expires_at=renewed.expires_at))


@routes.add("DELETE", "/api/v1/sessions/current", needs=("account.own",), status=204)
async def log_out(request: web.Request) -> web.Response:
    """Close this session; the agent leaves the floor, after the contact in hand if there is one."""
    here, who = parts(request), identity(request)
    leave_floor(here, who.agent_id)
    await _close(here, who, who.agent_id)
    return web.Response(status=204)


@routes.add(
    "GET", "/api/v1/account/sessions", needs=("account.own",), answers=SessionView, many=True
)
async def own_sessions(request: web.Request) -> web.Response:
    """One's own sessions that are open, the newest first."""
    return await _listed(request, identity(request).agent_id)


@routes.add("DELETE", "/api/v1/account/sessions", needs=("account.own",), status=204)
async def close_own_sessions(request: web.Request) -> web.Response:
    """Close all of one's own sessions, this one too."""
    return await _close_all(request, identity(request).agent_id)


@routes.add("DELETE", "/api/v1/account/sessions/{session_id}", needs=("account.own",), status=204)
async def close_own_session(request: web.Request) -> web.Response:
    """Close one of one's own sessions."""
    return await _close_one(request, identity(request).agent_id)


@routes.add(
    "GET",
    "/api/v1/users/{user_id}/sessions",
    needs=("users.read",),
    answers=SessionView,
    many=True,
)
async def sessions_of(request: web.Request) -> web.Response:
    """A user's sessions that are open, the newest first."""
    return await _listed(request, request.match_info["user_id"])


@routes.add("DELETE", "/api/v1/users/{user_id}/sessions", needs=("users.manage",), status=204)
async def close_sessions_of(request: web.Request) -> web.Response:
    """Close all of a user's sessions."""
    return await _close_all(request, request.match_info["user_id"])


@routes.add(
    "DELETE",
    "/api/v1/users/{user_id}/sessions/{session_id}",
    needs=("users.manage",),
    status=204,
)
async def close_session_of(request: web.Request) -> web.Response:
    """Close one of a user's sessions."""
    return await _close_one(request, request.match_info["user_id"])


def leave_floor(here: Parts, agent_id: str, by: str | None = None) -> None:
    """Where the agent is on it; a contact in hand comes to its end first."""
    try:
        here.floor.set_state(agent_id, AgentState.LOGGED_OUT, by=by)
    except AcdError as error:
        log.debug("api.nothing_to_log_out", agent_id=agent_id, reason=str(error))


async def close_all(here: Parts, agent_id: str, closed_by: str, reason: str) -> None:
    """Close every session that the agent has until now, of which there may be none."""
    here.log.append(SessionsClosed(user_id=agent_id, closed_by=closed_by, reason=reason))
    await here.sessions.revoke_all(agent_id, here.clock.now())


async def _close(here: Parts, of: Identity, closed_by: str) -> None:
    session_id, user_id = of.token_id, of.agent_id
    here.log.append(SessionClosed(session_id=session_id, user_id=user_id, closed_by=closed_by))
    await here.sessions.revoke(of, here.clock.now())


async def _listed(request: web.Request, agent_id: str) -> web.Response:
    here, current = parts(request), identity(request).token_id
    return answer_many(
        [
            SessionView(
                id=each.id,
                agent_id=each.agent_id,
                method=each.method,
                address=each.address,
                client=each.client,
                opened_at=each.opened_at,
                expires_at=each.expires_at,
                current=each.id == current,
            )
            for each in await _open(here, agent_id)
        ]
    )


async def _open(here: Parts, agent_id: str) -> Sequence[StoredSession]:
    """Raises EventsUnavailable while the database does not take what has just happened."""
    try:
        async with asyncio.timeout(STORED_WITHIN):
            await here.log.stored()
    except TimeoutError as error:
        raise EventsUnavailable(here.log.last_sequence) from error
    async with here.database.readers() as session:
        live = await Sessions(session).live(agent_id, here.clock.now())
    return [each for each in live if here.sessions.is_open(each.agent_id, each.id, each.opened_at)]


async def _close_one(request: web.Request, agent_id: str) -> web.Response:
    here, session_id = parts(request), request.match_info["session_id"]
    found = [each for each in await _open(here, agent_id) if each.id == session_id]
    if not found:
        raise NotFound("open session", session_id)
    closing = Identity(agent_id, (), session_id, found[0].opened_at, found[0].expires_at)
    await _close(here, closing, identity(request).agent_id)
    return web.Response(status=204)


async def _close_all(request: web.Request, agent_id: str) -> web.Response:
    here = parts(request)
    if here.sessions.roles_of(agent_id) is None:
        raise NotFound("user", agent_id)
    leave_floor(here, agent_id)
    await close_all(here, agent_id, identity(request).agent_id, "asked")
    return web.Response(status=204)
