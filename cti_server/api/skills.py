"""The skills that agents have and queues ask for, with what people call them."""

from collections.abc import AsyncIterator

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from cti_server.known_words import skills_of
from cti_server.store.agents import Agents
from cti_server.store.routing_definitions import RoutingDefinition, RoutingDefinitions
from cti_server.wire.definitions import (
    DefinitionVersionPage,
    RollBack,
    SkillCreate,
    SkillEdit,
    SkillView,
)

from .definition_versions import answer_versions, asked_for, edited, removed, rolled_back
from .editing import editing
from .paging import PAGING
from .parameters import VERSION, version_to_delete
from .parts import Parts, parts
from .queue_definitions import READ, WRITE
from .routing import Routes, answer, answer_many, read

routes = Routes()

ONE = "/api/v1/skills/{skill}"


@routes.add("GET", "/api/v1/skills", needs=READ, answers=SkillView, many=True)
async def list_skills(request: web.Request) -> web.Response:
    """Every skill that is known."""
    async with parts(request).database.readers() as session:
        found = await RoutingDefinitions(session, "skill").all()
    return answer_many([_view(one) for one in found])


@routes.add("GET", ONE, needs=READ, answers=SkillView)
async def get_skill(request: web.Request) -> web.Response:
    """One skill."""
    async with parts(request).database.readers() as session:
        return answer(_view(await RoutingDefinitions(session, "skill").need(_id(request))))


@routes.add("POST", "/api/v1/skills", needs=WRITE, body=SkillCreate, answers=SkillView, status=201)
async def create_skill(request: web.Request) -> web.Response:
    """Make a skill known by its names."""
    wanted = await read(request, SkillCreate)
    async with editing(request) as edit:
        content = wanted.model_dump(mode="json", exclude={"id"})
        stored = RoutingDefinitions(edit.session, "skill")
        made = await stored.create(wanted.id, content, edit.by, edit.now)
        edit.change.record("skill", made.id, "created")
    return answer(_view(made), 201)


@routes.add("PATCH", ONE, needs=WRITE, body=SkillEdit, answers=SkillView)
async def edit_skill(request: web.Request) -> web.Response:
    """Call it something else; who has it and who asks for it stays."""
    wanted = await read(request, SkillEdit)
    async with editing(request) as edit:
        stored = RoutingDefinitions(edit.session, "skill")
        found = await stored.need_version(_id(request), wanted.version)
        await edited(edit, stored, found, wanted.model_dump(mode="json", exclude={"version"}))
    return answer(_view(found))


@routes.add("DELETE", ONE, needs=WRITE, status=204, query=(VERSION,))
async def delete_skill(request: web.Request) -> web.Response:
    """Forget a skill that nobody has or asks for."""
    async with editing(request) as edit:
        stored = RoutingDefinitions(edit.session, "skill")
        found = await stored.need_version(_id(request), version_to_delete(request))
        users = [user async for user in _users(parts(request), edit.session, found.id)]
        await removed(edit, stored, found, users)
    return web.Response(status=204)


@routes.add("GET", ONE + "/versions", needs=READ, answers=DefinitionVersionPage, query=PAGING)
async def list_skill_versions(request: web.Request) -> web.Response:
    """What the skill was called, the newest version first."""
    return await answer_versions(request, "skill", _id(request))


@routes.add("POST", ONE + "/roll-back", needs=WRITE, body=RollBack, answers=SkillView)
async def roll_back_skill(request: web.Request) -> web.Response:
    """Have it called what it was in an earlier version."""
    wanted = await read(request, RollBack)
    async with editing(request) as edit:
        stored = RoutingDefinitions(edit.session, "skill")
        found, content = await asked_for(stored, _id(request), wanted)
        await rolled_back(edit, stored, found, content)
    return answer(_view(found))


async def _users(here: Parts, session: AsyncSession, skill: str) -> AsyncIterator[str]:
    """Who has the skill or asks for it, in words."""
    for queue in here.queues.values():
        if skill in skills_of(queue):
            yield f"queue {queue.name}"
    for team in await RoutingDefinitions(session, "team").all():
        if skill in team.content.get("skills", {}):
            yield f"team {team.id}"
    for agent in await Agents(session).all():
        if skill in agent.skills:
            yield f"user {agent.id}"


def _id(request: web.Request) -> str:
    return request.match_info["skill"]


def _view(found: RoutingDefinition) -> SkillView:
    return SkillView.model_validate(
        {"id": found.id, "version": found.version, "updated_at": found.updated_at, **found.content}
    )
