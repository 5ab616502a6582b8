"""
What was so a while ago: how agents and waiting contacts stood, and what was decided.

Only for explanations: nothing is decided by it. Each change is a version with a number, so that of
what happened in the same moment it is known what came first. It is bounded in time and in number,
and answers for everything since :attr:`Memory.known_since`.
"""

from bisect import bisect_right
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from operator import attrgetter
from typing import NamedTuple, TypeVar

from .agents import Agent
from .demand import Demand
from .load import Load
from .model import AgentId, Offer, WaitingContact
from .profile import Profile
from .queues import Line, Place
from .rankings import Ranking
from .seats import Seat
from .tally import Tally

_number = attrgetter("number")


@dataclass(frozen=True, slots=True)
class Bounds:
    """Whichever is reached first."""

    kept: timedelta = timedelta(minutes=30)
    decisions: int = 20_000
    versions: int = 60_000  # of agents and of contacts; some 300 bytes each


class SeatThen(NamedTuple):
    """An agent, until the next version."""

    number: int
    at: datetime
    agent: Agent
    unfit: tuple[str, ...]
    profile: Profile
    load: Load
    tally: Tally | None  # as it was while they were free; None while they were not
    gone: bool = False  # forgotten

    @property
    def free(self) -> bool:
        return self.tally is not None


class PlaceThen(NamedTuple):
    """A contact that has a place, until the next version."""

    number: int
    at: datetime
    contact: WaitingContact
    demand: Demand
    ranking: Ranking
    kept_for: AgentId | None
    shunned: Mapping[AgentId, datetime]
    waits: bool  # else it is offered, or gone
    gone: bool = False

    @property
    def asked(self) -> Demand:
        """With what decides who fits best."""
        return replace(self.demand, region=self.contact.region, work=self.contact.work)


class LimitThen(NamedTuple):
    """Whether a queue had as many agents at work as it may, until the next version."""

    number: int
    at: datetime
    queue: str
    reached: bool
    gone: bool = False


class Decided(NamedTuple):
    """An agent got a contact. ``place`` is None where nobody but this agent was asked."""

    number: int
    offer: Offer
    seat: SeatThen
    place: PlaceThen | None

    @property
    def at(self) -> datetime:
        return self.offer.made_at


AnyVersion = SeatThen | PlaceThen | LimitThen
Version = TypeVar("Version", SeatThen, PlaceThen, LimitThen)
_NOBODY: Mapping[AgentId, datetime] = {}
_JUST_AFTER = timedelta(microseconds=1)


