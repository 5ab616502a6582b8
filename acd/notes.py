"""What agents do after a conversation: the wrap-up, its end and the outcome that it may owe."""

from datetime import datetime, timedelta

from .agents import AgentEvent, AgentState
from .effects import Effect, WrapUpChanged
from .model import DISPOSITION_MISSING, AgentId, OfferId
from .moves import Moves
from .offers import Offers
from .seats import Seats
from .wrap_ups import WrapUps


class Notes:
    """The agent's side of :mod:`.wrap_ups`."""

    def __init__(self, seats: Seats, offers: Offers, moves: Moves, wrap_ups: WrapUps) -> None:
        self._seats = seats
        self._offers = offers
        self._moves = moves
        self._wrap_ups = wrap_ups

    def end(self, agent_id: AgentId, now: datetime) -> list[Effect]:
        return self._moves.move(self._seats[agent_id], AgentEvent.WRAP_UP_ENDED, now)

    def time_is_over(self, agent_id: AgentId, now: datetime) -> list[Effect]:
        """Unless it owes something: then it goes on, and at last the agent is not ready."""
        missed = self._wrap_ups.missed(agent_id, now)
        if missed is None:
            return []
        seat, effects = self._seats[agent_id], list[Effect]()
        chosen = seat.agent.next
        if missed and (chosen is None or chosen.state is AgentState.READY):
            effects = self._moves.move(seat, AgentEvent.NOT_READY, now, DISPOSITION_MISSING)
        return effects + self.end(agent_id, now)

    def outcome_recorded(self, offer_id: OfferId, now: datetime) -> list[Effect]:
        """Harmless if it is not waited for."""
        offer = self._offers.served.get(offer_id)
        if offer is not None:
            self._wrap_ups.recorded_early(offer)
            return []
        freed = self._wrap_ups.recorded(offer_id)
        if freed is None:
            return []
        agent_id, wrap_up = freed
        if wrap_up.until <= now:  # it went on for that alone
            return self.end(agent_id, now)
        return [WrapUpChanged(agent_id, wrap_up)]

    def extend(self, agent_id: AgentId, by: timedelta, now: datetime) -> list[Effect]:
        """Raises NotWrappingUp."""
        return [WrapUpChanged(agent_id, self._wrap_ups.extend(agent_id, by, now))]
