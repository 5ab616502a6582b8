"""
Offers, from the decision to the end of the interaction that an accepted one becomes.

A contact may have several agents: who serves it, an adviser, whoever is to take it over.

An offer reserves its agent from the moment of the decision, for nobody else, until it expires.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from .agents import AgentEvent
from .alarms import Alarm, Alarms, Due
from .effects import Effect, InteractionEnded, OfferEnded, OfferMade
from .errors import OfferOver
from .matching import Match, named
from .model import ContactId, Decision, Offer, OfferId, Outcome, WaitingContact
from .moves import Moves
from .openings import Openings
from .places import Places
from .queue import Queue
from .queues import Place, Waiting
from .seats import Seat
from .witness import Witness
from .wrap_ups import WrapUps


class Offers:
    """What rings and what is served, by the offer's id."""

    def __init__(
        self,
        waiting: Waiting,
        places: Places,
        moves: Moves,
        wrap_ups: WrapUps,
        alarms: Alarms,
        openings: Openings,
        new_id: Callable[[], str],
        witness: Witness,
    ) -> None:
        self._waiting = waiting
        self._places = places
        self._moves = moves
        self._wrap_ups = wrap_ups
        self._alarms = alarms
        self._openings = openings
        self._new_id = new_id
        self._witness = witness
        self.ringing: dict[str, Offer] = {}
        self.served: dict[str, Offer] = {}
        self.serving: Counter[ContactId] = Counter()  # how many agents have each contact
        self.direct: dict[ContactId, OfferId] = {}  # ringing, made to an agent by name
        self._asked: dict[OfferId, WaitingContact] = {}  # what those are

    # --- making them --------------------------------------------------------------------------

    def make(self, found: Match, now: datetime) -> list[Effect]:
        place, seat, why = found
        offer = self._offer(place.contact, place.line.queue, seat, why, now)
        self._witness.decided(offer, seat, place)
        self._waiting.take(place, offer.id)
        return self._ring(offer, seat, now)

    def make_direct(self, contact: WaitingContact, seat: Seat, now: datetime) -> list[Effect]:
        """Offer it to this agent, who is free; it has no place in a queue and gets none."""
        queue = self._waiting.lines[contact.queue].queue
        offer = self._offer(contact, queue, seat, named(seat, contact, queue.policy, now), now)
        self._witness.decided(offer, seat, None)
        self.direct[contact.id], self._asked[offer.id] = offer.id, contact
        return self._ring(offer, seat, now)

    def take(
        self,
        contact: WaitingContact,
        seat: Seat,
        rule: str,
        now: datetime,
        offer_id: OfferId | None = None,
    ) -> Offer:
        """One that was taken before it was made: it is served from now on."""
        queue = self._waiting.lines[contact.queue].queue
        why = named(seat, contact, queue.policy, now, rule)
        offer = self._offer(contact, queue, seat, why, now, offer_id)
        self._witness.decided(offer, seat, None)
        self._serve(offer)
        return offer

    def _offer(
        self,
        contact: WaitingContact,
        queue: Queue,
        seat: Seat,
        why: Decision,
        now: datetime,
        offer_id: OfferId | None = None,
    ) -> Offer:
        return Offer(
            id=offer_id or OfferId(self._new_id()),
            contact_id=contact.id,
            agent_id=seat.agent.id,
            queue=queue.name,
            queued_at=contact.queued_at,
            made_at=now,
            expires_at=now + contact.held_for + queue.ring_for,
            why=why,
            purpose=contact.purpose,
            channel=contact.channel,
            held=contact.held_for > timedelta(0),
        )

    def _ring(self, offer: Offer, seat: Seat, now: datetime) -> list[Effect]:
        seat.offer_id = offer.id
        self.ringing[offer.id] = offer
        line = self._waiting.lines[offer.queue]
        line.ringing.add(offer.id)
        self._waiting.count(line)
        self._alarms.set(Alarm(Due.OFFER_EXPIRES, offer.id), offer.expires_at)
        changed = self._moves.move(seat, AgentEvent.OFFERED, now, contact_id=offer.contact_id)
        return [OfferMade(offer), *changed]

    def start_ringing(self, offer_id: str, now: datetime) -> None:
        """The agent was held until now; from now on it is theirs to answer in time."""
        if (offer := self.ringing.get(offer_id)) is None or not offer.held:
            return
        ring_for = self._waiting.lines[offer.queue].queue.ring_for
        offer = replace(offer, held=False, expires_at=now + ring_for)
        self.ringing[offer_id] = offer
        self._alarms.set(Alarm(Due.OFFER_EXPIRES, offer_id), offer.expires_at)

    def allow(self, seat: Seat) -> None:
        """Less room than before takes nothing from the agent that they have or are rung for."""
        rung = self.ringing.get(seat.offer_id or "")
        seat.allow(rung.channel if rung is not None else None)

    # --- what becomes of them -----------------------------------------------------------------

    def accept(self, offer_id: str, now: datetime) -> tuple[Offer, WaitingContact]:
        """It rings no more and is served; its contact gives the place up."""
        offer = self.ringing.get(offer_id)
        if offer is None or now >= offer.expires_at:
            raise OfferOver(offer_id)
        self._stop_ringing(offer_id)
        if (place := self._place(offer)) is None:
            del self.direct[offer.contact_id]
            contact = self._asked.pop(offer.id)
        else:
            self._places.give_up(place)
            contact = place.contact
        self._serve(offer)
        return offer, contact

    def fail(self, offer_id: str) -> tuple[Offer, Place | None]:
        """It rings no more, and came to nothing; its contact's place, if it has one."""
        offer = self._stop_ringing(offer_id)
        place = self._place(offer)
        self._recount(offer)
        if place is None:
            del self.direct[offer.contact_id], self._asked[offer.id]
        return offer, place

    def finish(self, offer: Offer) -> None:
        """It is served no more."""
        self._wrap_ups.forget(offer)
        del self.served[offer.id]
        self.serving[offer.contact_id] -= 1
        if not self.serving[offer.contact_id]:
            del self.serving[offer.contact_id]
        self._waiting.lines[offer.queue].served.remove(offer.id)
        self._recount(offer)

    def drop(self, offer_id: str) -> list[Effect]:
        """It is over, and its agent is not asked; the contact waits again if it has a place."""
        if (offer := self.served.get(offer_id)) is not None:
            self.finish(offer)
            return [InteractionEnded(offer, "system")]
        offer = self._stop_ringing(offer_id)
        self._recount(offer)
        effects: list[Effect] = [OfferEnded(offer, Outcome.UNREACHABLE)]
        place = self._waiting.places.get(offer.contact_id)
        if self.direct.get(offer.contact_id) == offer_id:
            del self.direct[offer.contact_id]
            self._asked.pop(offer.id, None)
        elif place is not None and place.offer_id == offer_id:
            effects.append(self._places.wait_again(place))
        return effects

    def rung_for(self, seat: Seat) -> Place | None:
        """What rings at the agent and has a place to go back to."""
        offer = self.ringing.get(seat.offer_id or "")
        return None if offer is None else self._place(offer)

    def _place(self, offer: Offer) -> Place | None:
        """None for an offer to an agent by name."""
        if self.direct.get(offer.contact_id) == offer.id:
            return None
        return self._waiting.places[offer.contact_id]

    def _stop_ringing(self, offer_id: str) -> Offer:
        offer = self.ringing.pop(offer_id)
        self._waiting.lines[offer.queue].ringing.remove(offer.id)
        self._alarms.cancel(Alarm(Due.OFFER_EXPIRES, offer_id))
        return offer

    def _serve(self, offer: Offer) -> None:
        line = self._waiting.lines[offer.queue]
        line.served.add(offer.id)
        self._waiting.count(line)
        self.served[offer.id] = offer
        self.serving[offer.contact_id] += 1

    def _recount(self, offer: Offer) -> None:
        """It rings or is served no more: its queue may be below its limit again."""
        line = self._waiting.lines[offer.queue]
        if self._waiting.count(line):
            self._openings.lines[line] = None
