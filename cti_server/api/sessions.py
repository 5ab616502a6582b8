"""Logging in and out."""

import structlog
from aiohttp import web

from acd.agents import AgentState
from acd.errors import AcdError
from cti_server.store.agents import Agents
from cti_server.wire.rest import LogIn, Session

from .access import WrongPassword
from .parts import identity, parts
from .routing import Routes, answer, read

log = structlog.get_logger()
routes = Routes()


@routes.add("POST", "/api/v1/sessions", needs=None, body=LogIn, answers=Session, status=201)
async def log_in(request: web.Request) -> web.Response:
    """Log in; the agent is on the floor, not ready, until they say otherwise."""
    wanted = await read(request, LogIn)
    here = parts(request)
    now = here.clock.now()
    here.failed_log_ins.check(wanted.agent_id, now)
    async with here.database.readers() as session:
        known = await Agents(session).get(wanted.agent_id)
    password_hash = known.password_hash if known is not None else None
    if not await here.passwords.match(password_hash, wanted.password) or known is None:
        here.failed_log_ins.failed(wanted.agent_id, now)
        log.info("api.log_in_refused", agent_id=wanted.agent_id)
        raise WrongPassword
    here.failed_log_ins.succeeded(wanted.agent_id)
    roles = tuple(known.roles)
    if "agent" in roles or "supervisor" in roles:
        here.floor.log_in(known.id)
    token, expires_at = here.sessions.open(known.id, roles, now)
    return answer(
        Session(token=token, agent_id=known.id, roles=list(roles), expires_at=expires_at), 201
    )


@routes.add("DELETE", "/api/v1/sessions/current", needs=(), status=204)
async def log_out(request: web.Request) -> web.Response:
    """Close this session; the agent leaves the floor, after the contact in hand if there is one."""
    here, who = parts(request), identity(request)
    here.sessions.revoke(who, here.clock.now())
    try:
        here.floor.set_state(who.agent_id, AgentState.LOGGED_OUT, None)
    except AcdError as error:
        log.debug("api.nothing_to_log_out", agent_id=who.agent_id, reason=str(error))
    return web.Response(status=204)
