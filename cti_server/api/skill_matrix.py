"""The skills of many users, changed together: all of the rows, or none."""

from typing import Final

from aiohttp import web

from crm.errors import UnknownRecord
from cti_server.store.agents import Agent, Agents
from cti_server.store.versions import check_version
from cti_server.tickets.edit import Edit
from cti_server.wire.users import SkillMatrixEdit, SkillRow

from .editing import editing
from .parts import Parts, parts
from .references import need_skills
from .routing import Routes, answer_many, read
from .user_routing import KIND, keep_routing, routing_of

routes = Routes()

_LARGEST: Final = 1024 * 1024  # bytes: every row with some forty skills


@routes.add(
    "PATCH",
    "/api/v1/skill-matrix",
    needs=("users.manage",),
    body=SkillMatrixEdit,
    answers=SkillRow,
    many=True,
)
async def change_skills(request: web.Request) -> web.Response:
    """Give many users other skills at once; the floor routes by them from then on."""
    wanted, here = await read(request, SkillMatrixEdit, most=_LARGEST), parts(request)
    async with editing(request) as edit:
        agents = await Agents(edit.session).of([row.user for row in wanted.rows])
        for row in wanted.rows:
            if row.user not in agents:
                raise UnknownRecord("user", row.user)
            check_version(agents[row.user], row.version)
        await _need_known(edit, here, wanted, agents)
        before = {each.id: (each.version, routing_of(each)) for each in agents.values()}
        for row in wanted.rows:
            agents[row.user].skills = dict(row.skills)
        await edit.session.flush()
        for row in wanted.rows:
            agent = agents[row.user]
            if agent.version != row.version:
                was = before[agent.id]
                await keep_routing(edit.session, agent, "updated", edit.by, edit.now, was)
                edit.change.record(KIND, agent.id, "updated", fields=["skills"])
    await here.reload()
    return answer_many([_row(agents[row.user]) for row in wanted.rows])


async def _need_known(
    edit: Edit, here: Parts, wanted: SkillMatrixEdit, agents: dict[str, Agent]
) -> None:
    """Raises InvalidField for the first row with a skill that is not there."""
    known: set[str] = set()
    for place, row in enumerate(wanted.rows):
        new = set(row.skills).difference(known, agents[row.user].skills)
        await need_skills(edit.session, here, new, f"rows.{place}.skills")
        known |= new


def _row(agent: Agent) -> SkillRow:
    return SkillRow(user=agent.id, version=agent.version, skills=agent.skills)
