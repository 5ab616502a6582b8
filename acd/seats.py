"""The agents as the router keeps them, and an index of those who can take one more contact."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from .agents import Agent, AgentState
from .errors import UnknownAgent
from .load import Load
from .model import (
    FAULTS,
    AgentId,
    Channel,
    ChannelRule,
    OfferId,
    Outcome,
    WaitingContact,
)
from .order import Order
from .policies import Cost, Policy
from .profile import Profile
from .qualification import Crew, Group, Qualification
from .queue import Queue
from .rankings import Ranking, Spread
from .staffing import UNFIT, Post, Staffing
from .strengths import Strengths
from .tally import BUSY, Shift, Tally


@dataclass(slots=True, eq=False)
class Seat:
    agent: Agent
    crew: Crew
    load: Load
    tally: Tally
    always_ready: bool = False
    offer_id: OfferId | None = None  # rung or talking
    beside: dict[OfferId, WaitingContact] = field(default_factory=dict)  # in hand besides
    fruitless: Counter[Outcome] = field(default_factory=Counter)
    """Offers in a row that came to nothing, by why (:class:`.Rules`)."""
    beyond: dict[Channel, int] = field(default_factory=dict)
    """So many they rightly have, or are about to: more than their capacity is by now."""
    leaving: bool = False  # to be forgotten when logged out
    unfit: tuple[str, ...] = ()  # why nothing at all is offered, whatever the state says
    kept: Order[datetime] = field(default_factory=Order)  # waiting contacts kept for this agent
    standings: dict[Ranking, Cost] = field(default_factory=dict)
    """Where they stand, while they are free: among those who can take one more of a channel."""
    there: bool = False  # counted by the crew as logged in
    serves: bool = False  # counted by the crew as serving
    post: Post | None = None  # as they are counted

    @property
    def doing(self) -> str:
        """The state, or that they are unfit, if only for calls, while they would be ready."""
        ready = self.agent.state is AgentState.READY
        return UNFIT if ready and self.hindered else self.agent.state.value

    @property
    def hindered(self) -> tuple[str, ...]:
        """Why nothing, or no call, is offered, whatever the state says."""
        return (*self.unfit, *self.load.voiceless)

    @property
    def rests(self) -> bool:
        """Whether the ACD itself made them not ready."""
        return self.agent.state is AgentState.NOT_READY and self.agent.reason in FAULTS

    @property
    def free(self) -> bool:
        """Whether a contact may be offered that can come to what is in hand."""
        return self.agent.state is AgentState.READY and not self.unfit

    @property
    def goes_on(self) -> bool:
        """Whether they are busy and, as they have chosen, ready afterwards."""
        chosen = self.agent.next
        stays = chosen is None or chosen.state is AgentState.READY
        return self.agent.state in BUSY and stays and not self.leaving

    def hold(self, offer_id: OfferId, contact: WaitingContact) -> None:
        """The contact is in hand, beside whatever else; the agent's state is to follow."""
        self.beside[offer_id] = contact
        self.load = self.load.more(contact.channel)
        self.tally.in_hand += 1

    def let_go(self, offer_id: OfferId) -> None:
        channel = self.beside.pop(offer_id).channel
        self.load = self.load.fewer(channel)
        self.tally.in_hand -= 1
        if channel in self.beyond:
            self.beyond[channel] -= 1

    def allow(self, rung: Channel | None) -> None:
        """Whatever their capacity is now, they keep what is in hand, and what they are rung for."""
        load = self.load if rung is None else self.load.more(rung)
        over = {one: count for one, count in load.in_hand.items() if count > load.capacity(one)}
        self.beyond = over


class SeatWitness(Protocol):
    """Hears of every change of an agent, whatever it is."""

    def seat_changed(self, seat: Seat) -> None: ...

    def seat_gone(self, seat: Seat) -> None: ...


