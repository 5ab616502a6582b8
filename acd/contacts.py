"""What is asked for contacts: to wait, to be offered to one agent, to be taken over, to be over."""

from datetime import datetime

from .agents import AgentState
from .effects import Effect
from .endings import Endings
from .errors import AgentNotFree, AlreadyQueued, InvalidValue, QueueFull
from .interactions import Interactions
from .model import GIVEN_BACK, AgentId, Channel, ContactId, OfferId, Purpose, WaitingContact
from .offers import Offers
from .places import Places
from .queues import Waiting
from .seats import Seat, Seats


class Contacts:
    """What cannot be is refused before anything has changed."""

    def __init__(
        self,
        seats: Seats,
        waiting: Waiting,
        places: Places,
        offers: Offers,
        endings: Endings,
        interactions: Interactions,
    ) -> None:
        self._seats = seats
        self._waiting = waiting
        self._places = places
        self._offers = offers
        self._endings = endings
        self._interactions = interactions

    # --- to wait ------------------------------------------------------------------------------

    def enqueue(
        self,
        contact: WaitingContact,
        now: datetime,
        *,
        returning: bool = False,
        lost_by: AgentId | None = None,
    ) -> list[Effect]:
        line = self._waiting.line(contact.queue)
        self._refuse_twice(contact)
        if contact.purpose is Purpose.SERVE and contact.id in self._offers.serving:
            raise AlreadyQueued(contact.id, "served")
        limit = line.queue.max_waiting
        if limit is not None and len(line.unserved) >= limit and not returning:
            raise QueueFull(contact.queue, limit)
        return [self._places.join(contact, now, lost_by)]

    def withdraw(self, contact_id: ContactId, now: datetime) -> list[Effect]:
        if (offer_id := self._offers.direct.get(contact_id)) is not None:
            return self._endings.withdraw(offer_id, now)
        place = self._waiting.places.get(contact_id)
        if place is None:
            return []
        if place.offer_id is not None:
            return self._endings.withdraw(place.offer_id, now)
        self._places.give_up(place)
        return []

    def give_back(
        self, offer_id: OfferId, now: datetime, lost_by: AgentId | None = None
    ) -> list[Effect]:
        offer = self._offers.served.get(offer_id)
        if offer is None:
            return []
        contact = self._seats[offer.agent_id].beside.get(offer_id)
        if contact is None:
            raise InvalidValue(f"what {offer_id!r} is about was never to wait again")
        waits = contact.purpose is Purpose.SERVE and self._offers.serving[contact.id] == 1
        effects = self.withdraw(contact.id, now) if waits else []  # no advice is needed any more
        effects += self._interactions.end(offer_id, now, GIVEN_BACK, met=False)
        if waits:
            effects.append(self._places.join(contact, now, lost_by))
        return effects

    # --- one agent alone ----------------------------------------------------------------------

    def offer_to(self, agent_id: AgentId, contact: WaitingContact, now: datetime) -> list[Effect]:
        self._waiting.line(contact.queue)
        self._refuse_twice(contact)
        seat = self.need_free(agent_id, contact.channel)
        return self._offers.make_direct(contact, seat, now)

    def take_over(
        self, agent_id: AgentId, contact: WaitingContact, taken_from: str, now: datetime
    ) -> list[Effect]:
        self._waiting.line(contact.queue)
        seat = self._seats[agent_id]
        alone = self._seats.alone(contact.channel)
        if seat.leaving or (alone and seat.agent.state in (AgentState.RINGING, AgentState.TALKING)):
            raise AgentNotFree(agent_id, seat.agent.state.value)
        if not alone and (obstacle := self._beside_obstacle(seat, contact.channel)) is not None:
            raise AgentNotFree(agent_id, seat.agent.state.value, (obstacle,))
        self._refuse_second_owner(contact)
        return self._interactions.take_over(contact, seat, taken_from, now)

    def resume(
        self, agent_id: AgentId, contact: WaitingContact, offer_id: OfferId, now: datetime
    ) -> list[Effect]:
        self._waiting.line(contact.queue)
        self._refuse_twice(contact)
        if self._seats.alone(contact.channel):
            raise InvalidValue(f"a {contact.channel} contact is not held beside others")
        if offer_id in self._offers.served:
            raise AlreadyQueued(contact.id, "served")
        return self._interactions.resume(contact, self._seats[agent_id], offer_id, now)

    def need_free(self, agent_id: AgentId, channel: Channel) -> Seat:
        seat = self._seats[agent_id]
        obstacle = seat.load.obstacle(channel)
        if not seat.free or obstacle is not None:
            why = seat.unfit if obstacle is None else (*seat.unfit, obstacle)
            raise AgentNotFree(agent_id, seat.agent.state.value, why)
        return seat

    # --- what stands against it ---------------------------------------------------------------

    def _beside_obstacle(self, seat: Seat, channel: Channel) -> str | None:
        """Why the agent cannot take one more of it beside what they have and are rung for."""
        if seat.load.full(channel):
            return seat.load.obstacle(channel)
        rung = self._offers.ringing.get(seat.offer_id or "")
        return None if rung is None else seat.load.more(channel).crowding(rung.channel)

    def _refuse_twice(self, contact: WaitingContact) -> None:
        """One contact has one place or one offer; who serves it may want advice meanwhile."""
        if (there := self._waiting.places.get(contact.id)) is not None:
            raise AlreadyQueued(contact.id, "offered" if there.offer_id else "waiting")
        if contact.id in self._offers.direct:
            raise AlreadyQueued(contact.id, "offered")

    def _refuse_second_owner(self, contact: WaitingContact) -> None:
        """Advice may be on its way to whoever has it, but nobody else who would have it."""
        place, direct = self._waiting.places.get(contact.id), self._offers.direct.get(contact.id)
        if place is not None and place.contact.purpose is Purpose.SERVE:
            raise AlreadyQueued(contact.id, "offered" if place.offer_id else "waiting")
        rung = self._offers.ringing[direct] if direct is not None else None
        served = contact.id in self._offers.serving  # then it is handed on, and may be
        if rung is not None and rung.purpose is Purpose.SERVE and not served:
            raise AlreadyQueued(contact.id, "offered")
