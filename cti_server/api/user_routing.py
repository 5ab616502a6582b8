"""What users are to routing, in versions: skills, queues, region, works, team."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from crm.errors import UnknownRecord
from cti_server.store.agents import Agent, Agents
from cti_server.store.routing_definitions import DefinitionVersions
from cti_server.store.second_factors import SecondFactors
from cti_server.store.versions import check_version
from cti_server.tickets.edit import SYSTEM
from cti_server.wire.definitions import DefinitionVersionPage, RollBack
from cti_server.wire.users import User

from .definition_versions import answer_versions
from .editing import editing
from .paging import PAGING
from .parts import Parts, parts
from .references import need_queues, need_skills, need_team
from .routing import Routes, answer, read
from .user_views import user_view

routes = Routes()

KIND: Final = "agent"
_ROUTED = ("skills", "queues", "region", "works", "auto_answer", "capacity", "team")


def routing_of(agent: Agent) -> dict[str, Any]:
    return {name: getattr(agent, name) for name in _ROUTED}


async def keep_routing(
    session: AsyncSession,
    agent: Agent,
    action: str,
    by: str,
    now: datetime,
    before: tuple[int, Mapping[str, Any]] | None = None,
) -> None:
    """Another version, unless the edit left all of it as it was ``before``, in that version."""
    versions, content = DefinitionVersions(session, KIND), routing_of(agent)
    if before is not None:
        number, was = before
        if was == content:
            return
        await versions.keep_found(agent.id, number, was, SYSTEM, now)
    versions.keep(agent.id, agent.version, action, content, by, now)


@routes.add(
    "GET",
    "/api/v1/users/{user_id}/versions",
    needs=("users.read", "users.manage"),
    answers=DefinitionVersionPage,
    query=PAGING,
)
async def list_user_versions(request: web.Request) -> web.Response:
    """What the user was to routing, the newest version first."""
    return await answer_versions(request, KIND, request.match_info["user_id"])


@routes.add(
    "POST",
    "/api/v1/users/{user_id}/roll-back",
    needs=("users.manage",),
    body=RollBack,
    answers=User,
)
async def roll_back_user(request: web.Request) -> web.Response:
    """Have the user be to routing what they were in an earlier version; that is a new version."""
    wanted, user_id = await read(request, RollBack), request.match_info["user_id"]
    async with editing(request) as edit:
        agent = await Agents(edit.session).get(user_id)
        if agent is None:
            raise UnknownRecord("user", user_id)
        check_version(agent, wanted.version)
        before = agent.version, routing_of(agent)
        content = await DefinitionVersions(edit.session, KIND).content(user_id, wanted.to)
        await need_known(edit.session, parts(request), content, before[1])
        for name in _ROUTED:
            setattr(agent, name, content.get(name, getattr(agent, name)))
        await edit.session.flush()
        await keep_routing(edit.session, agent, "rolled_back", edit.by, edit.now, before)
        edit.change.record(KIND, user_id, "rolled_back")
        factors = await SecondFactors(edit.session).confirmed([user_id])
    await parts(request).reload()
    return answer(user_view(agent, user_id in factors))


async def need_known(
    session: AsyncSession,
    here: Parts,
    wanted: Mapping[str, Any],
    before: Mapping[str, Any] = MappingProxyType({}),
) -> None:
    """Raises InvalidField for a team, skill or queue that is not there."""
    await need_team(session, wanted.get("team"))
    await need_skills(session, here, wanted.get("skills", ()))
    need_queues(here, wanted.get("queues") or (), before=before.get("queues") or ())
