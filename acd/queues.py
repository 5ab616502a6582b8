"""The contacts that wait, in one order per queue and one per group."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from .model import AgentId, OfferId, Queue, WaitingContact
from .order import Order, Rank
from .qualification import Group, Qualification
from .requirements import combined


@dataclass(slots=True, eq=False)
class Line:
    """One queue and what goes on in it."""

    queue: Queue
    group: Group  # of the contacts that require no more than the queue does
    waiting: Order = field(default_factory=Order)  # most urgent first
    unserved: Order = field(default_factory=Order)  # by arrival, those being offered included
    served: set[OfferId] = field(default_factory=set)  # interactions going on


@dataclass(slots=True, eq=False)
class Place:
    """A contact's place, kept from its arrival until it is served or gone."""

    contact: WaitingContact
    rank: Rank  # its urgency; never changes
    line: Line
    group: Group
    shunned: dict[AgentId, datetime] = field(default_factory=dict)  # agents backing off, till when
    offer_id: OfferId | None = None  # None while it waits


class Waiting:
    """All places. Those who wait are at hand, by urgency and by group."""

    def __init__(self, queues: Iterable[Queue], qualification: Qualification) -> None:
        self._qualification = qualification
        self.lines: dict[str, Line] = {}
        self.places: dict[str, Place] = {}
        self.urgent = Order()  # everybody who waits, most urgent first
        self.groups: dict[Group, None] = {}  # the groups in which somebody does
        for queue in queues:
            group = qualification.group(queue.name, combined(queue.requirements))
            group.users += 1
            self.lines[queue.name] = Line(queue, group)

    def join(self, contact: WaitingContact, urgency: datetime) -> Place:
        """Give the contact a place, and let it wait there."""
        line = self.lines[contact.queue]
        group = line.group
        if contact.requirements:
            wanted = combined((*line.queue.requirements, *contact.requirements))
            group = self._qualification.group(contact.queue, wanted)
        group.users += 1
        place = Place(contact, (urgency, contact.id), line, group)
        self.places[contact.id] = place
        line.unserved.add((contact.queued_at, contact.id))
        self.wait(place)
        return place

    def wait(self, place: Place) -> None:
        """The contact waits, at the place that it always had."""
        place.offer_id = None
        self.urgent.add(place.rank)
        place.line.waiting.add(place.rank)
        place.group.waiting.add(place.rank)
        self.groups[place.group] = None

    def take(self, place: Place, offer_id: OfferId) -> None:
        """The contact is offered: it waits no longer, but keeps its place."""
        self._stop_waiting(place)
        place.offer_id = offer_id

    def leave(self, place: Place) -> None:
        """Served or gone: the place is given up."""
        if place.offer_id is None:
            self._stop_waiting(place)
        del self.places[place.contact.id]
        place.line.unserved.remove((place.contact.queued_at, place.contact.id))
        place.group.users -= 1

    def _stop_waiting(self, place: Place) -> None:
        self.urgent.remove(place.rank)
        place.line.waiting.remove(place.rank)
        place.group.waiting.remove(place.rank)
        if not place.group.waiting:
            del self.groups[place.group]
