"""Users: defined, changed, disabled and removed; their passwords and second factors reset."""

import secrets
from collections.abc import Collection

from aiohttp import web

from crm.errors import NotNow, UnknownRecord
from cti_server.sip.digest import ha1
from cti_server.store.agents import Agent, Agents, SipAccount, SipAccounts
from cti_server.store.routing_definitions import DefinitionVersions
from cti_server.store.second_factors import SecondFactors
from cti_server.store.versions import check_version
from cti_server.wire.users import (
    Matrix,
    NewUser,
    PasswordReset,
    PhonePassword,
    User,
    UserChange,
    UserPage,
)

from . import password_rules
from .paging import PAGING, after, cursor, limit
from .parameters import VERSION, version_to_delete
from .parts import Parts, identity, parts
from .permissions import MASKED, PERMISSIONS, SCOPES
from .routing import Query, Routes, answer, read
from .sessions import close_all, leave_floor
from .user_routing import KIND, keep_routing, need_known, routing_of
from .user_views import user_view

routes = Routes()

_FILTERS = (
    Query("q", description="a part of the id, name or number, in capitals or not"),
    Query("role", description="who has this role, perhaps among others"),
    Query("team", description="who is in this team; empty: who is in none"),
)
READ, MANAGE = ("users.read", "users.manage"), ("users.manage",)
_PHONE_PASSWORD = 12  # bytes; typed into a telephone once


@routes.add("GET", "/api/v1/permissions", needs=("users.read", "keys.manage"), answers=Matrix)
async def permissions(request: web.Request) -> web.Response:
    """The permission matrix: roles, what keys can be given, masked fields."""
    roles = {role: sorted(granted) for role, granted in PERMISSIONS.items()}
    return answer(Matrix(roles=roles, scopes=sorted(SCOPES), masked=MASKED))


@routes.add("GET", "/api/v1/users", needs=READ, answers=UserPage, query=(*PAGING, *_FILTERS))
async def users(request: web.Request) -> web.Response:
    """Who is defined, by id: everybody, or those who are looked for."""
    most = limit(request)
    place = after(request, tuple[str])
    async with parts(request).database.readers() as session:
        found = await Agents(session).page(
            most,
            place[0] if place else None,
            like=request.query.get("q"),
            role=request.query.get("role"),
            team=request.query.get("team"),
        )
        factors = await SecondFactors(session).confirmed([agent.id for agent in found])
    items = [user_view(agent, agent.id in factors) for agent in found]
    following = cursor(found[-1].id) if len(found) == most else None
    return answer(UserPage(items=items, next=following))


@routes.add("POST", "/api/v1/users", needs=MANAGE, body=NewUser, answers=User, status=201)
async def define(request: web.Request) -> web.Response:
    """Define a user; the running server knows at once."""
    new = await read(request, NewUser)
    here, who = parts(request), identity(request)
    password_hash = None
    if new.password is not None:
        password_hash = await _hashed(here, new.password, (new.id, new.name))
    agent = Agent(
        id=new.id,
        name=new.name,
        number=new.number,
        phone=new.phone,
        skills=dict(new.skills),
        queues=None if new.queues is None else dict(new.queues),
        region=list(new.region),
        works=list(new.works),
        auto_answer=new.auto_answer,
        capacity=dict(new.capacity),
        roles=list(new.roles),
        team=new.team,
        password_hash=password_hash,
        password_is_temporary=True,
    )
    async with here.changes.begin(who.agent_id) as change:
        await need_known(change.session, here, routing_of(agent))
        Agents(change.session).add(agent)
        await change.session.flush()
        await keep_routing(change.session, agent, "created", who.agent_id, here.clock.now())
        change.record("agent", agent.id, "created", fields=new.model_fields_set)
    await here.reload()
    return answer(user_view(agent, second_factor=False), 201)


@routes.add("GET", "/api/v1/users/{user_id}", needs=READ, answers=User)
async def user(request: web.Request) -> web.Response:
    """One user."""
    user_id = request.match_info["user_id"]
    async with parts(request).database.readers() as session:
        agent = await Agents(session).get(user_id)
        factors = await SecondFactors(session).confirmed([user_id])
    if agent is None:
        raise UnknownRecord("user", user_id)
    return answer(user_view(agent, user_id in factors))


@routes.add("PATCH", "/api/v1/users/{user_id}", needs=MANAGE, body=UserChange, answers=User)
async def change_user(request: web.Request) -> web.Response:
    """Change a user; who is disabled has no session any more."""
    wanted = await read(request, UserChange)
    here, who, user_id = parts(request), identity(request), request.match_info["user_id"]
    async with here.changes.begin(who.agent_id) as change:
        agent = await _edited(Agents(change.session), user_id)
        check_version(agent, wanted.version)
        values = wanted.model_dump(exclude_unset=True, exclude={"version"})
        changed = {name for name, value in values.items() if getattr(agent, name) != value}
        if changed & {"roles", "enabled"}:
            roles = values.get("roles", agent.roles)
            enabled = values.get("enabled", agent.enabled)
            await _keep_an_admin(Agents(change.session), agent, roles if enabled else ())
        before = agent.version, routing_of(agent)
        await need_known(change.session, here, {each: values[each] for each in changed}, before[1])
        for name in changed:
            setattr(agent, name, values[name])
        await change.session.flush()
        now = here.clock.now()
        await keep_routing(change.session, agent, "updated", who.agent_id, now, before)
        if changed:
            change.record("agent", user_id, "updated", fields=changed)
        factors = await SecondFactors(change.session).confirmed([user_id])
    if "enabled" in changed and not agent.enabled:
        leave_floor(here, user_id, who.agent_id)
        await close_all(here, user_id, who.agent_id, "disabled")
    await here.reload()
    return answer(user_view(agent, user_id in factors))


