"""
Ways out of states that must not be, and of those that an agent is stuck in.

They rely on as little as possible: what they put right may be broken in any way.
"""

from dataclasses import replace
from datetime import datetime

from .agents import AgentEvent, AgentState
from .contacts import Contacts
from .effects import Effect
from .model import AgentId
from .moves import Moves
from .offers import Offers
from .openings import Openings
from .queues import Waiting
from .seats import Seat, Seats

_WAY_OUT = {
    AgentState.RINGING: AgentEvent.OFFER_ENDED,
    AgentState.TALKING: AgentEvent.RELEASED,
    AgentState.WRAP_UP: AgentEvent.WRAP_UP_ENDED,
}


class Repairs:
    """Each leaves alone what is in order."""

    def __init__(
        self,
        seats: Seats,
        waiting: Waiting,
        offers: Offers,
        moves: Moves,
        contacts: Contacts,
        openings: Openings,
    ) -> None:
        self._seats = seats
        self._waiting = waiting
        self._offers = offers
        self._moves = moves
        self._contacts = contacts
        self._openings = openings

    def release(self, agent_id: AgentId, reason: str, now: datetime) -> list[Effect]:
        """
        The agent has nothing in hand any more, and is not ready for this reason.

        What rang goes to others; what was talked about is over, without a wrap-up; what they held
        beside that waits again. A log-out that was to come comes now.
        """
        seat = self._seats[agent_id]
        effects = self._release(seat, reason, now)
        for offer_id in list(seat.beside) if self._seats.get(agent_id) is seat else ():
            effects += self._contacts.give_back(offer_id, now, lost_by=agent_id)
        return effects

    def _release(self, seat: Seat, reason: str, now: datetime) -> list[Effect]:
        effects = list[Effect]()
        if seat.agent.state is AgentState.LOGGED_OUT:
            return self._let_go(seat, now)
        if not seat.agent.leaves:
            effects += self._moves.move(seat, AgentEvent.NOT_READY, now, reason)
        effects += self._let_go(seat, now)
        if (event := _WAY_OUT.get(seat.agent.state)) is not None:
            effects += self._moves.move(seat, event, now)
        return effects

    def drop(self, offer_id: str) -> list[Effect]:
        """End an offer that its agent does not have: they are not asked, and stay what they are."""
        offer = self._offers.ringing.get(offer_id) or self._offers.served.get(offer_id)
        seat = None if offer is None else self._seats.get(offer.agent_id)
        if offer is None or (seat is not None and _holds(seat, offer_id)):
            return []
        return self._offers.drop(offer_id)

    def wait_again(self, contact_id: str) -> None:
        """A contact that has a place waits there, and is offered to whoever is free for it."""
        place = self._waiting.places.get(contact_id)
        if place is None or (place.offer_id or "") in self._offers.ringing:
            return
        if not place.waits:
            self._waiting.wait(place)
        self._openings.places[place] = None

    def line_up(self, agent_id: AgentId, now: datetime) -> None:
        """Who is free is found again by contacts, and looks for one."""
        seat = self._seats[agent_id]
        if seat.free and not seat.standings:
            self._seats.update(seat, seat.agent, now)
        self._openings.seats[seat] = None

    def _let_go(self, seat: Seat, now: datetime) -> list[Effect]:
        """Every offer of theirs that takes them whole, whether they know of it or not."""
        effects = list[Effect]()
        for offers in (self._offers.ringing, self._offers.served):
            for offer in [one for one in offers.values() if one.agent_id == seat.agent.id]:
                if offer.id not in seat.beside:
                    effects += self._offers.drop(offer.id)
        seat.offer_id = None
        for offer_id in [one for one in seat.beside if one not in self._offers.served]:
            seat.let_go(offer_id)
        if seat.agent.beside != len(seat.beside):
            self._seats.update(seat, replace(seat.agent, beside=len(seat.beside)), now)
        return effects


def _holds(seat: Seat, offer_id: str) -> bool:
    return offer_id in (seat.offer_id, *seat.beside)
