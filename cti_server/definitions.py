"""What the database defines, brought to the parts that need it: agents, accounts, bindings."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from acd.model import AgentState, Channel
from acd.tally import Shift
from config.floor import SeatSettings

from .floor.floor import Floor
from .floor.profile import AgentProfile
from .sip.registration import Binding
from .sip.transport import Flow
from .store.agent_states import AgentStates
from .store.agents import Agent, Agents, SipAccount, SipAccounts
from .store.bindings import SipBinding, SipBindings
from .store.database import Database
from .store.interactions import Interactions
from .store.routing_definitions import RoutingDefinitions
from .store.stored_events import StoredEvents
from .wire.definitions import TeamProfile

Teams = Mapping[str, TeamProfile]

LONGEST_SHIFT = timedelta(days=2)
"""What an agent who never logs out did before is not counted after a restart."""


class Definitions:
    """Read at the start; changes come through here too, so that what runs knows of them."""

    def __init__(
        self, database: Database, floor: Floor, seats: Sequence[SeatSettings] = ()
    ) -> None:
        self._database = database
        self._floor = floor
        self._seats = seats
        self._accounts: dict[str, SipAccount] = {}
        self._known: dict[str, AgentProfile] = {}
        self._roles: dict[str, tuple[str, ...]] = {}
        self._teams: dict[str, str | None] = {}
        self._reloading = asyncio.Lock()
        self.on_reload: Callable[[], None] | None = None
        """Called when :meth:`reload` has taken over what changed."""

    async def load(self) -> None:
        """Put every agent and seat on the floor, in the state that they were last in."""
        async with self._database.readers() as session:
            agents, accounts, teams = await _in_force(session)
            states = {status.agent_id: status for status in await AgentStates(session).now()}
            shifts = await _shifts(session)
        self._take(agents, accounts)
        for agent in agents:
            self._put(_profile_of(agent, teams))
            status = states.get(agent.id)
            if status is not None:
                self._floor.restore(
                    agent.id, status.state, status.since, status.reason, shifts.get(agent.id)
                )
        for seat in self._seats:
            for number in range(seat.first, seat.last + 1):
                self._floor.put_agent(_profile(seat, number))

    async def reload(self) -> None:
        """
        Take over what was defined or changed meanwhile.

        Only differences touch the floor; nobody's state or contact changes. Of two at once the
        second reads when the first is done, so that what was read last is what holds.
        """
        async with self._reloading:
            await self._reload()

    async def _reload(self) -> None:
        async with self._database.readers() as session:
            agents, accounts, teams = await _in_force(session)
        self._take(agents, accounts)
        for profile in (_profile_of(agent, teams) for agent in agents):
            if self._known.get(profile.id) != profile:
                self._put(profile)
        for gone in set(self._known) - {agent.id for agent in agents}:
            self._floor.remove_agent(gone)
            del self._known[gone]
        if self.on_reload is not None:
            self.on_reload()

    async def bindings(self, now: datetime) -> list[Binding]:
        """Where phones could be reached before the restart."""
        async with self._database.readers() as session:
            return [_binding(row) for row in await SipBindings(session).live(now)]

    @property
    def numbers(self) -> list[str]:
        """What callers may be told of the agents who are people."""
        return [profile.number for profile in self._known.values()]

    def phone_of(self, agent_id: str) -> str | None:
        """The URI of the agent's phone; None for the phone registered under the agent's id."""
        return self._floor.profile(agent_id).phone

    def roles_of(self, agent_id: str) -> tuple[str, ...] | None:
        """What the agent is; None if nobody is defined under this id."""
        return self._roles.get(agent_id)

    def team_of(self, agent_id: str) -> str | None:
        """Whose records they see; None for everybody's."""
        return self._teams.get(agent_id)

    def ha1(self, username: str, algorithm: str) -> str | None:
        """What a phone's digest is checked against (:class:`cti_server.sip.Accounts`)."""
        account = self._accounts.get(username)
        if account is None:
            return None
        return account.ha1_sha256 if algorithm == "SHA-256" else account.ha1_md5

    def _take(self, agents: Sequence[Agent], accounts: Sequence[SipAccount]) -> None:
        self._accounts = {account.username: account for account in accounts}
        self._roles = {agent.id: tuple(agent.roles) for agent in agents}
        self._teams = {agent.id: agent.team for agent in agents}

    def _put(self, profile: AgentProfile) -> None:
        self._known[profile.id] = profile
        self._floor.put_agent(profile)


async def _in_force(session: AsyncSession) -> tuple[list[Agent], list[SipAccount], Teams]:
    """The agents who are enabled, the accounts that are not of one who is not, and the teams."""
    agents, accounts = await Agents(session).all(), await SipAccounts(session).all()
    teams = await RoutingDefinitions(session, "team").all()
    disabled = {agent.id for agent in agents if not agent.enabled}
    return (
        [agent for agent in agents if agent.enabled],
        [account for account in accounts if account.username not in disabled],
        {team.id: TeamProfile.model_validate(team.content) for team in teams},
    )


async def _shifts(session: AsyncSession) -> dict[str, Shift]:
    """What the agents who are logged in have done until the server went down."""
    until = await StoredEvents(session).last_moment()
    if until is None:
        return {}
    states = await AgentStates(session).since_log_in(until - LONGEST_SHIFT)
    served = await Interactions(session).served({one: begun[0][1] for one, begun in states.items()})
    shifts = {
        agent_id: Shift.of(
            [(AgentState(state), at) for state, at in begun], until, served[agent_id]
        )
        for agent_id, begun in states.items()
    }
    return {agent_id: shift for agent_id, shift in shifts.items() if shift is not None}


def _profile_of(agent: Agent, teams: Teams) -> AgentProfile:
    """With what the team's profile says where the agent's own does not."""
    team = teams.get(agent.team or "")
    skills = {} if team is None else team.skills
    queues = None if team is None else team.queues
    if agent.queues is not None:
        queues = agent.queues
    return AgentProfile(
        id=agent.id,
        name=agent.name,
        number=agent.number,
        phone=agent.phone,
        skills={**skills, **agent.skills},
        queues=None if queues is None else dict(queues),
        region=tuple(agent.region),
        works=frozenset(agent.works),
        auto_answer=agent.auto_answer,
        capacity={**({} if team is None else team.capacity), **agent.capacity},
    )


def _profile(seat: SeatSettings, number: int) -> AgentProfile:
    agent_id = seat.id.format(number)
    return AgentProfile(
        id=agent_id,
        name=agent_id,
        number=str(number),
        phone=seat.phone.format(number),
        skills=dict(seat.skills),
        capacity={channel: 0 for channel in Channel if channel is not Channel.VOICE},
        always_ready=True,
    )


def _binding(row: SipBinding) -> Binding:
    return Binding(
        aor=row.aor,
        contact_uri=row.contact_uri,
        flow=Flow(row.transport, row.host, row.port, (row.local_host, row.local_port)),
        expires_at=row.expires_at,
        sip_call_id=row.sip_call_id,
        sequence=row.sequence,
        user_agent=row.user_agent,
    )
