"""
Who gets which contact: the longest idle of the qualified; the most urgent of the eligible.

Between two inputs nobody is ready who qualifies for a contact that waits. So a contact that comes
looks at the ready agents only, an agent who becomes ready at the waiting contacts only, and both
keep to one order over all queues.

Both look along that order first: nearly always one of the first few fits. Where none does, few fit
at all, and the heads of their crews or groups are compared. Neither way looks at everybody.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from heapq import nsmallest
from itertools import islice
from typing import NamedTuple, TypeVar

from .model import Decision, PassedOver, WaitingContact
from .order import Order, Rank
from .qualification import Crew
from .queues import Place, Waiting
from .requirements import Requirements
from .seats import Seat, Seats

POLICY = "longest_idle"
VERSION = 1

_LOOK_ALONG = 64  # entries of the order, before the heads of crews or groups are compared
_FEW = 3  # of those before the chosen one, and of those behind, go on record
_COUNT_TO = 100  # how many more qualified explains nothing

_Kind = TypeVar("_Kind")


class Match(NamedTuple):
    place: Place
    seat: Seat
    why: Decision


def find_agent(place: Place, seats: Seats, now: datetime) -> Match | None:
    """The longest idle of the ready agents who qualify for the contact."""
    crews, shunned = place.group.crews, place.shunned

    def fits(agent_id: str) -> bool:
        return agent_id not in shunned and seats[agent_id].crew in crews

    search = _Search(seats.idle, fits)
    if search.undecided:
        search.compare(crew.ready for crew in _both(crews, seats.ready))
    if search.chosen is None:
        return None
    seat = seats[search.chosen[1]]
    why = Decision(
        policy=POLICY,
        version=VERSION,
        rule="longest_idle_agent",
        candidates=_count(crew.ready for crew in _both(crews, seats.ready)),
        idle=now - seat.agent.idle_since,
        waited=now - place.contact.queued_at,
        passed_over=(
            *(_obstacle(agent_id, place, seats[agent_id].crew) for agent_id in search.before),
            *(PassedOver(agent_id, "less_idle") for agent_id in search.behind),
        ),
    )
    return Match(place, seat, why)


def find_contact(seat: Seat, waiting: Waiting, now: datetime) -> Match | None:
    """The most urgent of the waiting contacts for which the agent qualifies."""
    groups, agent_id = seat.crew.groups, seat.agent.id

    def fits(contact_id: str) -> bool:
        place = waiting.places[contact_id]
        return place.group in groups and agent_id not in place.shunned

    search = _Search(waiting.urgent, fits)
    if search.undecided:
        search.compare(group.waiting for group in _both(groups, waiting.groups))
    if search.chosen is None:
        return None
    place = waiting.places[search.chosen[1]]
    why = Decision(
        policy=POLICY,
        version=VERSION,
        rule="most_urgent_contact",
        candidates=_count(group.waiting for group in _both(groups, waiting.groups)),
        idle=now - seat.agent.idle_since,
        waited=now - place.contact.queued_at,
        passed_over=(
            *(_obstacle(name, waiting.places[name], seat.crew) for name in search.before),
            *(PassedOver(name, "less_urgent") for name in search.behind),
        ),
    )
    return Match(place, seat, why)


def named(
    seat: Seat, contact: WaitingContact, now: datetime, rule: str = "named_agent"
) -> Decision:
    """Why this agent: they were asked for, or took it themselves."""
    return Decision(
        policy=POLICY,
        version=VERSION,
        rule=rule,
        candidates=1,
        idle=now - seat.agent.idle_since,
        waited=now - contact.queued_at,
        passed_over=(),
    )


class _Search:
    """The first that fits, and a few of those before and behind it."""

    def __init__(self, order: Order, fits: Callable[[str], bool]) -> None:
        self._fits = fits
        self.chosen: Rank | None = None
        self.before: list[str] = []  # the first of those that went before and did not fit
        self.behind: list[str] = []  # those that would have been next
        ranks = islice(order, _LOOK_ALONG)
        for rank in ranks:
            if fits(rank[1]):
                self.chosen = rank
                self.behind = [one[1] for one in islice(ranks, 4 * _FEW) if fits(one[1])][:_FEW]
                break
            if len(self.before) < _FEW:
                self.before.append(rank[1])
        self.undecided = self.chosen is None and len(order) > _LOOK_ALONG

    def compare(self, orders: Iterable[Order]) -> None:
        """Take the first of the heads of these orders instead."""
        heads = (next((rank for rank in order if self._fits(rank[1])), None) for order in orders)
        found = nsmallest(_FEW + 1, (head for head in heads if head is not None))
        if found:
            self.chosen = found[0]
            self.behind = [rank[1] for rank in found[1:]]


def _both(these: dict[_Kind, None], those: dict[_Kind, None]) -> Iterator[_Kind]:
    """What is in both; as quick as the smaller one is small."""
    few, many = (these, those) if len(these) < len(those) else (those, these)
    return (one for one in few if one in many)


def _count(orders: Iterable[Order]) -> int:
    total = 0
    for order in orders:
        total += len(order)
        if total >= _COUNT_TO:
            return _COUNT_TO
    return total


def _obstacle(name: str, place: Place, crew: Crew) -> PassedOver:
    """Why the crew's agent, or the place's contact, of that name was not chosen."""
    if crew in place.group.crews:
        return PassedOver(name, "backing_off")
    return PassedOver(name, _lack(place.group.requirements, crew))


def _lack(requirements: Requirements, crew: Crew) -> str:
    unmet = next(one for one in requirements if not one.met_by(crew.skills))
    return f"lacks {unmet}"
