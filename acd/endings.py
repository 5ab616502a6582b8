"""How an offer comes to nothing: the contact back to its old place, the agent on to the next."""

from datetime import datetime, timedelta

from .agents import AgentEvent
from .effects import Effect, OfferEnded
from .model import OFFERS_DECLINED, RING_NO_ANSWER, UNREACHABLE, Offer, Outcome, Purpose, Rules
from .moves import Moves
from .offers import Offers
from .places import Places
from .seats import Seats


class Endings:
    """Each is harmless for an offer that does not ring."""

    def __init__(
        self, seats: Seats, offers: Offers, places: Places, moves: Moves, rules: Rules
    ) -> None:
        self._seats = seats
        self._offers = offers
        self._places = places
        self._moves = moves
        self._rules = rules

    def decline(
        self, offer_id: str, now: datetime, event: AgentEvent = AgentEvent.OFFER_ENDED
    ) -> list[Effect]:
        if (offer := self._offers.ringing.get(offer_id)) is None:
            return []
        fruitless = self._seats[offer.agent_id].fruitless
        del fruitless[Outcome.TIMED_OUT], fruitless[Outcome.UNREACHABLE]  # somebody is there
        rules, reason = self._rules, None
        if event is AgentEvent.OFFER_ENDED and offer.purpose is Purpose.SERVE:  # advice is free
            event = self._count(offer, Outcome.DECLINED, rules.decline_limit)
            reason = OFFERS_DECLINED
        backoff = rules.decline_backoff
        return self._end(offer_id, Outcome.DECLINED, event, now, reason=reason, backoff=backoff)

    def withdraw(self, offer_id: str, now: datetime) -> list[Effect]:
        return self._end(offer_id, Outcome.WITHDRAWN, AgentEvent.OFFER_ENDED, now)

    def expire(self, offer_id: str, now: datetime) -> list[Effect]:
        offer, rules = self._offers.ringing[offer_id], self._rules
        if offer.held:  # nobody rang them
            event = AgentEvent.OFFER_ENDED
        else:
            event = self._count(offer, Outcome.TIMED_OUT, rules.no_answer_limit)
        backoff = rules.no_answer_backoff
        return self._end(
            offer_id, Outcome.TIMED_OUT, event, now, reason=RING_NO_ANSWER, backoff=backoff
        )

    def unreachable(self, offer_id: str, now: datetime) -> list[Effect]:
        if (offer := self._offers.ringing.get(offer_id)) is None:
            return []
        event = self._count(offer, Outcome.UNREACHABLE, self._rules.unreachable_limit)
        backoff = self._rules.unreachable_backoff
        return self._end(
            offer_id, Outcome.UNREACHABLE, event, now, reason=UNREACHABLE, backoff=backoff
        )

    def _count(self, offer: Offer, outcome: Outcome, limit: int | None) -> AgentEvent:
        """One more in a row that came to nothing so: what that is to the agent."""
        fruitless = self._seats[offer.agent_id].fruitless
        fruitless[outcome] += 1
        missed = limit is not None and fruitless[outcome] >= limit
        return AgentEvent.OFFER_MISSED if missed else AgentEvent.OFFER_ENDED

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
        offer, place = self._offers.fail(offer_id)
        seat = self._seats[offer.agent_id]
        seat.offer_id = None
        effects: list[Effect] = [OfferEnded(offer, outcome)]
        if place is not None and outcome is Outcome.WITHDRAWN:
            self._places.give_up(place)
        elif place is not None:
            if backoff is not None:
                self._places.back_off(place, offer.agent_id, now + backoff)
            effects.append(self._places.wait_again(place))
        return effects + self._moves.move(seat, event, now, reason)
