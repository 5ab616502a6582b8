"""
Wrap-ups that go on: when each ends, how far it may be extended, and what is still to be handed in.

A queue may want the outcome of every contact (a disposition) from its agents. Then the wrap-up goes
on after its time until it is there, for so long at most.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from .alarms import Alarm, Alarms, Due
from .errors import NotWrappingUp
from .model import AgentId, ContactId, Offer, OfferId, Purpose
from .queue import Queue


@dataclass(frozen=True, slots=True)
class WrapUp:
    """Of one agent, as it is at one moment."""

    offer_id: OfferId
    contact_id: ContactId
    queue: Queue  # as it was when the conversation ended
    since: datetime
    until: datetime
    owes: bool  # the outcome is not there yet

    @property
    def given_up_at(self) -> datetime:
        """The outcome is not waited for any longer."""
        return max(self.until, self.since + self.queue.disposition_limit)

    @property
    def ends_at(self) -> datetime:
        """When it ends by itself, whatever the agent does."""
        return self.given_up_at if self.owes else self.until

    @property
    def latest(self) -> datetime:
        """Beyond this it is not extended."""
        return max(self.until, self.since + (self.queue.wrap_up_limit or timedelta(0)))


class WrapUps:
    """By agent. There is one alarm for each."""

    def __init__(self, alarms: Alarms) -> None:
        self._alarms = alarms
        self._running: dict[AgentId, WrapUp] = {}
        self._agents: dict[OfferId, AgentId] = {}  # who wraps up what
        self._required: set[str] = set()  # queues
        self._early: set[OfferId] = set()  # of which the outcome came during the conversation

    def require(self, queue: str, required: bool) -> None:
        """Whether conversations of the queue that end from now on need their outcome."""
        if required:
            self._required.add(queue)
        else:
            self._required.discard(queue)

    def of(self, agent_id: AgentId) -> WrapUp | None:
        """The agent's, as it is now."""
        return self._running.get(agent_id)

    def owed(self, offer: Offer) -> bool:
        """Whether the outcome of a conversation that ends now is wanted and not there."""
        serves = offer.purpose is Purpose.SERVE
        return serves and offer.queue in self._required and offer.id not in self._early

    def begin(self, offer: Offer, queue: Queue, now: datetime, *, owes: bool) -> WrapUp:
        running = WrapUp(offer.id, offer.contact_id, queue, now, now + queue.wrap_up, owes)
        self._running[offer.agent_id] = running
        self._agents[offer.id] = offer.agent_id
        at = running.until if queue.wrap_up else running.given_up_at
        self._alarms.set(Alarm(Due.WRAP_UP_ENDS, offer.agent_id), at)
        return running

    def forget(self, offer: Offer) -> None:
        """The conversation is over."""
        self._early.discard(offer.id)

    def end(self, agent_id: AgentId) -> None:
        """The agent is in another state."""
        if (running := self._running.pop(agent_id, None)) is not None:
            del self._agents[running.offer_id]
        self._alarms.cancel(Alarm(Due.WRAP_UP_ENDS, agent_id))

    def extend(self, agent_id: AgentId, by: timedelta, now: datetime) -> WrapUp:
        """As far as the queue allows. Raises NotWrappingUp, also where it allows no more."""
        running = self._running.get(agent_id)
        if running is None:
            raise NotWrappingUp(agent_id)
        until = min(max(running.until, now) + by, running.latest)
        if until <= max(running.until, now):
            raise NotWrappingUp(agent_id, running.latest)
        extended = self._running[agent_id] = replace(running, until=until)
        self._alarms.set(Alarm(Due.WRAP_UP_ENDS, agent_id), until)
        return extended

    def recorded_early(self, offer: Offer) -> None:
        """The outcome of a conversation that still goes on is there."""
        self._early.add(offer.id)

    def recorded(self, offer_id: OfferId) -> tuple[AgentId, WrapUp] | None:
        """The outcome is there; whose wrap-up it was that owed it, and what that is now."""
        agent_id = self._agents.get(offer_id)
        if agent_id is None or not self._running[agent_id].owes:
            return None
        freed = self._running[agent_id] = replace(self._running[agent_id], owes=False)
        return agent_id, freed

    def missed(self, agent_id: AgentId, now: datetime) -> bool | None:
        """
        Its time is over: whether it ends without the outcome that it owes.

        None: it goes on until then.
        """
        running = self._running.get(agent_id)
        if running is None or not running.owes:
            return False
        if now >= running.given_up_at:
            return True
        self._alarms.set(Alarm(Due.WRAP_UP_ENDS, agent_id), running.given_up_at)
        return None
