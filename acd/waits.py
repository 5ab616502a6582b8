"""Who waits in a queue now, one by one, in the order of their places: for people who ask. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from .invariants import Books
from .model import AgentId, Offer, WaitingContact
from .queues import Line, Place
from .requirements import Requirements


@dataclass(frozen=True, slots=True)
class Wait:
    """One contact's. It has a position, or an offer: somebody is rung for it."""

    contact: WaitingContact
    position: int | None  # in its queue, from 1
    asked: Requirements  # of agents at this moment, the queue's and its own
    kept_for: AgentId | None  # nobody else is offered it for now
    offer: Offer | None


@dataclass(frozen=True, slots=True)
class QueueWaits:
    """How many wait for nobody in particular, for how many somebody is rung, and the first."""

    waiting: int
    offered: int
    first: Sequence[Wait]


def waits_in(books: Books, queue: str, most: int) -> QueueWaits:
    """The first ``most``: those for whom somebody is rung, then by place. Raises UnknownQueue."""
    line = books.waiting.line(queue)
    offered = _offered(books, line)[:most]
    waiting = islice(line.waiting, most - len(offered))
    places = (books.waiting.places[contact_id] for _, contact_id in waiting)
    return QueueWaits(
        waiting=len(line.waiting),
        offered=len(line.unserved) - len(line.waiting),
        first=[*offered, *(_wait(place, at) for at, place in enumerate(places, start=1))],
    )


def wait_of(books: Books, contact_id: str) -> Wait | None:
    """None for a contact that has no place in a queue."""
    place = books.waiting.places.get(contact_id)
    if place is None:
        return None
    offer = books.offers.ringing[place.offer_id] if place.offer_id is not None else None
    return _wait(place, place.position if place.waits else None, offer)


def everybody_in(books: Books, queue: str) -> list[str]:
    """The ids of all that have a place there, by arrival. Raises UnknownQueue."""
    return [contact_id for _, contact_id in books.waiting.line(queue).unserved]


def _offered(books: Books, line: Line) -> list[Wait]:
    """Without those who are rung for by name, and have no place."""
    if not line.ringing:
        return []
    offers = [books.offers.ringing[offer_id] for offer_id in line.ringing]
    found = ((books.waiting.places.get(offer.contact_id), offer) for offer in offers)
    there = [
        (place, offer)
        for place, offer in found
        if place is not None and place.offer_id == offer.id and place.line is line
    ]
    there.sort(key=lambda one: one[0].rank)
    return [_wait(place, None, offer) for place, offer in there]


def _wait(place: Place, position: int | None, offer: Offer | None = None) -> Wait:
    kept_for = None if place.kept_for is None else place.kept_for.agent.id
    asked = place.group.demand.requirements
    return Wait(place.contact, position, asked, kept_for, offer)
