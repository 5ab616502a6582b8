"""The agents as the router keeps them, and an index of those who are ready."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from .agents import Agent, AgentState
from .errors import UnknownAgent
from .model import AgentId, OfferId, Outcome
from .order import Order
from .policies import Cost, Policy
from .profile import Profile
from .qualification import Crew, Qualification
from .tally import Tally

_BUSY = (AgentState.RINGING, AgentState.TALKING, AgentState.WRAP_UP)


@dataclass(slots=True, eq=False)
class Seat:
    agent: Agent
    crew: Crew
    tally: Tally
    always_ready: bool = False
    offer_id: OfferId | None = None  # rung or talking
    fruitless: Counter[Outcome] = field(default_factory=Counter)
    """Offers in a row that came to nothing, by why (:class:`.Rules`)."""
    leaving: bool = False  # to be forgotten when logged out
    unfit: tuple[str, ...] = ()  # why nothing is offered, whatever the state says
    kept: Order[datetime] = field(default_factory=Order)  # waiting contacts kept for this agent
    standings: dict[Policy, Cost] = field(default_factory=dict)  # while they are free
    there: bool = False  # counted by the crew as logged in
    serves: bool = False  # counted by the crew as serving

    @property
    def free(self) -> bool:
        """Whether a contact may be offered."""
        return self.agent.state is AgentState.READY and not self.unfit

    @property
    def goes_on(self) -> bool:
        """Whether they are busy and, as they have chosen, ready afterwards."""
        chosen = self.agent.next
        stays = chosen is None or chosen.state is AgentState.READY
        return self.agent.state in _BUSY and stays and not self.leaving


class SeatWitness(Protocol):
    """Hears of every change of an agent, whatever it is."""

    def seat_changed(self, seat: Seat) -> None: ...

    def seat_gone(self, seat: Seat) -> None: ...


class Seats:
    """All agents. Those who are ready and fit are at hand, by policy and by crew."""

    def __init__(
        self, qualification: Qualification, policies: Iterable[Policy], witness: SeatWitness
    ) -> None:
        self._qualification = qualification
        self._witness = witness
        self._by_id: dict[str, Seat] = {}
        self.free: dict[Policy, Order[Cost]] = {policy: Order() for policy in policies}
        """Everybody who is free, as each policy that a queue has would have them."""
        self.ready: dict[Crew, None] = {}  # the crews in which somebody is

    def use_policies(self, policies: Collection[Policy]) -> None:
        """Those of the queues that there are now."""
        if self.free.keys() == set(policies):
            return
        free = [seat for seat in self._by_id.values() if seat.free]
        for seat in free:
            self._stand_down(seat)
        self.free = {policy: Order() for policy in policies}
        for seat in free:
            seat.crew.ready.clear()
        for seat in free:
            self._line_up(seat)

    def __getitem__(self, agent_id: str) -> Seat:
        seat = self._by_id.get(agent_id)
        if seat is None:
            raise UnknownAgent(agent_id)
        return seat

    def get(self, agent_id: str) -> Seat | None:
        return self._by_id.get(agent_id)

    def __len__(self) -> int:
        return len(self._by_id)

    def put(self, agent_id: AgentId, profile: Profile, now: datetime) -> Seat:
        """The agent's seat, with this profile from now on; a new agent is logged out."""
        crew = self._qualification.crew(profile)
        seat = self._by_id.get(agent_id)
        if seat is None:
            agent = Agent(agent_id, AgentState.LOGGED_OUT, since=now, idle_since=now)
            seat = self._by_id[agent_id] = Seat(agent, crew, Tally(now, now))
            crew.members += 1
            self._witness.seat_changed(seat)
        elif seat.crew is not crew:
            crew.members += 1
            self._leave_crew(seat)
            seat.crew = crew
            self._line_up(seat)
        return seat

    def update(self, seat: Seat, agent: Agent) -> None:
        """The agent is in another state."""
        self._stand_down(seat)
        before, tally = seat.agent, seat.tally
        if before.state in _BUSY:
            tally.busy += agent.since - before.since
        if before.state is AgentState.LOGGED_OUT:
            tally.log_in(agent.since)
        if agent.state is AgentState.RINGING:
            tally.offered_at = agent.since
        tally.idle_since = agent.idle_since
        seat.agent = agent
        self._line_up(seat)
        if seat.leaving and agent.state is AgentState.LOGGED_OUT:
            self.forget(seat)

    def set_fitness(self, seat: Seat, unfit: tuple[str, ...]) -> None:
        self._stand_down(seat)
        seat.unfit = unfit
        self._line_up(seat)

    def set_open_work(self, seat: Seat, open_work: int) -> None:
        self._stand_down(seat)
        seat.tally.open_work = open_work
        self._line_up(seat)

    def forget(self, seat: Seat) -> None:
        if self._by_id.pop(seat.agent.id, None) is not None:
            self._leave_crew(seat)
            self._witness.seat_gone(seat)

    def _leave_crew(self, seat: Seat) -> None:
        self._stand_down(seat)
        seat.crew.members -= 1
        if not seat.crew.members:
            self._qualification.dissolve(seat.crew)

    def _line_up(self, seat: Seat) -> None:
        self._witness.seat_changed(seat)
        seat.there = seat.agent.state is not AgentState.LOGGED_OUT
        seat.serves = seat.free or seat.goes_on
        seat.crew.there += seat.there
        seat.crew.serving += seat.serves
        if not seat.free:
            return
        crew, agent_id = seat.crew, seat.agent.id
        for policy, everybody in self.free.items():
            standing = seat.standings[policy] = policy.standing(seat.tally)
            everybody.add((standing, agent_id))
            crew.ready.setdefault(policy, Order()).add((standing, agent_id))
        crew.free += 1
        self.ready[crew] = None

    def _stand_down(self, seat: Seat) -> None:
        seat.crew.there -= seat.there
        seat.crew.serving -= seat.serves
        seat.there = seat.serves = False
        if not seat.standings:
            return
        crew, agent_id = seat.crew, seat.agent.id
        for policy, standing in seat.standings.items():
            self.free[policy].remove((standing, agent_id))
            crew.ready[policy].remove((standing, agent_id))
        seat.standings.clear()
        crew.free -= 1
        if not crew.free:
            del self.ready[crew]
