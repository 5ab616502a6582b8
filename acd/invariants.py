"""
What must hold of agents, offers and waiting contacts between any two inputs, looked at one by one.

Pure, and read only: it shares no code with what keeps it so. Each question costs microseconds,
however much there is besides, so that whoever asks can go through everybody in small parts.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, Self

from .agents import AgentState
from .alarms import Alarm, Alarms, Due
from .matching import find_agent
from .model import Offer, OfferId, Purpose
from .offers import Offers
from .queues import Place, Waiting
from .seats import Seat, Seats

GRACE = timedelta(seconds=2)
"""A timer that is due may be as late as that: the loop had other things to do."""


class Fault(StrEnum):
    """What can be wrong."""

    BUSY_WITHOUT_OFFER = "busy_without_offer"  # rings or talks, and there is nothing to
    OFFER_OF_THE_IDLE = "offer_of_the_idle"  # holds an offer, and neither rings nor talks
    BESIDE_WITHOUT_OFFER = "beside_without_offer"  # in hand beside others, and not served
    OVER_CAPACITY = "over_capacity"  # more of a channel in hand than they ever had room for
    NOT_IN_LINE = "not_in_line"  # free, with room, and nobody would find them
    WRAP_UP_WITHOUT_END = "wrap_up_without_end"
    REST_WITHOUT_END = "rest_without_end"  # of an always-ready seat
    RESERVATION_EXPIRED = "reservation_expired"
    NOT_HELD = "not_held"  # an offer whose agent does not have it: they have another, or none
    RINGS_FOR_NOBODY = "rings_for_nobody"  # an offer of a contact that has no place any more
    OFFERED_TO_NOBODY = "offered_to_nobody"  # a contact that neither waits nor is offered
    TWO_OWNERS = "two_owners"  # a contact that waits, and is served
    PASSED_OVER = "passed_over"  # a contact that waits while somebody is free for it


@dataclass(frozen=True, slots=True)
class Breach:
    """Something that must not be; ``kind`` and ``subject`` say whether two are the same."""

    kind: str
    subject: str  # the agent's, offer's, contact's … id
    agent_id: str | None = None
    contact_id: str | None = None
    interaction_id: str | None = None
    leg_id: str | None = None
    detail: str = ""

    @classmethod
    def of_offer(cls, kind: str, offer: Offer, detail: str = "") -> Self:
        return cls(
            kind,
            offer.id,
            agent_id=offer.agent_id,
            contact_id=offer.contact_id,
            interaction_id=offer.id,
            detail=detail,
        )


class Books(NamedTuple):
    """What the router keeps, to be read."""

    seats: Seats
    waiting: Waiting
    offers: Offers
    alarms: Alarms


def agent_breaches(books: Books, agent_id: str, now: datetime) -> Iterator[Breach]:
    """Of one agent; none of who is not there (any more)."""
    seat = books.seats.get(agent_id)
    if seat is None:
        return
    for kind in _agent_faults(books, seat):
        agent = seat.agent
        yield Breach(
            kind,
            agent_id,
            agent_id=agent_id,
            contact_id=agent.contact_id,
            interaction_id=_last_too_many(seat) or seat.offer_id,
            detail=f"{agent.state.value} since {agent.since.isoformat(timespec='seconds')}",
        )


def _agent_faults(books: Books, seat: Seat) -> Iterator[Fault]:
    agent, offers, alarms = seat.agent, books.offers, books.alarms
    match agent.state:
        case AgentState.RINGING:
            if not _is_of(offers.ringing.get(seat.offer_id or ""), seat):
                yield Fault.BUSY_WITHOUT_OFFER
        case AgentState.TALKING:
            if not _is_of(offers.served.get(seat.offer_id or ""), seat):
                yield Fault.BUSY_WITHOUT_OFFER
        case _ if seat.offer_id is not None:
            yield Fault.OFFER_OF_THE_IDLE
    served = sum(_is_of(offers.served.get(one), seat) for one in seat.beside)
    if not served == len(seat.beside) == agent.beside:
        yield Fault.BESIDE_WITHOUT_OFFER
    if _last_too_many(seat) is not None:
        yield Fault.OVER_CAPACITY
    if seat.free and not seat.standings and _has_room(books, seat):
        yield Fault.NOT_IN_LINE
    if agent.state is AgentState.WRAP_UP and Alarm(Due.WRAP_UP_ENDS, agent.id) not in alarms:
        yield Fault.WRAP_UP_WITHOUT_END
    if seat.always_ready and seat.rests and Alarm(Due.REST_ENDS, agent.id) not in alarms:
        yield Fault.REST_WITHOUT_END


def offer_breaches(books: Books, offer_id: str, now: datetime) -> Iterator[Breach]:
    """Of one offer that rings or is served."""
    offers = books.offers
    offer = offers.ringing.get(offer_id)
    if offer is not None:
        if now > offer.expires_at + GRACE:
            late = (now - offer.expires_at).total_seconds()
            yield Breach.of_offer(Fault.RESERVATION_EXPIRED, offer, f"{late:.0f} s ago")
        place = books.waiting.places.get(offer.contact_id)
        named = offers.direct.get(offer.contact_id) == offer_id
        if not named and (place is None or place.offer_id != offer_id):
            yield Breach.of_offer(Fault.RINGS_FOR_NOBODY, offer)
    else:
        offer = offers.served.get(offer_id)
    if offer is None:
        return
    seat = books.seats.get(offer.agent_id)
    if seat is None or (seat.offer_id != offer_id and offer_id not in seat.beside):
        has = "nobody" if seat is None else seat.offer_id or "nothing"
        yield Breach.of_offer(Fault.NOT_HELD, offer, f"the agent has {has}")


def place_breaches(books: Books, contact_id: str, now: datetime) -> Iterator[Breach]:
    """Of one contact that has a place."""
    place = books.waiting.places.get(contact_id)
    if place is None:
        return
    if not place.waits:
        offer = books.offers.ringing.get(place.offer_id or "")
        if offer is None or offer.contact_id != contact_id:
            yield _of_place(Fault.OFFERED_TO_NOBODY, place)
        return
    if place.contact.purpose is Purpose.SERVE and books.offers.serving.get(place.contact.id):
        yield _of_place(Fault.TWO_OWNERS, place)
    elif (found := find_agent(place, books.seats, now)) is not None:
        yield _of_place(Fault.PASSED_OVER, place, found.seat.agent.id)


def _last_too_many(seat: Seat) -> OfferId | None:
    """The last that came to more than there was room for."""
    held = Counter(contact.channel for contact in seat.beside.values())
    for offer_id, contact in reversed(seat.beside.items()):
        channel = contact.channel
        if held[channel] > max(seat.load.capacity(channel), seat.beyond.get(channel, 0)):
            return offer_id
    return None


def _has_room(books: Books, seat: Seat) -> bool:
    return any(seat.load.obstacle(ranking.channel) is None for ranking in books.seats.free)


def _is_of(offer: Offer | None, seat: Seat) -> bool:
    return offer is not None and offer.agent_id == seat.agent.id


def _of_place(kind: Fault, place: Place, agent_id: str | None = None) -> Breach:
    contact = place.contact
    return Breach(kind, contact.id, agent_id=agent_id, contact_id=contact.id, detail=contact.queue)