@routes.add("DELETE", "/api/v1/users/{user_id}", needs=MANAGE, status=204, query=(VERSION,))
async def remove_user(request: web.Request) -> web.Response:
    """Remove a user; the records of what they did stay."""
    here, who, user_id = parts(request), identity(request), request.match_info["user_id"]
    version = version_to_delete(request)
    async with here.changes.begin(who.agent_id) as change:
        agent = await _edited(Agents(change.session), user_id)
        check_version(agent, version)
        await _keep_an_admin(Agents(change.session), agent, ())
        await change.session.delete(agent)
        await SipAccounts(change.session).remove(user_id)
        await DefinitionVersions(change.session, KIND).forget(user_id)
        change.record("agent", user_id, "deleted")
    leave_floor(here, user_id, who.agent_id)
    await close_all(here, user_id, who.agent_id, "deleted")
    await here.reload()
    return web.Response(status=204)


@routes.add(
    "POST", "/api/v1/users/{user_id}/password", needs=MANAGE, body=PasswordReset, status=204
)
async def reset_password(request: web.Request) -> web.Response:
    """Give the user a temporary password; every session of theirs ends, and a lock-out, too."""
    wanted = await read(request, PasswordReset)
    here, who, user_id = parts(request), identity(request), request.match_info["user_id"]
    async with here.database.readers() as session:
        names = await _edited(Agents(session), user_id)
    password_hash = await _hashed(here, wanted.password, (names.id, names.name))
    async with here.changes.begin(who.agent_id) as change:
        agent = await _edited(Agents(change.session), user_id)
        agent.password_hash, agent.password_is_temporary = password_hash, True
        change.record("agent", user_id, "updated", fields=["password"])
    here.failed_log_ins.succeeded(user_id)
    await close_all(here, user_id, who.agent_id, "password_reset")
    return web.Response(status=204)


@routes.add(
    "POST",
    "/api/v1/users/{user_id}/phone-password",
    needs=MANAGE,
    answers=PhonePassword,
    status=201,
)
async def reset_phone_password(request: web.Request) -> web.Response:
    """
    Make a new password for the user's SIP phone, which registers anew with it.

    It is another one than the user's own: what SIP's digest needs to be kept (an MD5) is worth
    less than argon2's, and must not be a way to it.
    """
    here, who, user_id = parts(request), identity(request), request.match_info["user_id"]
    password = secrets.token_urlsafe(_PHONE_PASSWORD)
    async with here.changes.begin(who.agent_id) as change:
        await _edited(Agents(change.session), user_id)
        account = SipAccount(
            username=user_id,
            ha1_md5=ha1(user_id, here.realm, password, "MD5"),
            ha1_sha256=ha1(user_id, here.realm, password, "SHA-256"),
        )
        await SipAccounts(change.session).put(account)
        change.record("sip_account", user_id, "updated", fields=["password"])
    await here.reload()
    return answer(PhonePassword(username=user_id, password=password), 201)


@routes.add("DELETE", "/api/v1/users/{user_id}/second-factor", needs=MANAGE, status=204)
async def reset_second_factor(request: web.Request) -> web.Response:
    """Remove the second factor of somebody who has lost it, and close their sessions."""
    here, who, user_id = parts(request), identity(request), request.match_info["user_id"]
    async with here.changes.begin(who.agent_id) as change:
        if not await SecondFactors(change.session).remove(user_id):
            raise UnknownRecord("second factor of", user_id)
        change.record("second_factor", user_id, "removed")
    await close_all(here, user_id, who.agent_id, "second_factor")
    return web.Response(status=204)


async def _edited(agents: Agents, user_id: str) -> Agent:
    agent = await agents.get(user_id)
    if agent is None:
        raise UnknownRecord("user", user_id)
    return agent


async def _keep_an_admin(agents: Agents, agent: Agent, roles: Collection[str]) -> None:
    """Raises NotNow if nobody would be left who can define users, the agent having these roles."""
    if "admin" in roles or "admin" not in agent.roles or not agent.enabled:
        return
    others = [each for each in await agents.all() if each.id != agent.id and each.enabled]
    if not any("admin" in each.roles for each in others):
        raise NotNow("this is the last administrator")


async def _hashed(here: Parts, password: str, names: tuple[str, ...]) -> str:
    """Raises InvalidField for a password that breaks the rules."""
    password_rules.check_password(password, shortest=here.access.password_length, names=names)
    return await here.passwords.hashed(password)
