"""
A second opinion on the router: it follows the effects one by one and checks each by brute force.

It shares no code with the router but the values.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from acd.agents import Agent, AgentState
from acd.effects import (
    AgentChanged,
    ContactQueued,
    ContactRequeued,
    Effect,
    FitnessChanged,
    InteractionEnded,
    OfferAccepted,
    OfferEnded,
    OfferMade,
    Resumed,
    TakenOver,
)
from acd.model import (
    GIVEN_BACK,
    SERVER_RESTARTED,
    Channel,
    Offer,
    Outcome,
    Purpose,
    Region,
    Rules,
    WaitingContact,
)
from acd.profile import Profile
from acd.queue import Queue, Step
from acd.rankings import Spread
from acd.requirements import AnyOf, Clause, Requirements

from .build import MORNING

BUSY = (AgentState.RINGING, AgentState.TALKING)


@dataclass
class Shift:
    """What an agent did since the log-in."""

    began: datetime
    offered_at: datetime | None = None
    handled: int = 0
    busy: timedelta = timedelta(0)
    open_work: int = 0
    counted_to: datetime = MORNING


@dataclass
class Ledger:
    queues: dict[str, Queue]
    rules: Rules
    now: datetime = MORNING
    profiles: dict[str, Profile] = field(default_factory=dict)
    agents: dict[str, Agent] = field(default_factory=dict)
    contacts: dict[str, WaitingContact] = field(default_factory=dict)  # who have a place, as queued
    waiting: set[str] = field(default_factory=set)
    ringing: dict[str, Offer] = field(default_factory=dict)
    named: set[str] = field(default_factory=set)  # of those, the ones made to an agent by name
    served: dict[str, Offer] = field(default_factory=dict)
    idle_since: dict[str, datetime] = field(default_factory=dict)
    backoff: dict[tuple[str, str], datetime] = field(default_factory=dict)  # contact, agent
    offer_ids: set[str] = field(default_factory=set)
    unfit: set[str] = field(default_factory=set)
    voiceless: set[str] = field(default_factory=set)  # can take what is not spoken
    kept: dict[str, str] = field(default_factory=dict)  # contacts that wait for one agent alone
    shifts: dict[str, "Shift"] = field(default_factory=dict)
    losers: dict[str, str] = field(default_factory=dict)  # of what is given back, by offer
    dropped: set[str] = field(default_factory=set)  # offers whose agents are about to be released
    squeezed: set[str] = field(default_factory=set)  # offers whose agents have less room by now

    def take(self, effects: list[Effect], now: datetime) -> None:
        """Believe what came true, but not without checking."""
        self.now = now
        self.backoff = {pair: until for pair, until in self.backoff.items() if until > now}
        self._keep_no_longer()
        decided = False
        for effect in effects:
            match effect:
                case ContactQueued(contact):
                    assert contact.id not in self.contacts
                    self.contacts[contact.id] = contact
                    self.waiting.add(contact.id)
                    self._keep(contact)
                case ContactRequeued(contact):
                    assert contact is self.contacts[contact.id], "the original place is lost"
                    self.waiting.add(contact.id)
                case OfferMade(offer):
                    decided = True
                    self._offered(offer, now)
                case OfferAccepted(offer):
                    assert now < offer.expires_at
                    held = self.beside(offer.agent_id)  # a microphone may fail while it rings
                    room = self._fits(offer.agent_id, offer.channel, held)
                    fits = offer.id in self.squeezed or room
                    assert fits, "an agent has more than there is room for"
                    self.served[offer.id] = self.ringing.pop(offer.id)
                    if offer.id not in self.named:
                        self._gone(offer.contact_id)
                    self.named.discard(offer.id)
                case TakenOver(offer, _):
                    known = self.agents.get(offer.agent_id)  # None: new, and never logged in
                    assert known is None or known.state not in BUSY or not self._alone(offer)
                    full = self.has_all(offer.agent_id, offer.channel)
                    assert self._alone(offer) or not full, "more than the agent's capacity"
                    assert offer.id not in self.offer_ids, "an id came twice"
                    self.offer_ids.add(offer.id)
                    self.served[offer.id] = offer
                case Resumed(offer):
                    assert not self._alone(offer)
                    self.squeeze(offer.agent_id)
                    self.offer_ids.add(offer.id)
                    self.served[offer.id] = offer
                case OfferEnded(offer, outcome):
                    self._offer_ended(offer, outcome, now)
                case InteractionEnded(offer, by):
                    assert self.served.pop(offer.id) == offer
                    uncounted = by == GIVEN_BACK or offer.id in self.dropped
                    self.shifts[offer.agent_id].handled += not uncounted
                    if by == GIVEN_BACK:
                        assert not decided, "something went before what was given back"
                        self._waits_again(offer)
                case FitnessChanged(agent_id, reasons, sound):
                    before = (agent_id in self.unfit, agent_id in self.voiceless)
                    assert (bool(reasons), bool(sound)) != before, "no change was told"
                    (self.unfit.add if reasons else self.unfit.discard)(agent_id)
                    (self.voiceless.add if sound else self.voiceless.discard)(agent_id)
                case AgentChanged(agent, previous):
                    if agent.id in self.agents:
                        assert previous == self.agents[agent.id], "a change was not told"
                    self.agents[agent.id] = agent
                    self._worked(previous, agent)
                    if agent.beside != previous.beside:
                        self.idle_since[agent.id] = now
                    if agent.state is AgentState.READY:
                        self._idle(agent, previous, now)

    def left(self, contact_id: str) -> None:
        """The caller hung up while waiting; the router has nothing to say to that."""
        if contact_id in self.waiting:
            self._gone(contact_id)

    def lost(self, contact_id: str, agent_id: str, now: datetime) -> None:
        """The contact is about to come back from an agent who did not speak with it."""
        self.backoff[contact_id, agent_id] = now + self.rules.decline_backoff

    def restored(self, was: Agent) -> Agent:
        """What the agent is after a restart; they begin a new shift."""
        match was.state:
            case AgentState.RINGING:
                agent = Agent(was.id, AgentState.READY, self.now, was.since)
            case AgentState.NOT_READY if was.leaves:
                agent = Agent(was.id, AgentState.LOGGED_OUT, self.now, self.now)
            case AgentState.TALKING | AgentState.WRAP_UP:
                agent = Agent(was.id, AgentState.NOT_READY, self.now, self.now, SERVER_RESTARTED)
            case _:
                agent = Agent(was.id, was.state, was.since, was.since, was.reason)
        self.agents[was.id], self.idle_since[was.id] = agent, agent.idle_since
        self.shifts[was.id] = Shift(agent.since)
        return agent

    def is_full(self, queue: str) -> bool:
        limit = self.queues[queue].max_waiting
        return (
            limit is not None and sum(one.queue == queue for one in self.contacts.values()) >= limit
        )

    def given_back(self, held: Offer, lost_by: str | None = None) -> None:
        """About to be: that agent is to back off from it."""
        if lost_by is not None:
            self.losers[held.id] = lost_by

    def squeeze(self, agent_id: str) -> None:
        """They may have less room by now; what they are rung for they may take all the same."""
        self.squeezed |= {one.id for one in self.ringing.values() if one.agent_id == agent_id}

    def would_squeeze(self, agent_id: str, channel: Channel) -> bool:
        """Whether one more of it leaves no room for what they are rung for."""
        rung = [one for one in self.ringing.values() if one.agent_id == agent_id]
        with_it = [*self.beside(agent_id), channel]
        return any(not self._fits(agent_id, one.channel, with_it) for one in rung)

    def is_to_be_had(self, contact_id: str) -> bool:
        """Whether somebody else is to be its owner: it waits or rings for that."""
        served = any(one.contact_id == contact_id for one in self.served.values())
        rung = [one for one in self.ringing.values() if one.contact_id == contact_id]
        waits = self.contacts.get(contact_id)
        wanted = waits is not None and waits.purpose is Purpose.SERVE
        return wanted or (not served and any(one.purpose is Purpose.SERVE for one in rung))

    def released(self, agent_id: str) -> None:
        """About to be: what takes them whole is over, to nobody's account; the rest goes back."""
        for offer in (*self.ringing.values(), *self.served.values()):
            if offer.agent_id == agent_id:
                whole = offer.id in self.ringing or self._alone(offer)
                (self.dropped.add(offer.id) if whole else self.given_back(offer, agent_id))

    def rings(self, offer: Offer, now: datetime) -> None:
        """Who was held until now is rung."""
        ring_for = self.queues[offer.queue].ring_for
        self.ringing[offer.id] = replace(offer, held=False, expires_at=now + ring_for)

    def _waits_again(self, held: Offer) -> None:
        """If nobody else has it; nobody advises on it any more."""
        lost_by = self.losers.pop(held.id, None)
        others = any(one.contact_id == held.contact_id for one in self.served.values())
        if held.purpose is Purpose.SERVE and not others:
            self.left(held.contact_id)
            if lost_by is not None:
                self.lost(held.contact_id, lost_by, self.now)

    def busy_for(self, queue: str) -> int:
        """How many agents are rung for the queue's contacts, or talk with them."""
        busy = (*self.ringing.values(), *self.served.values())
        return sum(offer.queue == queue for offer in busy)

    def check(self, now: datetime) -> None:
        """What holds between any two inputs."""
        open_offers = [*self.ringing.values(), *self.served.values()]
        whole = [offer for offer in open_offers if offer.id in self.ringing or self._alone(offer)]
        agents = [offer.agent_id for offer in whole]
        rung_for = [offer.contact_id for offer in self.ringing.values()]
        placed = {one.contact_id for one in self.ringing.values() if one.id not in self.named}
        assert len(set(agents)) == len(agents), "an agent has two contacts"
        assert len(set(rung_for)) == len(rung_for), "two are rung for one contact"
        assert not self.waiting & set(rung_for), "a contact waits and is offered"
        served = {offer.contact_id for offer in self.served.values()}
        wanted = {one.id for one in self.contacts.values() if one.purpose is Purpose.SERVE}
        assert not wanted & served, "a contact has two owners"
        assert self.waiting | placed == set(self.contacts), "a contact is nowhere"
        assert self.named <= set(self.ringing)
        busy = {agent.id for agent in self.agents.values() if agent.state in BUSY}
        assert busy == set(agents), "a state and its contact disagree"
        for name, agent in self.agents.items():
            assert agent.beside == len(self.beside(name)), "what is in hand is miscounted"
            assert agent.state is not AgentState.LOGGED_OUT or not agent.beside
        assert all(offer.expires_at > now for offer in self.ringing.values()), "it rings for ever"
        assert not any(
            self.can(agent.id, contact_id)
            for agent in self.agents.values()
            if self._free(agent)
            for contact_id in self.waiting
        ), "somebody waits while a free agent who qualifies is idle"

    def _alone(self, offer: Offer) -> bool:
        return self.rules.channels[offer.channel].alone

    def beside(self, agent_id: str) -> list[Channel]:
        return [offer.channel for offer in self.held(agent_id)]

    def held(self, agent_id: str) -> list[Offer]:
        """What the agent has in hand that leaves room for others."""
        mine = (offer for offer in self.served.values() if offer.agent_id == agent_id)
        return [offer for offer in mine if not self._alone(offer)]

    def has_room(self, agent_id: str, channel: Channel) -> bool:
        spoken = channel in (Channel.VOICE, Channel.CALLBACK)
        barred = spoken and agent_id in self.voiceless
        return not barred and self._fits(agent_id, channel, self.beside(agent_id))

    def has_all(self, agent_id: str, channel: Channel) -> bool:
        return self.beside(agent_id).count(channel) >= self._capacity(agent_id, channel)

    def _fits(self, agent_id: str, channel: Channel, beside: list[Channel]) -> bool:
        rules = self.rules.channels
        return beside.count(channel) < self._capacity(agent_id, channel) and all(
            one is channel or channel in rules[one].interrupted_by for one in beside
        )

    def _capacity(self, agent_id: str, channel: Channel) -> int:
        capacity = self.rules.channels[channel].capacity
        return self.profiles[agent_id].capacity.get(channel, capacity)

    def is_free(self, agent_id: str) -> bool:
        return agent_id in self.agents and self._free(self.agents[agent_id])

    def _free(self, agent: Agent) -> bool:
        return agent.state is AgentState.READY and agent.id not in self.unfit

    def position(self, contact_id: str) -> int | None:
        if contact_id not in self.waiting:
            return None
        contact = self.contacts[contact_id]
        line = [one for one in self._waiting() if one.queue == contact.queue]
        return 1 + sum(self._rank(one) < self._rank(contact) for one in line)

    def _offered(self, offer: Offer, now: datetime) -> None:
        assert offer.id not in self.offer_ids, "an id came twice"
        self.offer_ids.add(offer.id)
        agent = self.agents[offer.agent_id]
        assert self._free(agent), "an agent was taken who is not free"
        held_for = offer.expires_at - now - self.queues[offer.queue].ring_for
        assert offer.held == (held_for > timedelta(0))
        if offer.why.rule == "named_agent":
            assert offer.contact_id not in self.contacts, "it is elsewhere, too"
            assert not held_for
            self.named.add(offer.id)
        else:
            self._chosen(offer, agent)
        self.ringing[offer.id] = offer

    def _chosen(self, offer: Offer, agent: Agent) -> None:
        """Nobody was passed over."""
        assert offer.contact_id in self.waiting
        contact = self.contacts[offer.contact_id]
        assert self.can(agent.id, contact.id), "the agent does not qualify"
        assert (offer.queued_at, offer.purpose) == (contact.queued_at, contact.purpose)
        assert offer.channel is contact.channel
        assert offer.expires_at - self.now == contact.held_for + self.queues[contact.queue].ring_for
        free = [one.id for one in self.agents.values() if self._free(one)]
        for other in self._waiting():
            if self._rank(other) < self._rank(contact):
                can = any(self.can(one, other.id) for one in free)
                assert not can, "a more urgent contact was passed over"
        mine = self._cost(agent, contact)
        for rival in self.agents.values():
            if self._free(rival) and rival.id != agent.id and self.can(rival.id, contact.id):
                assert mine < self._cost(rival, contact), "somebody whom the policy puts first was"
        self.waiting.remove(contact.id)

    def _cost(self, agent: Agent, contact: WaitingContact) -> tuple[float | str, ...]:
        """As the queue's policy says in its words, and not as it is computed."""
        queue, profile = self.queues[contact.queue], self.profiles[agent.id]
        shift, idle = self.shifts[agent.id], agent.idle_since.timestamp()
        level = 1 if profile.queues is None else profile.queues[queue.name]
        held = self.beside(agent.id)
        clauses = (*self.asked(contact), *queue.preferred)
        named = {skill for clause in clauses for skill in _skills(clause)}
        levels = [profile.skills.get(skill, 0) for skill in named]
        cost: tuple[float, ...]
        match queue.policy.name:
            case "longest_idle":
                cost = (idle,)
            case "round_robin":
                last = shift.offered_at
                cost = (last.timestamp() if last else 0.0, shift.began.timestamp())
            case "fewest_contacts":
                cost = (shift.handled + len(held), idle)
            case "least_occupied":
                staffed = agent.idle_since - shift.began
                cost = (shift.busy / staffed if staffed > timedelta(0) else 0.0, idle)
            case "least_open_work":
                cost = (shift.handled + len(held) + shift.open_work, idle)
            case "most_skilled":
                cost = (-sum(levels), idle)
            case "scored":
                far = 3 - _shared(contact.region, profile.region)
                other = bool(contact.work) and contact.work not in profile.works
                cost = (sum(10 - one for one in levels) + far + other + 0.1 * idle / 60,)
        spread = held.count(contact.channel) * (-1 if queue.spread is Spread.FILL else 1)
        return (level, spread, *cost, agent.id)

    def _worked(self, before: Agent, after: Agent) -> None:
        if before.state is AgentState.LOGGED_OUT or after.id not in self.shifts:
            open_work = self.shifts[after.id].open_work if after.id in self.shifts else 0
            self.shifts[after.id] = Shift(after.since, open_work=open_work)
        shift = self.shifts[after.id]
        if before.state in (*BUSY, AgentState.WRAP_UP) or before.beside:
            shift.busy += self.now - shift.counted_to
        shift.counted_to = self.now
        if after.state is AgentState.RINGING:
            shift.offered_at = after.since
        if after.state is AgentState.LOGGED_OUT:
            for contact_id in [one for one, name in self.kept.items() if name == after.id]:
                self._keep(self.contacts[contact_id])

    def _keep(self, contact: WaitingContact) -> None:
        """For the first of those wanted who is there and suits, while its time lasts."""
        self.kept.pop(contact.id, None)
        if contact.queued_at + contact.wanted_for <= self.now:
            return
        for name in (contact.wanted, contact.wanted_next):
            wanted = self.agents.get(name or "")
            there = wanted is not None and wanted.state is not AgentState.LOGGED_OUT
            if name is not None and there and self._suits(name, contact.id):
                self.kept[contact.id] = name
                return

    def _keep_no_longer(self) -> None:
        """Its time is over, or the agent cannot have it any more."""
        for contact_id, agent_id in list(self.kept.items()):
            contact = self.contacts[contact_id]
            over = contact.queued_at + contact.wanted_for <= self.now
            if over or not self._suits(agent_id, contact_id):
                self._keep(contact)

    def _idle(self, agent: Agent, previous: Agent, now: datetime) -> None:
        """Idle time begins with readiness; an offer that came to nothing does not end it."""
        if previous.state not in (AgentState.RINGING, AgentState.READY):
            self.idle_since[agent.id] = now
        assert agent.idle_since == self.idle_since[agent.id], "idle time was lost or won"

    def _offer_ended(self, offer: Offer, outcome: Outcome, now: datetime) -> None:
        assert self.ringing.pop(offer.id) == offer
        self.squeezed.discard(offer.id)
        if offer.id in self.named:
            self.named.remove(offer.id)
            return
        pause = {
            Outcome.DECLINED: self.rules.decline_backoff,
            Outcome.UNREACHABLE: self.rules.unreachable_backoff,
            Outcome.TIMED_OUT: self.rules.no_answer_backoff,
        }
        if outcome is Outcome.WITHDRAWN:
            self._gone(offer.contact_id)
        elif offer.id not in self.dropped:
            self.backoff[offer.contact_id, offer.agent_id] = now + pause[outcome]
            if offer.contact_id in self.kept:
                self._keep(self.contacts[offer.contact_id])

    def _gone(self, contact_id: str) -> None:
        del self.contacts[contact_id]
        self.waiting.discard(contact_id)
        self.kept.pop(contact_id, None)
        self._forgive(contact_id)

    def _forgive(self, contact_id: str) -> None:
        """Who declined it may have it, should it ever come back."""
        self.backoff = {p: until for p, until in self.backoff.items() if p[0] != contact_id}

    def can(self, agent_id: str, contact_id: str) -> bool:
        queue = self.queues[self.contacts[contact_id].queue]
        limit = queue.max_served
        below = limit is None or self.busy_for(queue.name) < limit
        # What they hold is looked for among all that is served: last, for most do not suit.
        return (
            below
            and self._suits(agent_id, contact_id)
            and self.has_room(agent_id, self.contacts[contact_id].channel)
        )

    def _suits(self, agent_id: str, contact_id: str) -> bool:
        contact, profile = self.contacts[contact_id], self.profiles[agent_id]
        capacity = self.rules.channels[contact.channel].capacity
        return (
            profile.capacity.get(contact.channel, capacity) > 0
            and (contact_id, agent_id) not in self.backoff
            and self.kept.get(contact_id, agent_id) == agent_id
            and (profile.queues is None or contact.queue in profile.queues)
            and all(clause.met_by(profile.skills) for clause in self.asked(contact))
            and (profile.queues or {}).get(contact.queue, 1) <= self.reach(contact)
        )

    def _steps(self, contact: WaitingContact) -> list[Step]:
        """Those that have come."""
        waited = self.now - contact.queued_at
        return [step for step in self.queues[contact.queue].steps if step.after <= waited]

    def asked(self, contact: WaitingContact) -> Requirements:
        asked = self.queues[contact.queue].requirements
        for step in self._steps(contact):
            asked = step.requirements if step.requirements is not None else asked
        return (*asked, *contact.requirements)

    def reach(self, contact: WaitingContact) -> int:
        reach = self.queues[contact.queue].reach
        for step in self._steps(contact):
            reach = step.reach or reach
        return reach

    def _waiting(self) -> list[WaitingContact]:
        return [self.contacts[contact_id] for contact_id in self.waiting]

    def _rank(self, contact: WaitingContact) -> tuple[datetime, str]:
        credit = contact.priority * self.rules.priority_credit
        return (contact.queued_at + self.queues[contact.queue].yields - credit, contact.id)


def _shared(one: Region, other: Region) -> int:
    """How many of their largest parts are the same."""
    return sum(one[:size] == other[:size] for size in range(1, min(len(one), len(other)) + 1))


def _skills(clause: Clause) -> list[str]:
    return [one.skill for one in clause.choices] if isinstance(clause, AnyOf) else [clause.skill]
