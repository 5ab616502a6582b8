"""One's own account: who one is, password, second factor."""

from aiohttp import web

from crm.errors import NotNow
from cti_server.store.agents import Agent, Agents
from cti_server.store.second_factors import SecondFactor, SecondFactors
from cti_server.wire.sessions import Session
from cti_server.wire.users import (
    Account,
    Enrolment,
    EnrolmentCode,
    PasswordChange,
    PasswordProof,
)

from . import password_rules
from .admission import check_password, duties, open_session
from .errors import WrongCode
from .parts import Parts, identity, parts
from .permissions import OWN, SCOPES
from .problems import NotFound
from .routing import Routes, answer, read
from .sessions import close_all
from .totp import app_uri, matching_step, new_recovery_codes, new_secret, recovery_hash, spelled

routes = Routes()

NEEDS = ("account.own",)
ISSUER = "Hotline"


@routes.add("GET", "/api/v1/account", needs=NEEDS, answers=Account)
async def account(request: web.Request) -> web.Response:
    """Who asks, and what they may do."""
    here, who = parts(request), identity(request)
    agent, factor = await _known(here, who.agent_id)
    confirmed = factor is not None and factor.confirmed_at is not None
    return answer(
        Account(
            id=agent.id,
            name=agent.name,
            roles=list(who.roles),
            team=who.team,
            session_expires_at=who.expires_at,
            permissions=sorted(each for each in SCOPES | OWN if who.may(each)),
            must=await duties(here, agent) if who.granted is not None else [],
            second_factor=confirmed,
            recovery_codes_left=len(factor.recovery_hashes) if factor and confirmed else 0,
        )
    )


@routes.add("POST", "/api/v1/account/password", needs=NEEDS, body=PasswordChange, answers=Session)
async def change_password(request: web.Request) -> web.Response:
    """Choose another password: every session ends, and here is a new one."""
    wanted = await read(request, PasswordChange)
    here, who = parts(request), identity(request)
    agent = await check_password(request, who.agent_id, wanted.password)
    if wanted.new_password == wanted.password:
        raise NotNow("the new password is the old one")
    password_rules.check_password(
        wanted.new_password,
        shortest=here.access.password_length,
        names=(agent.id, agent.name),
    )
    password_hash = await here.passwords.hashed(wanted.new_password)
    async with here.changes.begin(who.agent_id) as change:
        changing = await Agents(change.session).get(who.agent_id)
        if changing is None or changing.password_hash != agent.password_hash:
            raise NotNow("the password was changed meanwhile")
        changing.password_hash, changing.password_is_temporary = password_hash, False
        change.record("agent", agent.id, "updated", fields=["password"])
    return await _anew(request, changing, "password_changed")


@routes.add(
    "POST",
    "/api/v1/account/second-factor",
    needs=NEEDS,
    body=PasswordProof,
    answers=Enrolment,
    status=201,
)
async def enrol(request: web.Request) -> web.Response:
    """Begin with an authenticator app; it counts when its first code was confirmed."""
    proof = await read(request, PasswordProof)
    here, who = parts(request), identity(request)
    await check_password(request, who.agent_id, proof.password)
    here.failed_log_ins.take_back(who.agent_id)
    secret, codes = new_secret(), new_recovery_codes()
    async with here.changes.begin(who.agent_id) as change:
        factors = SecondFactors(change.session)
        before = await factors.get(who.agent_id)
        if before is not None and before.confirmed_at is not None:
            raise NotNow("there is a second factor; remove it first")
        await factors.put(
            SecondFactor(
                agent_id=who.agent_id,
                sealed_secret=here.seal.close(secret, who.agent_id),
                enrolled_at=here.clock.now(),
                recovery_hashes=[recovery_hash(code) for code in codes],
            )
        )
        change.record("second_factor", who.agent_id, "enrolled")
    uri = app_uri(secret, who.agent_id, ISSUER)
    return answer(Enrolment(secret=spelled(secret), uri=uri, recovery_codes=codes), 201)


@routes.add(
    "POST",
    "/api/v1/account/second-factor/confirm",
    needs=NEEDS,
    body=EnrolmentCode,
    answers=Session,
)
async def confirm(request: web.Request) -> web.Response:
    """The app's first code: from now on log-ins need one; every session ends, here is a new one."""
    wanted = await read(request, EnrolmentCode)
    here, who = parts(request), identity(request)
    async with here.changes.begin(who.agent_id) as change:
        factor = await SecondFactors(change.session).get(who.agent_id)
        if factor is None or factor.confirmed_at is not None:
            raise NotNow("no second factor waits for its first code")
        now = here.clock.now()
        secret = here.seal.open(factor.sealed_secret, who.agent_id)
        step = matching_step(secret, wanted.code, now)
        if step is None:
            raise WrongCode
        factor.confirmed_at, factor.last_step = now, step
        change.record("second_factor", who.agent_id, "confirmed")
        agent = await change.session.get_one(Agent, who.agent_id)
    return await _anew(request, agent, "second_factor")


@routes.add(
    "POST", "/api/v1/account/second-factor/remove", needs=NEEDS, body=PasswordProof, status=204
)
async def remove(request: web.Request) -> web.Response:
    """Do without the second factor, where no role needs it."""
    proof = await read(request, PasswordProof)
    here, who = parts(request), identity(request)
    if set(who.roles) & set(here.access.second_factor_for):
        raise NotNow("a role needs the second factor")
    await check_password(request, who.agent_id, proof.password)
    here.failed_log_ins.take_back(who.agent_id)
    async with here.changes.begin(who.agent_id) as change:
        if not await SecondFactors(change.session).remove(who.agent_id):
            raise NotFound("second factor of", who.agent_id)
        change.record("second_factor", who.agent_id, "removed")
    return web.Response(status=204)


async def _anew(request: web.Request, agent: Agent, reason: str) -> web.Response:
    """Another session in place of all that there are."""
    here = parts(request)
    await close_all(here, agent.id, agent.id, reason)
    must = await duties(here, agent)
    method = "second_factor" if reason == "second_factor" else "password"
    return answer(open_session(request, agent, method, here.clock.now(), must))


async def _known(here: Parts, agent_id: str) -> tuple[Agent, SecondFactor | None]:
    async with here.database.readers() as session:
        agent = await Agents(session).get(agent_id)
        factor = await SecondFactors(session).get(agent_id)
    if agent is None:
        raise NotFound("user", agent_id)
    return agent, factor
