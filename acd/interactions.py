"""An agent's handling of a contact, from taking it to its end."""

from datetime import datetime

from .agents import AgentEvent, AgentState, step
from .effects import (
    Effect,
    InteractionEnded,
    OfferAccepted,
    Resumed,
    TakenOver,
    WrapUpChanged,
)
from .model import Offer, OfferId, WaitingContact
from .moves import Moves
from .offers import Offers
from .queues import Waiting
from .seats import Seat, Seats
from .wrap_ups import WrapUps


class Interactions:
    """They are kept among the offers: what was accepted is served."""

    def __init__(
        self, seats: Seats, waiting: Waiting, offers: Offers, moves: Moves, wrap_ups: WrapUps
    ) -> None:
        self._seats = seats
        self._waiting = waiting
        self._offers = offers
        self._moves = moves
        self._wrap_ups = wrap_ups

    # --- taking them --------------------------------------------------------------------------

    def accept(self, offer_id: str, now: datetime) -> list[Effect]:
        if offer_id in self._offers.served:
            return []
        offer, contact = self._offers.accept(offer_id, now)
        seat, event = self._seats[offer.agent_id], AgentEvent.ACCEPTED
        seat.fruitless.clear()
        if not self._seats.alone(offer.channel):
            event, seat.offer_id = AgentEvent.ACCEPTED_BESIDE, None
            seat.hold(offer.id, contact)
        return [OfferAccepted(offer), *self._moves.move(seat, event, now)]

    def take_over(
        self, contact: WaitingContact, seat: Seat, taken_from: str, now: datetime
    ) -> list[Effect]:
        """
        The agent has it from now on.

        Where it takes them whole they neither ring nor talk, and a wrap-up is over.
        """
        effects, event = list[Effect](), AgentEvent.TOOK_OVER
        alone = self._seats.alone(contact.channel)
        if alone and seat.agent.state is AgentState.WRAP_UP:
            effects += self._moves.move(seat, AgentEvent.WRAP_UP_ENDED, now)
        offer = self._take(contact, seat, "taken_over", now)
        if alone:
            seat.offer_id = offer.id
        else:
            event = AgentEvent.TOOK_BESIDE
            seat.hold(offer.id, contact)
        effects.append(TakenOver(offer, taken_from))
        return effects + self._moves.move(seat, event, now, contact_id=contact.id)

    def resume(
        self, contact: WaitingContact, seat: Seat, offer_id: OfferId, now: datetime
    ) -> list[Effect]:
        """The agent has it in hand, beside whatever else, as before a restart."""
        offer = self._take(contact, seat, "resumed", now, offer_id)
        seat.hold(offer.id, contact)
        self._offers.allow(seat)
        return [Resumed(offer), *self._moves.move(seat, AgentEvent.TOOK_BESIDE, now)]

    def _take(
        self,
        contact: WaitingContact,
        seat: Seat,
        rule: str,
        now: datetime,
        offer_id: OfferId | None = None,
    ) -> Offer:
        seat.fruitless.clear()
        return self._offers.take(contact, seat, rule, now, offer_id)

    # --- ending them --------------------------------------------------------------------------

    def end(self, offer_id: str, now: datetime, ended_by: str, *, met: bool = True) -> list[Effect]:
        offer = self._offers.served.get(offer_id) or self._offers.ringing.get(offer_id)
        if offer is None:
            return []
        seat, line = self._seats[offer.agent_id], self._waiting.lines[offer.queue]
        if offer.id in seat.beside:
            return self._end_beside(offer, seat, now, ended_by, met=met)
        owes = met and not seat.always_ready and self._wrap_ups.owed(offer)
        wraps_up = met and (owes or bool(line.queue.wrap_up))
        event = AgentEvent.TALK_ENDED if wraps_up else AgentEvent.RELEASED
        step(seat.agent, event, now)  # raises before anything is changed
        effects: list[Effect] = [InteractionEnded(offer, ended_by)]
        self._offers.finish(offer)
        if met and seat.agent.state is AgentState.TALKING:
            seat.tally.handled += 1  # before they stand among the ready again
        effects += self._moves.move(seat, event, now)
        if wraps_up:
            begun = self._wrap_ups.begin(offer, line.queue, now, owes=owes)
            effects.append(WrapUpChanged(offer.agent_id, begun))
        seat.offer_id = None
        return effects

    def _end_beside(
        self, offer: Offer, seat: Seat, now: datetime, ended_by: str, *, met: bool
    ) -> list[Effect]:
        """The agent goes on with whatever else they do; there is room for one more."""
        seat.let_go(offer.id)
        seat.tally.handled += met
        changed = self._moves.move(seat, AgentEvent.BESIDE_ENDED, now)
        self._offers.finish(offer)
        return [InteractionEnded(offer, ended_by), *changed]