class Memory:
    """Whoever drives the router says by :meth:`at` what time it is, before each input."""

    def __init__(self, began: datetime, bounds: Bounds | None = None) -> None:
        self.bounds = bounds or Bounds()
        self.now = began
        self.known_since = began
        """From this moment on everything is known."""
        self.decisions: deque[Decided] = deque()
        self._seats: dict[str, deque[SeatThen]] = {}
        self._places: dict[str, deque[PlaceThen]] = {}
        self._limits: dict[str, deque[LimitThen]] = {}
        self._versions: deque[AnyVersion] = deque()  # all, but the oldest of each
        self._numbers = 0

    def at(self, now: datetime) -> None:
        """It is this time, and what is too old is forgotten."""
        self.now = now
        earliest = now - self.bounds.kept
        while self._versions and self._versions[0].at < earliest:
            self._forget_version()
        while self.decisions and self.decisions[0].at < earliest:
            self._forget_decision()

    def __len__(self) -> int:
        """How many versions and decisions are held, those included that are still so."""
        seats = sum(len(versions) for versions in self._seats.values())
        places = sum(len(versions) for versions in self._places.values())
        limits = sum(len(versions) for versions in self._limits.values())
        return seats + places + limits + len(self.decisions)

    # --- what is remembered -------------------------------------------------------------------

    def seat_changed(self, seat: Seat) -> None:
        tally = replace(seat.tally) if seat.free else None
        self._add_seat(seat, tally)

    def seat_gone(self, seat: Seat) -> None:
        self._add_seat(seat, None, gone=True)

    def _add_seat(self, seat: Seat, tally: Tally | None, *, gone: bool = False) -> None:
        profile = seat.crew.profile
        then = SeatThen(
            self._next(), self.now, seat.agent, seat.unfit, profile, seat.load, tally, gone
        )
        self._add(self._seats, seat.agent.id, then)

    def place_changed(self, place: Place) -> None:
        self._add(self._places, place.contact.id, self._place(place, place.waits, gone=False))

    def place_gone(self, place: Place) -> None:
        self._add(self._places, place.contact.id, self._place(place, waits=False, gone=True))

    def limit_changed(self, line: Line) -> None:
        name = line.queue.name
        self._add(self._limits, name, LimitThen(self._next(), self.now, name, line.at_limit))

    def decided(self, offer: Offer, seat: Seat, place: Place | None) -> None:
        then = None if place is None else self._place(place, waits=True, gone=False)
        chosen = self._seats[seat.agent.id][-1]
        self.decisions.append(Decided(self._next(), offer, chosen, then))
        if len(self.decisions) > self.bounds.decisions:
            self._forget_decision()

    # --- what is asked ------------------------------------------------------------------------

    def about(self, agent_id: str, since: datetime) -> "Memory":
        """
        A copy that nothing is added to: of all that explains what this agent got since then.

        What was remembered never changes, so the copy may be read elsewhere meanwhile.
        """
        copy = Memory(self.known_since, self.bounds)
        copy.now, copy._numbers = self.now, self._numbers
        copy.decisions = deque(one for one in self.decisions if one.at >= since)
        if (seat := self._seats.get(agent_id)) is not None:
            copy._seats[agent_id] = deque(seat)
        copy._limits = {queue: deque(limits) for queue, limits in self._limits.items()}
        copy._places = {
            contact_id: deque(versions)
            for contact_id, versions in self._places.items()
            if versions[-1].waits or versions[-1].at > since
        }
        return copy

    def seat(self, agent_id: str, number: int) -> SeatThen | None:
        """How the agent stood when that came to be."""
        versions = self._seats.get(agent_id)
        if versions is None:
            return None
        before = bisect_right(versions, number, key=_number)
        return versions[before - 1] if before else None

    def seat_spans(
        self, agent_id: str, since: datetime, until: datetime
    ) -> list[tuple[SeatThen, datetime, datetime, int]]:
        """How the agent stood: from when to when, and the number of what came next."""
        return list(self._within(self._seats.get(agent_id, deque()), since, until))

    def place_spans(
        self, since: datetime, until: datetime
    ) -> Iterator[tuple[PlaceThen, datetime, datetime, int]]:
        """The same of every contact that waited."""
        for versions in self._places.values():
            if versions[-1].waits or versions[-1].at > since:
                for span in self._within(versions, since, until):
                    if span[0].waits and span[1] < span[2]:
                        yield span

    def at_limit(self, queue: str, since: datetime, until: datetime) -> bool:
        """Whether the queue could offer nothing in all of this time."""
        spans = self._within(self._limits.get(queue, deque()), since, until)
        covered = timedelta(0)
        for then, began, ended, _ in spans:
            covered += (ended - began) if then.reached else timedelta(0)
        return covered == until - since

    def decided_between(self, first: int, last: int) -> Iterator[Decided]:
        """In their order; the numbers are those of versions around them."""
        begin = bisect_right(self.decisions, first, key=_number)
        for decided in islice(self.decisions, begin, None):
            if decided.number >= last:
                return
            yield decided

    # --- inside -------------------------------------------------------------------------------

    def _next(self) -> int:
        self._numbers += 1
        return self._numbers

    def _place(self, place: Place, waits: bool, *, gone: bool) -> PlaceThen:
        kept = place.kept_for
        return PlaceThen(
            self._next(),
            self.now,
            place.contact,
            place.group.demand,
            place.group.ranking,
            None if kept is None else kept.agent.id,
            dict(place.shunned) if place.shunned else _NOBODY,
            waits,
            gone,
        )

    def _add(self, books: dict[str, deque[Version]], key: str, then: Version) -> None:
        books.setdefault(key, deque()).append(then)
        self._versions.append(then)
        if len(self._versions) > self.bounds.versions:
            self._forget_version()

    def _forget_version(self) -> None:
        """What was before the oldest one; that one is what everything begins with."""
        oldest = self._versions.popleft()
        match oldest:
            case SeatThen():
                _begin_with(self._seats, oldest.agent.id, oldest)
            case PlaceThen():
                _begin_with(self._places, oldest.contact.id, oldest)
            case LimitThen():
                _begin_with(self._limits, oldest.queue, oldest)
        self.known_since = max(self.known_since, oldest.at + _JUST_AFTER)

    def _forget_decision(self) -> None:
        self.known_since = max(self.known_since, self.decisions.popleft().at + _JUST_AFTER)

    def _within(
        self, versions: deque[Version], since: datetime, until: datetime
    ) -> Iterator[tuple[Version, datetime, datetime, int]]:
        """Those of this time, cut to it; some lasted for no time at all."""
        following = iter(versions)
        next(following, None)
        for then in versions:
            after = next(following, None)
            ended = until if after is None else min(after.at, until)
            began = max(then.at, since)
            if ended >= began and not then.gone:
                yield then, began, ended, self._numbers + 1 if after is None else after.number


def _begin_with(books: dict[str, deque[Version]], key: str, oldest: Version) -> None:
    versions = books.get(key)
    if versions is None:
        return
    while versions[0].number < oldest.number:
        versions.popleft()
    if len(versions) == 1 and oldest.gone:
        del books[key]
