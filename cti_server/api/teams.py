"""Groups of agents, and what their agents are to routing."""

from collections.abc import Mapping

from aiohttp import web

from config.floor import QueueSettings
from cti_server.store.agents import Agents
from cti_server.store.routing_definitions import RoutingDefinition, RoutingDefinitions
from cti_server.tickets.edit import Edit
from cti_server.wire.definitions import (
    DefinitionVersionPage,
    RollBack,
    TeamCreate,
    TeamEdit,
    TeamProfile,
    TeamView,
)

from .definition_versions import answer_versions, asked_for, edited, removed, rolled_back
from .editing import editing
from .paging import PAGING
from .parameters import VERSION, version_to_delete
from .parts import Parts, parts
from .queue_definitions import READ, WRITE
from .references import need_queues, need_skills
from .routing import Routes, answer, answer_many, read

routes = Routes()

ONE = "/api/v1/teams/{team}"


@routes.add("GET", "/api/v1/teams", needs=READ, answers=TeamView, many=True)
async def list_teams(request: web.Request) -> web.Response:
    """Every team, with its routing profile."""
    here = parts(request)
    async with here.database.readers() as session:
        found = await RoutingDefinitions(session, "team").all()
    return answer_many([_view(here, one) for one in found])


@routes.add("GET", ONE, needs=READ, answers=TeamView)
async def get_team(request: web.Request) -> web.Response:
    """One team."""
    here = parts(request)
    async with here.database.readers() as session:
        return answer(_view(here, await RoutingDefinitions(session, "team").need(_id(request))))


@routes.add("POST", "/api/v1/teams", needs=WRITE, body=TeamCreate, answers=TeamView, status=201)
async def create_team(request: web.Request) -> web.Response:
    """Define a team; who has its id as their team already is in it."""
    wanted, here = await read(request, TeamCreate), parts(request)
    async with editing(request) as edit:
        await _need_known(edit, here, wanted.profile)
        stored = RoutingDefinitions(edit.session, "team")
        made = await stored.create(wanted.id, _content(wanted.profile), edit.by, edit.now)
        edit.change.record("team", made.id, "created")
    await here.reload()
    return answer(_view(here, made), 201)


@routes.add("PATCH", ONE, needs=WRITE, body=TeamEdit, answers=TeamView)
async def edit_team(request: web.Request) -> web.Response:
    """Define its profile anew; what its agents have in hand is not touched."""
    wanted, here = await read(request, TeamEdit), parts(request)
    async with editing(request) as edit:
        stored = RoutingDefinitions(edit.session, "team")
        found = await stored.need_version(_id(request), wanted.version)
        await _need_known(edit, here, wanted.profile, TeamProfile.model_validate(found.content))
        await edited(edit, stored, found, _content(wanted.profile))
    await here.reload()
    return answer(_view(here, found))


@routes.add("DELETE", ONE, needs=WRITE, status=204, query=(VERSION,))
async def delete_team(request: web.Request) -> web.Response:
    """Take away a team in which nobody is; records keep its name."""
    async with editing(request) as edit:
        stored = RoutingDefinitions(edit.session, "team")
        found = await stored.need_version(_id(request), version_to_delete(request))
        members = [one for one in await Agents(edit.session).all() if one.team == found.id]
        await removed(edit, stored, found, [f"user {one.id}" for one in members])
    return web.Response(status=204)


@routes.add("GET", ONE + "/versions", needs=READ, answers=DefinitionVersionPage, query=PAGING)
async def list_team_versions(request: web.Request) -> web.Response:
    """What the team was, the newest version first."""
    return await answer_versions(request, "team", _id(request))


@routes.add("POST", ONE + "/roll-back", needs=WRITE, body=RollBack, answers=TeamView)
async def roll_back_team(request: web.Request) -> web.Response:
    """Have the team be what it was in an earlier version."""
    wanted, here = await read(request, RollBack), parts(request)
    async with editing(request) as edit:
        stored = RoutingDefinitions(edit.session, "team")
        found, content = await asked_for(stored, _id(request), wanted)
        now = TeamProfile.model_validate(found.content)
        await _need_known(edit, here, TeamProfile.model_validate(content), now)
        await rolled_back(edit, stored, found, content)
    await here.reload()
    return answer(_view(here, found))


def asked_after(queue: QueueSettings, level: int) -> float | None:
    """How many seconds a contact waits until agents of this level are asked; None: for ever."""
    if level <= queue.reach:
        return 0.0
    steps = (step.after.total_seconds() for step in queue.relax if level <= (step.reach or 0))
    return next(steps, None)


async def _need_known(
    edit: Edit, here: Parts, profile: TeamProfile, before: TeamProfile | None = None
) -> None:
    """Raises InvalidField for a skill that is not there, or a queue that was not ``before``."""
    served = (before.queues if before is not None else None) or {}
    await need_skills(edit.session, here, profile.skills, "profile.skills")
    need_queues(here, profile.queues or {}, "profile.queues", before=served)


def _content(profile: TeamProfile) -> dict[str, object]:
    return profile.model_dump(mode="json", exclude_defaults=True)


def _id(request: web.Request) -> str:
    return request.match_info["team"]


def _view(here: Parts, found: RoutingDefinition) -> TeamView:
    profile = TeamProfile.model_validate(found.content)
    levels: Mapping[str, int] = profile.queues or {}
    return TeamView(
        id=found.id,
        version=found.version,
        profile=profile,
        asked_after={
            name: asked_after(here.queues[name], level)
            for name, level in levels.items()
            if name in here.queues
        },
        updated_at=found.updated_at,
    )
