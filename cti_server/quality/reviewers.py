"""Who reviews: agents whose roles let them, with what they may hear and have to do."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.errors import InvalidField
from crm.quality.sampling import Reviewer
from cti_server.store.agents import Agent
from cti_server.store.recording_rights import RecordingRights
from cti_server.store.reviews import Reviews
from recording.access import reach


@dataclass(frozen=True, slots=True)
class Reviewing:
    """By roles: whether somebody may review, and whether they see every team's records."""

    may: Callable[[Sequence[str]], bool]
    sees_all: Callable[[Sequence[str]], bool]


async def able(
    session: AsyncSession, agent_ids: Collection[str], reviewing: Reviewing
) -> list[Reviewer]:
    """Those of them who may review now."""
    query = select(Agent).where(Agent.id.in_(agent_ids), Agent.enabled).order_by(Agent.id)
    people = [one for one in await session.scalars(query) if reviewing.may(one.roles)]
    holders = {f"role:{role}" for one in people for role in one.roles}
    rights = await RecordingRights(session).of(holders | {f"user:{one.id}" for one in people})
    loads = await Reviews(session).loads([one.id for one in people])
    return [
        Reviewer(
            one.id,
            loads.get(one.id, 0),
            reach(
                rights.get(f"user:{one.id}"),
                [rights.get(f"role:{role}") for role in one.roles],
                "play",
            ),
            None if reviewing.sees_all(one.roles) else one.team,
        )
        for one in people
    ]


async def need_able(
    session: AsyncSession, agent_ids: Sequence[str], reviewing: Reviewing, field: str
) -> list[Reviewer]:
    """All of them. Raises InvalidField."""
    if len(set(agent_ids)) < len(agent_ids):
        raise InvalidField(field, "somebody is named twice")
    found = await able(session, agent_ids, reviewing)
    if missing := sorted(set(agent_ids) - {one.id for one in found}):
        raise InvalidField(field, f"{missing[0]!r} may not review")
    return found
