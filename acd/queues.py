"""The contacts that wait, in one order per queue and one per group."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from .errors import UnknownQueue
from .model import AgentId, OfferId, WaitingContact
from .order import Order, Rank
from .qualification import Group, Qualification
from .queue import Queue
from .seats import Seat, Seats


@dataclass(slots=True, eq=False)
class Line:
    """One queue and what goes on in it."""

    queue: Queue
    group: Group  # of the contacts that require no more than the queue does
    waiting: Order[datetime] = field(default_factory=Order)  # most urgent first
    unserved: Order[datetime] = field(default_factory=Order)  # by arrival, the offered ones too
    groups: dict[Group, None] = field(default_factory=dict)  # in which somebody waits, as below
    kept: Order[datetime] = field(default_factory=Order)  # those who wait for one agent alone
    ringing: set[OfferId] = field(default_factory=set)  # those made by name, too
    served: set[OfferId] = field(default_factory=set)  # interactions going on

    @property
    def at_limit(self) -> bool:
        """Whether as many are served, or about to be, as the queue may have."""
        limit = self.queue.max_served
        return limit is not None and len(self.ringing) + len(self.served) >= limit


@dataclass(slots=True, eq=False)
class Place:
    """A contact's place, kept from its arrival until it is served or gone."""

    contact: WaitingContact
    rank: Rank  # its urgency; never changes, unless the queue is made to give way otherwise
    line: Line
    group: Group
    steps: int = 0  # of the queue's, so many have come
    kept_for: Seat | None = None  # nobody else is offered it for now
    shunned: dict[AgentId, datetime] = field(default_factory=dict)  # agents backing off, till when
    offer_id: OfferId | None = None  # None while it waits
    waits: bool = False

    @property
    def position(self) -> int:
        """In its queue, from 1, while it waits."""
        return self.line.waiting.before(self.rank) + 1


class PlaceWitness(Protocol):
    """Hears of every change of a contact that waits, and of what it waits for."""

    def place_changed(self, place: Place) -> None: ...

    def place_gone(self, place: Place) -> None: ...

    def limit_changed(self, line: Line) -> None:
        """The queue reached its limit, or is below it again."""


