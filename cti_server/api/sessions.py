"""Logging in and out."""

import structlog
from aiohttp import web

from acd.agents import AgentState
from acd.errors import AcdError
from cti_server.store.agents import Agents
from cti_server.store.database import UNAVAILABLE
from cti_server.wire.rest import LogIn, Session

from .errors import NotKnownYet, WrongPassword
from .parts import identity, parts
from .routing import Routes, answer, read

log = structlog.get_logger()
routes = Routes()


@routes.add("POST", "/api/v1/sessions", needs=None, body=LogIn, answers=Session, status=201)
async def log_in(request: web.Request) -> web.Response:
    """Log in; the agent is on the floor, not ready, until they say otherwise."""
    wanted = await read(request, LogIn)
    here = parts(request)
    agent_id, now = wanted.agent_id, here.clock.now()
    with here.passwords.place():
        here.failed_log_ins.attempt(agent_id, now)  # before anything is awaited
        try:
            async with here.database.readers() as session:
                known = await Agents(session).get(agent_id)
        except UNAVAILABLE:
            here.failed_log_ins.take_back(agent_id)  # no password was tried
            raise
        password_hash = known.password_hash if known is not None else None
        if not await here.passwords.match(password_hash, wanted.password):
            log.info("api.log_in_refused", agent_id=agent_id)
            raise WrongPassword
    here.failed_log_ins.succeeded(agent_id)
    roles = here.sessions.roles_of(agent_id)
    if roles is None:
        raise NotKnownYet(agent_id)
    if "agent" in roles or "supervisor" in roles:
        here.floor.log_in(agent_id)
    token, expires_at = here.sessions.open(agent_id, now)
    return answer(
        Session(token=token, agent_id=agent_id, roles=list(roles), expires_at=expires_at), 201
    )


@routes.add("DELETE", "/api/v1/sessions/current", needs=(), status=204)
async def log_out(request: web.Request) -> web.Response:
    """Close this session; the agent leaves the floor, after the contact in hand if there is one."""
    here, who = parts(request), identity(request)
    try:
        here.floor.set_state(who.agent_id, AgentState.LOGGED_OUT, None)
    except AcdError as error:
        log.debug("api.nothing_to_log_out", agent_id=who.agent_id, reason=str(error))
    await here.sessions.revoke(who, here.clock.now())
    return web.Response(status=204)
