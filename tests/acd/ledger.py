"""
A second opinion on the router: it follows the effects one by one and checks each by brute force.

It shares no code with the router but the values.
"""

from dataclasses import dataclass, field
from datetime import datetime

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
    TakenOver,
)
from acd.model import Offer, Outcome, Queue, Rules, WaitingContact

BUSY = (AgentState.RINGING, AgentState.TALKING)


@dataclass
class Ledger:
    queues: dict[str, Queue]
    rules: Rules
    skills: dict[str, dict[str, int]] = field(default_factory=dict)
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

    def take(self, effects: list[Effect], now: datetime) -> None:
        """Believe what came true, but not without checking."""
        self.backoff = {pair: until for pair, until in self.backoff.items() if until > now}
        for effect in effects:
            match effect:
                case ContactQueued(contact):
                    assert contact.id not in self.contacts
                    self.contacts[contact.id] = contact
                    self.waiting.add(contact.id)
                case ContactRequeued(contact):
                    assert contact is self.contacts[contact.id], "the original place is lost"
                    self.waiting.add(contact.id)
                case OfferMade(offer):
                    self._offered(offer, now)
                case OfferAccepted(offer):
                    assert now < offer.expires_at
                    self.served[offer.id] = self.ringing.pop(offer.id)
                    if offer.id not in self.named:
                        self._gone(offer.contact_id)
                    self.named.discard(offer.id)
                case TakenOver(offer, _):
                    known = self.agents.get(offer.agent_id)  # None: new, and never logged in
                    assert known is None or known.state not in BUSY
                    assert offer.id not in self.offer_ids, "an id came twice"
                    self.offer_ids.add(offer.id)
                    self.served[offer.id] = offer
                case OfferEnded(offer, outcome):
                    self._offer_ended(offer, outcome, now)
                case InteractionEnded(offer, _):
                    assert self.served.pop(offer.id) is offer
                case FitnessChanged(agent_id, reasons):
                    assert bool(reasons) != (agent_id in self.unfit), "no change was told"
                    (self.unfit.add if reasons else self.unfit.discard)(agent_id)
                case AgentChanged(agent, previous):
                    if agent.id in self.agents:
                        assert previous == self.agents[agent.id], "a change was not told"
                    self.agents[agent.id] = agent
                    if agent.state is AgentState.READY:
                        self._idle(agent, previous, now)

    def left(self, contact_id: str) -> None:
        """The caller hung up while waiting; the router has nothing to say to that."""
        if contact_id in self.waiting:
            self._gone(contact_id)

    def lost(self, contact_id: str, agent_id: str, now: datetime) -> None:
        """The contact is about to come back from an agent who did not speak with it."""
        self.backoff[contact_id, agent_id] = now + self.rules.decline_backoff

    def check(self, now: datetime) -> None:
        """What holds between any two inputs."""
        open_offers = [*self.ringing.values(), *self.served.values()]
        agents = [offer.agent_id for offer in open_offers]
        rung_for = [offer.contact_id for offer in self.ringing.values()]
        placed = {one.contact_id for one in self.ringing.values() if one.id not in self.named}
        assert len(set(agents)) == len(agents), "an agent has two contacts"
        assert len(set(rung_for)) == len(rung_for), "two are rung for one contact"
        assert not self.waiting & set(rung_for), "a contact waits and is offered"
        assert self.waiting | placed == set(self.contacts), "a contact is nowhere"
        assert self.named <= set(self.ringing)
        busy = {agent.id for agent in self.agents.values() if agent.state in BUSY}
        assert busy == set(agents), "a state and its contact disagree"
        assert all(offer.expires_at > now for offer in self.ringing.values()), "it rings for ever"
        assert not any(
            self._can(agent.id, contact_id)
            for agent in self.agents.values()
            if self._free(agent)
            for contact_id in self.waiting
        ), "somebody waits while a free agent who qualifies is idle"

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
        assert offer.expires_at == now + self.queues[offer.queue].ring_for
        self.ringing[offer.id] = offer
        if offer.why.rule == "named_agent":
            assert offer.contact_id not in self.contacts, "it is elsewhere, too"
            self.named.add(offer.id)
        else:
            self._chosen(offer, agent)

    def _chosen(self, offer: Offer, agent: Agent) -> None:
        """Nobody was passed over."""
        assert offer.contact_id in self.waiting
        contact = self.contacts[offer.contact_id]
        assert self._can(agent.id, contact.id), "the agent does not qualify"
        assert (offer.queued_at, offer.purpose) == (contact.queued_at, contact.purpose)
        for other in self._waiting():
            if self._rank(other) < self._rank(contact):
                assert not self._can(agent.id, other.id), "a more urgent contact was passed over"
        for rival in self.agents.values():
            if self._free(rival) and rival.id != agent.id:
                longer = (rival.idle_since, rival.id) < (agent.idle_since, agent.id)
                assert not longer or not self._can(rival.id, contact.id), "a longer idle one was"
        self.waiting.remove(contact.id)

    def _idle(self, agent: Agent, previous: Agent, now: datetime) -> None:
        """Idle time begins with readiness; an offer that came to nothing does not end it."""
        if previous.state is not AgentState.RINGING:
            self.idle_since[agent.id] = now
        assert agent.idle_since == self.idle_since[agent.id], "idle time was lost or won"

    def _offer_ended(self, offer: Offer, outcome: Outcome, now: datetime) -> None:
        assert self.ringing.pop(offer.id) is offer
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
        else:
            self.backoff[offer.contact_id, offer.agent_id] = now + pause[outcome]

    def _gone(self, contact_id: str) -> None:
        del self.contacts[contact_id]
        self.waiting.discard(contact_id)
        self._forgive(contact_id)

    def _forgive(self, contact_id: str) -> None:
        """Who declined it may have it, should it ever come back."""
        self.backoff = {p: until for p, until in self.backoff.items() if p[0] != contact_id}

    def _can(self, agent_id: str, contact_id: str) -> bool:
        contact = self.contacts[contact_id]
        wanted = (*self.queues[contact.queue].requirements, *contact.requirements)
        skills = self.skills[agent_id]
        return (contact_id, agent_id) not in self.backoff and all(
            skills.get(one.skill, 0) >= one.level for one in wanted
        )

    def _waiting(self) -> list[WaitingContact]:
        return [self.contacts[contact_id] for contact_id in self.waiting]

    def _rank(self, contact: WaitingContact) -> tuple[datetime, str]:
        return (contact.queued_at - contact.priority * self.rules.priority_credit, contact.id)
