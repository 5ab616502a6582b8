"""
Letting somebody in: the password, the second factor, and the session that follows.

What is refused is counted against the name before anything is awaited, and told to the audit trail.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

import structlog
from aiohttp import web

from cti_server.store.agents import Agent, Agents
from cti_server.store.database import UNAVAILABLE
from cti_server.store.second_factors import SecondFactor, SecondFactors
from cti_server.wire.events import LockedOut, LogInFailed, SessionOpened
from cti_server.wire.sessions import Session

from .errors import NotKnownYet, SecondFactorNeeded, TooManyFailures, WrongCode, WrongPassword
from .parts import Parts, parts
from .totp import matching_step, recovery_hash

log = structlog.get_logger()

RESTRICTED = frozenset({"account.own"})
"""What a session is good for while its agent has something to do first."""
CHANGE_PASSWORD, ENROL = "change_password", "enrol_second_factor"
_CLIENT = 255  # characters kept of what a browser calls itself


async def check_password(request: web.Request, agent_id: str, password: str) -> Agent:
    """
    The agent whose name and password these are.

    Raises WrongPassword, TooManyFailures, TooManyLogIns. A password that is right does not clear
    the count yet: a code may have to come.
    """
    here = parts(request)
    with here.passwords.place():
        async with counted(request, agent_id), here.database.readers() as session:
            known = await Agents(session).get(agent_id)
        usable = known is not None and known.enabled
        password_hash = known.password_hash if known is not None and usable else None
        if not await here.passwords.match(password_hash, password) or known is None:
            _refuse(request, "" if known is None else agent_id, "password")
            raise WrongPassword
    return known


@asynccontextmanager
async def counted(request: web.Request, agent_id: str) -> AsyncIterator[None]:
    """An attempt of this name's, unless the database lets it come to nothing."""
    here = parts(request)
    try:
        here.failed_log_ins.attempt(agent_id, here.clock.now())
    except TooManyFailures as error:
        if error.first and here.sessions.roles_of(agent_id) is not None:
            address = request.remote or ""
            seconds = error.retry_after or 0
            here.log.append(LockedOut(user_id=agent_id, address=address, seconds=seconds))
        raise
    try:
        yield
    except UNAVAILABLE:
        here.failed_log_ins.take_back(agent_id)  # no password was tried
        raise


async def check_second_factor(request: web.Request, agent: Agent, code: str | None) -> str:
    """
    How the agent has proved who they are: "password", or "second_factor" where they have one.

    Raises SecondFactorNeeded and WrongCode.
    """
    here = parts(request)
    async with here.database.readers() as session:
        factor = await SecondFactors(session).get(agent.id)
    if factor is None or factor.confirmed_at is None:
        return "password"
    if code is None:
        here.failed_log_ins.take_back(agent.id)
        raise SecondFactorNeeded
    if not await take_code(here, factor, code):
        _refuse(request, agent.id, "code")
        raise WrongCode
    return "second_factor"


async def take_code(here: Parts, factor: SecondFactor, code: str) -> bool:
    """Whether the code is right; it is used up then."""
    plain = "".join(code.split())
    if plain.isascii() and plain.isdigit():
        secret = here.seal.open(factor.sealed_secret, factor.agent_id)
        step = matching_step(secret, plain, here.clock.now())
        if step is None:
            return False
        async with here.database.sessions.begin() as session:
            return await SecondFactors(session).take_step(factor.agent_id, step)
    async with here.changes.begin(factor.agent_id) as change:
        factors = SecondFactors(change.session)
        taken = await factors.take_recovery_code(factor.agent_id, recovery_hash(code))
        if taken:
            change.record("second_factor", factor.agent_id, "recovered")
    return taken


async def duties(here: Parts, agent: Agent) -> list[str]:
    """What the agent has to do before anything else."""
    must = [CHANGE_PASSWORD] if agent.password_is_temporary else []
    if set(agent.roles) & set(here.access.second_factor_for):
        async with here.database.readers() as session:
            factor = await SecondFactors(session).get(agent.id)
        if factor is None or factor.confirmed_at is None:
            must.append(ENROL)
    return must


def open_session(
    request: web.Request, agent: Agent, method: str, now: datetime, must: list[str]
) -> Session:
    """
    Who has proved to be this agent is in, and on the floor if they serve customers, not ready.

    Raises NotKnownYet.
    """
    here = parts(request)
    roles = here.sessions.roles_of(agent.id)
    if roles is None:
        raise NotKnownYet(agent.id)
    here.failed_log_ins.succeeded(agent.id)
    if not must and {"agent", "supervisor"} & set(roles):
        here.floor.log_in(agent.id)
    opened = here.sessions.open(agent.id, now, only=RESTRICTED if must else None)
    here.log.append(
        SessionOpened(
            session_id=opened.id,
            user_id=agent.id,
            method=method,
            address=request.remote or "",
            client=request.headers.get("User-Agent", "")[:_CLIENT],
            expires_at=opened.expires_at,
        )
    )
    return Session(
        token=opened.token,
        agent_id=agent.id,
        roles=list(roles),
        expires_at=opened.expires_at,
        must=must,
    )


def _refuse(request: web.Request, user_id: str, reason: str) -> None:
    """``user_id``: empty for a name that nobody has, which may be a password in the wrong field."""
    log.info("api.log_in_refused", agent_id=user_id, reason=reason)
    address = request.remote or ""
    parts(request).log.append(LogInFailed(user_id=user_id, address=address, reason=reason))
