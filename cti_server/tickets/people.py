"""Whom a rule means: the owner, a team in turn, whoever has a role, somebody by name."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.ticket_types import InTurn, Named, Owner, Role, Who
from crm.workflow import in_turn
from cti_server.store.agents import Agent
from cti_server.store.inserts import add_if_missing
from cti_server.store.tasks import TeamTurn


class Owned(Protocol):
    """What has an owner and a team: a ticket, a lead, a customer."""

    @property
    def owner_id(self) -> str | None: ...
    @property
    def team(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Assignment:
    """Whose something is; without an agent it waits for whoever of the team, or the role."""

    agent_id: str | None
    team: str | None
    role: str | None = None


async def assign(session: AsyncSession, rule: Who, of: Owned) -> Assignment:
    """Who gets it by this rule. A team's turn is counted on."""
    match rule:
        case Owner():
            return Assignment(of.owner_id, of.team)
        case Named(agent=agent):
            return Assignment(agent, of.team)
        case Role(role=role):
            return Assignment(None, of.team, role)
        case InTurn(team=named):
            team = named or of.team
            return Assignment(None if team is None else await _take_turn(session, team), team)


async def meant(session: AsyncSession, rule: Who, of: Owned) -> list[str]:
    """Everybody whom the rule means, to be told; nobody's turn is counted."""
    match rule:
        case Owner():
            return [of.owner_id] if of.owner_id is not None else []
        case Named(agent=agent):
            return [agent]
        case Role(role=role):
            return await with_role(session, role, of.team)
        case InTurn(team=named):
            team = named or of.team
            return [] if team is None else list(await _members(session, team))


async def with_role(session: AsyncSession, role: str, team: str | None) -> list[str]:
    """Those of the team; if it has nobody of the role, everybody who has it."""
    query = select(Agent.id, Agent.roles, Agent.team).order_by(Agent.id)
    having = [(id, of) for id, roles, of in await session.execute(query) if role in roles]
    return [id for id, of in having if of == team] or [id for id, _ in having]


async def _members(session: AsyncSession, team: str) -> Sequence[str]:
    return (await session.scalars(select(Agent.id).where(Agent.team == team))).all()


async def _take_turn(session: AsyncSession, team: str) -> str | None:
    members = await _members(session, team)
    if not members:
        return None
    await add_if_missing(session, TeamTurn, team=team, agent_id="")
    turn = await session.get_one(TeamTurn, team, with_for_update=True, populate_existing=True)
    agent_id = in_turn(members, turn.agent_id or None)
    assert agent_id is not None  # noqa: S101 - there are members
    turn.agent_id = agent_id
    return agent_id