class Waiting:
    """All places. Those who wait are at hand, by urgency and by group."""

    def __init__(
        self,
        queues: Iterable[Queue],
        qualification: Qualification,
        seats: Seats,
        witness: PlaceWitness,
    ) -> None:
        self._qualification = qualification
        self._seats = seats
        self._witness = witness
        self.lines: dict[str, Line] = {}
        self.places: dict[str, Place] = {}
        self.urgent: Order[datetime] = Order()  # everybody who waits, most urgent first
        self.groups: dict[Group, None] = {}  # those in which somebody does who is kept for nobody
        self.at_limit: set[Line] = set()  # of these nothing is offered
        for queue in queues:
            self.put_line(queue)

    def put_line(self, queue: Queue) -> Line:
        """Let there be this queue, or this of a queue; its places are to be regrouped then."""
        group = self._group(queue, None, 0)
        group.users += 1
        line = self.lines.get(queue.name)
        if line is None:
            line = self.lines[queue.name] = Line(queue, group)
        else:
            line.group.users -= 1
            line.queue, line.group = queue, group
        self.count(line)
        return line

    def line(self, queue: str) -> Line:
        """Raises :class:`UnknownQueue`."""
        line = self.lines.get(queue)
        if line is None:
            raise UnknownQueue(queue)
        return line

    def remove_line(self, line: Line) -> None:
        """Nobody is there."""
        line.group.users -= 1
        del self.lines[line.queue.name]

    def open(self, group: Group) -> bool:
        """Whether its queue may offer anything."""
        return not self.at_limit or self.lines[group.demand.queue] not in self.at_limit

    def in_line(self, contact_id: str) -> Place | None:
        """None while the contact is offered, or not there."""
        place = self.places.get(contact_id)
        return place if place is not None and place.waits else None

    def places_in(self, line: Line) -> list[Place]:
        """By arrival, the offered ones too."""
        return [self.places[contact_id] for _, contact_id in line.unserved]

    def count(self, line: Line) -> bool:
        """Something is rung, served or over; whether that brought the queue below its limit."""
        before, now = line in self.at_limit, line.at_limit
        if before != now:
            (self.at_limit.add if now else self.at_limit.remove)(line)
            self._witness.limit_changed(line)
        return before and not now

    def join(self, contact: WaitingContact, urgency: datetime, steps: int) -> Place:
        """Give the contact a place, with so many of the queue's steps behind it."""
        line = self.lines[contact.queue]
        group = self._group(line.queue, contact, steps)
        group.users += 1
        place = Place(contact, (urgency, contact.id), line, group, steps)
        self.places[contact.id] = place
        line.unserved.add((contact.queued_at, contact.id))
        return place

    def wait(self, place: Place) -> None:
        """The contact waits, at the place that it always had."""
        place.offer_id, place.waits = None, True
        self.urgent.add(place.rank)
        place.line.waiting.add(place.rank)
        if place.kept_for is not None:
            place.kept_for.kept.add(place.rank)
            place.line.kept.add(place.rank)
        else:
            self._join_group(place)
        self._witness.place_changed(place)

    def keep_for(self, place: Place, seat: Seat | None) -> None:
        """Nobody but this agent is to be offered it; or again everybody who qualifies."""
        waited = place.waits
        self._stop_waiting(place)
        place.kept_for = seat
        if waited:
            self.wait(place)

    def rank(self, place: Place, urgency: datetime) -> None:
        """Let it wait as if it had come then."""
        if place.rank[0] == urgency:
            return
        waited = place.waits
        self._stop_waiting(place)
        place.rank = (urgency, place.contact.id)
        if waited:
            self.wait(place)

    def take_step(self, place: Place, steps: int) -> None:
        """Ask of agents what it says in so many of the queue's steps."""
        group = self._group(place.line.queue, place.contact, steps)
        place.steps = steps
        if group is place.group:
            return
        in_group = place.waits and place.kept_for is None
        if in_group:
            self._leave_group(place)
        place.group.users -= 1
        place.group = group
        place.group.users += 1
        if in_group:
            self._join_group(place)
        self._witness.place_changed(place)

    def take(self, place: Place, offer_id: OfferId) -> None:
        """The contact is offered: it waits no longer, but keeps its place."""
        self._stop_waiting(place)
        place.offer_id = offer_id
        self._witness.place_changed(place)

    def leave(self, place: Place) -> None:
        """Served or gone: the place is given up."""
        self._stop_waiting(place)
        del self.places[place.contact.id]
        place.line.unserved.remove((place.contact.queued_at, place.contact.id))
        place.group.users -= 1
        self._witness.place_gone(place)

    def forgive(self, place: Place, agent_id: AgentId) -> None:
        """The agent backs off no longer."""
        del place.shunned[agent_id]
        self._witness.place_changed(place)

    def _group(self, queue: Queue, contact: WaitingContact | None, steps: int) -> Group:
        demand = queue.demand(contact, steps)
        return self._qualification.group(demand, self._seats.ranking(queue, demand.channel))

    def _stop_waiting(self, place: Place) -> None:
        if not place.waits:
            return
        place.waits = False
        self.urgent.remove(place.rank)
        place.line.waiting.remove(place.rank)
        if place.kept_for is not None:
            place.kept_for.kept.remove(place.rank)
            place.line.kept.remove(place.rank)
            return
        self._leave_group(place)

    def _join_group(self, place: Place) -> None:
        place.group.waiting.add(place.rank)
        self.groups[place.group] = place.line.groups[place.group] = None

    def _leave_group(self, place: Place) -> None:
        place.group.waiting.remove(place.rank)
        if not place.group.waiting:
            del self.groups[place.group], place.line.groups[place.group]
