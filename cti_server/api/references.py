"""What a request names by its id, and what must be there: teams, skills, queues."""

from collections.abc import Collection, Iterable

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.errors import InvalidField
from cti_server.known_words import skills_of
from cti_server.store.agents import Agent, Agents
from cti_server.store.routing_definitions import RoutingDefinition

from .parts import Parts


async def need_team(session: AsyncSession, team: str | None, field: str = "team") -> None:
    """Raises InvalidField for one that is neither defined nor anybody's."""
    if team is None or team in await _defined(session, "team", [team]):
        return
    if await session.scalar(select(Agent.id).where(Agent.team == team).limit(1)) is None:
        raise InvalidField(field, f"there is no team {team!r}")


async def need_skills(
    session: AsyncSession, here: Parts, skills: Iterable[str], field: str = "skills"
) -> None:
    """Raises InvalidField for one that is not defined, and that nobody has and no queue asks."""
    named = set(skills)
    if unknown := named - await _defined(session, "skill", named):
        unknown -= {skill for queue in here.queues.values() for skill in skills_of(queue)}
    if unknown:
        unknown -= {skill for agent in await Agents(session).all() for skill in agent.skills}
    _refuse_first(field, "skill", unknown)


def need_queues(
    here: Parts, queues: Iterable[str], field: str = "queues", *, before: Iterable[str] = ()
) -> None:
    """Raises InvalidField for one that is not there; what was named ``before`` may stay."""
    new = set(queues).difference(before)
    _refuse_first(field, "queue", {name for name in new if name not in here.queues})


async def _defined(session: AsyncSession, kind: str, ids: Collection[str]) -> set[str]:
    if not ids:
        return set()
    query = select(RoutingDefinition.id).where(
        RoutingDefinition.kind == kind,
        RoutingDefinition.id.in_(sorted(ids)),
        RoutingDefinition.removed.is_(False),
    )
    return set(await session.scalars(query))


def _refuse_first(field: str, kind: str, unknown: Collection[str]) -> None:
    if unknown:
        raise InvalidField(field, f"there is no {kind} {min(unknown)!r}")
