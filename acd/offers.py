"""
Offers, from the decision to the end of the interaction that an accepted one becomes.

A contact may have several agents: who serves it, an adviser, whoever is to take it over.

An offer reserves its agent from the moment of the decision, for nobody else, until it expires.
"""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

from .agents import AgentEvent, AgentState, step
from .alarms import Alarm, Alarms, Due
from .effects import (
    AgentChanged,
    ContactRequeued,
    Effect,
    InteractionEnded,
    OfferAccepted,
    OfferEnded,
    OfferMade,
    TakenOver,
)
from .errors import OfferOver
from .matching import Match, find_agent, find_contact, named
from .model import (
    PHONE_LOST,
    RING_NO_ANSWER,
    UNREACHABLE,
    AgentId,
    ContactId,
    Decision,
    Offer,
    OfferId,
    Outcome,
    Queue,
    Rules,
    WaitingContact,
)
from .queues import Place, Waiting
from .seats import Seat, Seats

_FAULTS = (RING_NO_ANSWER, UNREACHABLE, PHONE_LOST)
"""Why the ACD itself makes an agent not ready."""


class Offers:
    """What is being offered and served, and the agents' moves that come with it."""

    def __init__(
        self,
        seats: Seats,
        waiting: Waiting,
        alarms: Alarms,
        rules: Rules,
        new_id: Callable[[], str],
    ) -> None:
        self._seats = seats
        self._waiting = waiting
        self._alarms = alarms
        self._rules = rules
        self._new_id = new_id
        self.ringing: dict[str, Offer] = {}
        self.served: dict[str, Offer] = {}
        self.serving: Counter[ContactId] = Counter()  # how many agents have each contact
        self.direct: dict[ContactId, OfferId] = {}  # ringing, made to an agent by name

    # --- making them --------------------------------------------------------------------------

    def move(
        self,
        seat: Seat,
        event: AgentEvent,
        now: datetime,
        reason: str | None = None,
        contact_id: ContactId | None = None,
    ) -> list[Effect]:
        """Take the agent through the state table, without looking for a contact."""
        before = seat.agent
        after = step(before, event, now, reason, contact_id)
        if after is before:
            return []
        if before.state is AgentState.WRAP_UP and after.state is not AgentState.WRAP_UP:
            self._alarms.cancel(Alarm(Due.WRAP_UP_ENDS, before.id))
        if before.state is AgentState.NOT_READY:
            self._alarms.cancel(Alarm(Due.REST_ENDS, before.id))
        self._seats.update(seat, after)
        if seat.always_ready and after.state is AgentState.NOT_READY and after.reason in _FAULTS:
            # Nobody sits at an always-ready seat to press ready again: time does.
            self._alarms.set(Alarm(Due.REST_ENDS, after.id), now + self._rules.seat_rest)
        return [AgentChanged(after, before)]

    def find_agent(self, place: Place, now: datetime) -> list[Effect]:
        """A contact waits: offer it to whoever is free for it."""
        found = find_agent(place, self._seats, now)
        return self._make(found, now) if found is not None else []

    def find_contact(self, seat: Seat, now: datetime) -> list[Effect]:
        """An agent may be ready: offer them what waits for them."""
        if not seat.free:
            return []
        found = find_contact(seat, self._waiting, now)
        return self._make(found, now) if found is not None else []

    def _make(self, found: Match, now: datetime) -> list[Effect]:
        place, seat, why = found
        offer = self._offer(place.contact, place.line.queue, seat, why, now)
        self._waiting.take(place, offer.id)
        return self._ring(offer, seat, now)

    def make_direct(self, contact: WaitingContact, seat: Seat, now: datetime) -> list[Effect]:
        """Offer it to this agent, who is free; it has no place in a queue and gets none."""
        queue = self._waiting.lines[contact.queue].queue
        offer = self._offer(contact, queue, seat, named(seat, contact, now), now)
        self.direct[contact.id] = offer.id
        return self._ring(offer, seat, now)

    def _offer(
        self, contact: WaitingContact, queue: Queue, seat: Seat, why: Decision, now: datetime
    ) -> Offer:
        return Offer(
            id=OfferId(self._new_id()),
            contact_id=contact.id,
            agent_id=seat.agent.id,
            queue=queue.name,
            queued_at=contact.queued_at,
            made_at=now,
            expires_at=now + queue.ring_for,
            why=why,
            purpose=contact.purpose,
        )

    def _ring(self, offer: Offer, seat: Seat, now: datetime) -> list[Effect]:
        seat.offer_id = offer.id
        self.ringing[offer.id] = offer
        self._alarms.set(Alarm(Due.OFFER_EXPIRES, offer.id), offer.expires_at)
        changed = self.move(seat, AgentEvent.OFFERED, now, contact_id=offer.contact_id)
        return [OfferMade(offer), *changed]

    # --- coming to nothing --------------------------------------------------------------------

    def decline(
        self, offer_id: str, now: datetime, event: AgentEvent = AgentEvent.OFFER_ENDED
    ) -> list[Effect]:
        if offer_id not in self.ringing:
            return []
        backoff = self._rules.decline_backoff
        return self._end(offer_id, Outcome.DECLINED, event, now, backoff=backoff)

    def withdraw(self, offer_id: str, now: datetime) -> list[Effect]:
        return self._end(offer_id, Outcome.WITHDRAWN, AgentEvent.OFFER_ENDED, now)

    def expire(self, offer_id: str, now: datetime) -> list[Effect]:
        strict = self._rules.no_answer_makes_not_ready
        return self._end(
            offer_id,
            Outcome.TIMED_OUT,
            AgentEvent.OFFER_MISSED if strict else AgentEvent.OFFER_ENDED,
            now,
            reason=RING_NO_ANSWER,
            backoff=self._rules.no_answer_backoff,
        )

    def unreachable(self, offer_id: str, now: datetime) -> list[Effect]:
        offer = self.ringing.get(offer_id)
        if offer is None:
            return []
        seat = self._seats[offer.agent_id]
        seat.unreachable += 1
        missed = seat.unreachable >= self._rules.unreachable_limit
        return self._end(
            offer_id,
            Outcome.UNREACHABLE,
            AgentEvent.OFFER_MISSED if missed else AgentEvent.OFFER_ENDED,
            now,
            reason=UNREACHABLE,
            backoff=self._rules.unreachable_backoff,
        )

    def _end(
        self,
        offer_id: str,
        outcome: Outcome,
        event: AgentEvent,
        now: datetime,
        *,
        reason: str | None = None,
        backoff: timedelta | None = None,
    ) -> list[Effect]:
        """It came to nothing: the contact back to its old place, the agent on to the next."""
        offer = self.ringing.pop(offer_id)
        self._alarms.cancel(Alarm(Due.OFFER_EXPIRES, offer_id))
        seat, place = self._seats[offer.agent_id], self._place(offer)
        seat.offer_id = None
        effects: list[Effect] = [OfferEnded(offer, outcome)]
        if place is None:
            del self.direct[offer.contact_id]
        elif outcome is Outcome.WITHDRAWN:
            self.give_up(place)
        if place is None or outcome is Outcome.WITHDRAWN:
            effects += self.move(seat, event, now, reason)
            return effects + self.find_contact(seat, now)
        if backoff is not None:
            self.shun(place, offer.agent_id, now + backoff)
        self._waiting.wait(place)
        effects.append(ContactRequeued(place.contact))
        effects += self.move(seat, event, now, reason)
        effects += self.find_agent(place, now)
        return effects + self.find_contact(seat, now)

    def _place(self, offer: Offer) -> Place | None:
        """None for an offer to an agent by name."""
        if self.direct.get(offer.contact_id) == offer.id:
            return None
        return self._waiting.places[offer.contact_id]

    def give_up(self, place: Place) -> None:
        """The contact waits no longer, for good."""
        for agent_id in place.shunned:
            self._alarms.cancel(Alarm(Due.BACKOFF_ENDS, agent_id, place.contact.id))
        self._waiting.leave(place)

    def shun(self, place: Place, agent_id: AgentId, until: datetime) -> None:
        """Do not offer the contact to this agent until then."""
        place.shunned[agent_id] = until
        self._alarms.set(Alarm(Due.BACKOFF_ENDS, agent_id, place.contact.id), until)

    # --- being served -------------------------------------------------------------------------

    def accept(self, offer_id: str, now: datetime) -> list[Effect]:
        if offer_id in self.served:
            return []
        offer = self.ringing.get(offer_id)
        if offer is None or now >= offer.expires_at:
            raise OfferOver(offer_id)
        del self.ringing[offer_id]
        self._alarms.cancel(Alarm(Due.OFFER_EXPIRES, offer_id))
        if (place := self._place(offer)) is None:
            del self.direct[offer.contact_id]
        else:
            self.give_up(place)
        self._serve(offer)
        seat = self._seats[offer.agent_id]
        return [OfferAccepted(offer), *self.move(seat, AgentEvent.ACCEPTED, now)]

    def take_over(
        self, contact: WaitingContact, seat: Seat, taken_from: str, now: datetime
    ) -> tuple[Offer, list[Effect]]:
        """The agent, who neither rings nor talks, has it from now on; a wrap-up is over."""
        effects: list[Effect] = []
        if seat.agent.state is AgentState.WRAP_UP:
            effects += self.move(seat, AgentEvent.WRAP_UP_ENDED, now)
        queue = self._waiting.lines[contact.queue].queue
        offer = self._offer(contact, queue, seat, named(seat, contact, now, "taken_over"), now)
        seat.offer_id = offer.id
        self._serve(offer)
        effects.append(TakenOver(offer, taken_from))
        effects += self.move(seat, AgentEvent.TOOK_OVER, now, contact_id=contact.id)
        return offer, effects

    def _serve(self, offer: Offer) -> None:
        self._waiting.lines[offer.queue].served.add(offer.id)
        self.served[offer.id] = offer
        self.serving[offer.contact_id] += 1
        self._seats[offer.agent_id].unreachable = 0

    def end_interaction(self, offer_id: str, now: datetime, ended_by: str) -> list[Effect]:
        offer = self.served.get(offer_id) or self.ringing.get(offer_id)
        if offer is None:
            return []
        seat, line = self._seats[offer.agent_id], self._waiting.lines[offer.queue]
        wrap_up = line.queue.wrap_up
        event = AgentEvent.TALK_ENDED if wrap_up else AgentEvent.RELEASED
        changed = self.move(seat, event, now)
        if wrap_up:
            self._alarms.set(Alarm(Due.WRAP_UP_ENDS, offer.agent_id), now + wrap_up)
        seat.offer_id = None
        del self.served[offer_id]
        self.serving[offer.contact_id] -= 1
        if not self.serving[offer.contact_id]:
            del self.serving[offer.contact_id]
        line.served.remove(offer.id)
        return [InteractionEnded(offer, ended_by), *changed, *self.find_contact(seat, now)]