class Seats:
    """All agents. Those who are free are at hand, by what they can take and by crew."""

    def __init__(
        self,
        qualification: Qualification,
        channels: Mapping[Channel, ChannelRule],
        witness: SeatWitness,
    ) -> None:
        self._qualification = qualification
        self._channels = channels
        self._witness = witness
        self.staffing = Staffing()
        self.strengths = Strengths()
        self._by_id: dict[str, Seat] = {}
        self._rankings: dict[tuple[Policy, Channel, Spread | None], Ranking] = {}
        self.free: dict[Ranking, Order[Cost]] = {}
        """Everybody who can take one more of the ranking's channel, as its policy has them."""
        self.ready: dict[Ranking, dict[Crew, int]] = {}  # of which crews how many can

    def ranking(self, queue: Queue, channel: Channel) -> Ranking:
        """The order of those who may be offered the queue's contacts of this channel."""
        key = (queue.policy, channel, None if self.alone(channel) else queue.spread)
        ranking = self._rankings.get(key)
        if ranking is None:
            ranking = self._rankings[key] = Ranking(*key)
            self.free[ranking], self.ready[ranking] = Order(), {}
            for seat in self._by_id.values():
                if seat.free:
                    self._stand_in(seat, ranking)
        return ranking

    def keep_rankings(self, queues: Iterable[Queue]) -> None:
        """Forget those that none of these queues asks for any more."""
        asked = {(queue.policy, spread) for queue in queues for spread in (queue.spread, None)}
        for key, ranking in list(self._rankings.items()):
            if (ranking.policy, ranking.spread) in asked:
                continue
            for seat in self._by_id.values():
                if ranking in seat.standings:
                    self._stand_out(seat, ranking)
            for seat in self._by_id.values():
                seat.crew.ready.pop(ranking, None)
            del self._rankings[key], self.free[ranking], self.ready[ranking]

    def ready_for(self, group: Group) -> int:
        """How many agents could have one of these contacts now."""
        ready, crews = self.ready[group.ranking], group.crews
        if len(ready) < len(crews):
            return sum(count for crew, count in ready.items() if crew in crews)
        return sum(ready.get(crew, 0) for crew in crews)

    def alone(self, channel: Channel) -> bool:
        """Whether such a contact takes the agent whole."""
        return self._channels[channel].alone

    def __getitem__(self, agent_id: str) -> Seat:
        seat = self._by_id.get(agent_id)
        if seat is None:
            raise UnknownAgent(agent_id)
        return seat

    def get(self, agent_id: str) -> Seat | None:
        return self._by_id.get(agent_id)

    def __len__(self) -> int:
        return len(self._by_id)

    def __iter__(self) -> Iterator[str]:
        """Everybody's id."""
        return iter(self._by_id)

    def put(self, agent_id: AgentId, profile: Profile, now: datetime) -> Seat:
        """The agent's seat, with this profile from now on; a new agent is logged out."""
        crew = self._qualification.crew(profile)
        seat = self._by_id.get(agent_id)
        if seat is None:
            agent = Agent(agent_id, AgentState.LOGGED_OUT, since=now, idle_since=now)
            load = Load(self._channels, profile.capacity)
            seat = self._by_id[agent_id] = Seat(agent, crew, load, Tally(now, now))
            crew.members += 1
            self._tell(seat)
        elif seat.crew is not crew or seat.load.capacities != profile.capacity:
            crew.members += 1
            self._leave_crew(seat)
            seat.crew, seat.load = crew, replace(seat.load, capacities=profile.capacity)
            self._line_up(seat)
        return seat

    def update(self, seat: Seat, agent: Agent, now: datetime) -> None:
        """The agent is in another state, or has another number of contacts in hand."""
        self._stand_down(seat)
        before, tally = seat.agent, seat.tally
        tally.count(now, busy=before.state in BUSY or before.beside > 0)
        if before.state is AgentState.LOGGED_OUT:
            tally.log_in(agent.since)
        if agent.state is AgentState.RINGING:
            tally.offered_at = agent.since
        tally.idle_since = agent.idle_since
        seat.agent = agent
        self._line_up(seat)
        if seat.leaving and agent.state is AgentState.LOGGED_OUT:
            self.forget(seat)

    def restore(self, seat: Seat, agent: Agent, shift: Shift | None, now: datetime) -> None:
        """The agent, who is logged out here, was in the midst of a shift before a restart."""
        self._stand_down(seat)
        seat.tally.count(now, busy=False)
        seat.tally.log_in(agent.since)
        if shift is not None:
            seat.tally.go_on(shift)
        seat.tally.idle_since = agent.idle_since
        seat.agent = agent
        self._line_up(seat)

    def set_fitness(self, seat: Seat, unfit: tuple[str, ...], voiceless: tuple[str, ...]) -> None:
        self._stand_down(seat)
        seat.unfit, seat.load = unfit, replace(seat.load, voiceless=voiceless)
        self._line_up(seat)

    def set_open_work(self, seat: Seat, open_work: int) -> None:
        self._stand_down(seat)
        seat.tally.open_work = open_work
        self._line_up(seat)

    def forget(self, seat: Seat) -> None:
        if self._by_id.pop(seat.agent.id, None) is not None:
            self._leave_crew(seat)
            self.staffing.moved(seat.post, None)
            self._witness.seat_gone(seat)

    def _leave_crew(self, seat: Seat) -> None:
        self._stand_down(seat)
        self._count(seat, there=False, serves=False)
        seat.crew.members -= 1
        if not seat.crew.members:
            self._qualification.dissolve(seat.crew)

    def _line_up(self, seat: Seat) -> None:
        self._tell(seat)
        there = seat.agent.state is not AgentState.LOGGED_OUT
        callable_now = seat.free and not seat.load.voiceless  # waits are those of callers
        self._count(seat, there=there, serves=callable_now or seat.goes_on)
        if seat.free:
            for ranking in self.free:
                self._stand_in(seat, ranking)

    def _stand_in(self, seat: Seat, ranking: Ranking) -> None:
        channel, crew, agent_id = ranking.channel, seat.crew, seat.agent.id
        if seat.load.obstacle(channel) is not None:
            return
        standing = ranking.standing(seat.tally, seat.load.of(channel))
        seat.standings[ranking] = standing
        self.free[ranking].add((standing, agent_id))
        crew.ready.setdefault(ranking, Order()).add((standing, agent_id))
        ready = self.ready[ranking]
        ready[crew] = ready.get(crew, 0) + 1

    def _count(self, seat: Seat, *, there: bool, serves: bool) -> None:
        """What the agent is to the crew from now on."""
        self.strengths.moved(seat.crew, there - seat.there, serves - seat.serves)
        seat.there, seat.serves = there, serves

    def _tell(self, seat: Seat) -> None:
        self._witness.seat_changed(seat)
        post = (seat.crew, seat.doing)
        if post != seat.post:
            self.staffing.moved(seat.post, post)
            seat.post = post

    def _stand_down(self, seat: Seat) -> None:
        for ranking in list(seat.standings):
            self._stand_out(seat, ranking)

    def _stand_out(self, seat: Seat, ranking: Ranking) -> None:
        crew, place = seat.crew, (seat.standings.pop(ranking), seat.agent.id)
        self.free[ranking].remove(place)
        crew.ready[ranking].remove(place)
        ready = self.ready[ranking]
        ready[crew] -= 1
        if not ready[crew]:
            del ready[crew]
