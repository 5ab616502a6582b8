"""The agents as the router keeps them, and an index of those who are ready."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from .agents import Agent, AgentState
from .errors import UnknownAgent
from .model import AgentId, OfferId
from .order import Order, Rank
from .qualification import Crew, Qualification
from .requirements import Skill


@dataclass(slots=True, eq=False)
class Seat:
    agent: Agent
    crew: Crew
    always_ready: bool = False
    offer_id: OfferId | None = None  # rung or talking
    unreachable: int = 0  # times in a row
    leaving: bool = False  # to be forgotten when logged out
    unfit: tuple[str, ...] = ()  # why nothing is offered, whatever the state says

    @property
    def rank(self) -> Rank:
        """Among the ready: longest idle first."""
        return (self.agent.idle_since, self.agent.id)

    @property
    def free(self) -> bool:
        """Whether a contact may be offered."""
        return self.agent.state is AgentState.READY and not self.unfit


class Seats:
    """All agents. Those who are ready and fit are at hand, by idle time and by crew."""

    def __init__(self, qualification: Qualification) -> None:
        self._qualification = qualification
        self._by_id: dict[str, Seat] = {}
        self.idle = Order()  # everybody who is free, longest idle first
        self.ready: dict[Crew, None] = {}  # the crews in which somebody is

    def __getitem__(self, agent_id: str) -> Seat:
        seat = self._by_id.get(agent_id)
        if seat is None:
            raise UnknownAgent(agent_id)
        return seat

    def get(self, agent_id: str) -> Seat | None:
        return self._by_id.get(agent_id)

    def __len__(self) -> int:
        return len(self._by_id)

    def put(self, agent_id: AgentId, skills: Mapping[Skill, int], now: datetime) -> Seat:
        """The agent's seat, with these skills from now on; a new agent is logged out."""
        crew = self._qualification.crew(skills)
        seat = self._by_id.get(agent_id)
        if seat is None:
            agent = Agent(agent_id, AgentState.LOGGED_OUT, since=now, idle_since=now)
            seat = self._by_id[agent_id] = Seat(agent, crew)
            crew.members += 1
        elif seat.crew is not crew:
            crew.members += 1
            self._leave_crew(seat)
            seat.crew = crew
            self._line_up(seat)
        return seat

    def update(self, seat: Seat, agent: Agent) -> None:
        """The agent is in another state."""
        self._stand_down(seat)
        seat.agent = agent
        self._line_up(seat)
        if seat.leaving and agent.state is AgentState.LOGGED_OUT:
            self.forget(seat)

    def set_fitness(self, seat: Seat, unfit: tuple[str, ...]) -> None:
        self._stand_down(seat)
        seat.unfit = unfit
        self._line_up(seat)

    def forget(self, seat: Seat) -> None:
        if self._by_id.pop(seat.agent.id, None) is not None:
            self._leave_crew(seat)

    def _leave_crew(self, seat: Seat) -> None:
        self._stand_down(seat)
        seat.crew.members -= 1
        if not seat.crew.members:
            self._qualification.dissolve(seat.crew)

    def _line_up(self, seat: Seat) -> None:
        if seat.free:
            self.idle.add(seat.rank)
            self.ready[seat.crew] = None
            seat.crew.ready.add(seat.rank)

    def _stand_down(self, seat: Seat) -> None:
        if seat.free:
            self.idle.remove(seat.rank)
            seat.crew.ready.remove(seat.rank)
            if not seat.crew.ready:
                del self.ready[seat.crew]
