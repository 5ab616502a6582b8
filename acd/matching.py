"""
Who gets which contact: the agent whom the queue's policy would have; the most urgent contact.

Between two inputs nobody is ready who qualifies for a contact that waits. So a contact that comes
looks at the ready agents only, an agent who becomes ready at the waiting contacts only, and all
keep to one order of contacts over all queues.

A search looks along an order first: nearly always one of the first few fits. Where none does, few
fit at all, and the heads of their crews or groups are compared. Neither way looks at everybody.
"""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from datetime import datetime
from heapq import merge, nsmallest
from itertools import chain, islice
from typing import Final, NamedTuple, TypeVar

from .demand import Demand
from .load import Load
from .model import AgentId, Decision, PassedOver, WaitingContact
from .order import Key, Order
from .policies import Cost, Policy
from .profile import Profile
from .qualification import Crew, Fits, Group
from .queues import Line, Place, Waiting
from .rankings import Ranking, Spread
from .seats import Seat, Seats
from .tally import Tally

_LOOK_ALONG = 64  # entries of the order, before the heads of crews or groups are compared
_FEW = 3  # of those before the chosen one, and of those behind, go on record
_COUNT_TO = 100  # how many more qualified explains nothing

_Kind = TypeVar("_Kind")

QUEUE_AT_LIMIT: Final = "queue_at_limit"
"""Why a contact is not offered to an agent who may have it."""


_OTHERWISE = {Spread.BALANCE: "more_in_hand", Spread.FILL: "fewer_in_hand"}


class Match(NamedTuple):
    place: Place
    seat: Seat
    why: Decision


def find_agent(place: Place, seats: Seats, now: datetime) -> Match | None:
    """Of the ready agents who qualify for the contact the one whom the policy puts first."""
    if place.line.at_limit:
        return None
    if place.kept_for is not None:
        return _kept(place, place.kept_for, now)
    group, ranking, shunned = place.group, place.group.ranking, place.shunned
    queue = place.contact.queue

    def may(agent_id: str) -> bool:
        return agent_id not in shunned and seats[agent_id].crew in group.crews

    found = _Found(None)
    if ranking.policy.alike and not group.levels:  # else the order does not tell who comes first
        found = _along(seats.free[ranking], may)
    if not found.decided:
        crews, fits = _both(group.crews, seats.ready[ranking]), _fits(place)
        found = _compared(found, (_cost(crew, ranking, fits, shunned) for crew in crews))
    if found.chosen is None:
        return None
    seat = seats[found.chosen]
    passed_over = (
        *(_obstacle(agent_id, place, seats[agent_id]) for agent_id in found.before),
        *(PassedOver(one, _behind(ranking, queue, seats[one], seat)) for one in found.behind),
    )
    ready = seats.ready[ranking]
    candidates = _count(ready[crew] for crew in _both(group.crews, ready))
    why = _decision(place, seat, now, f"{ranking.policy.name}_agent", candidates, passed_over)
    return Match(place, seat, why)


def find_contact(seat: Seat, waiting: Waiting, now: datetime) -> Match | None:
    """The most urgent of the waiting contacts that the agent may be offered."""
    groups, agent_id, at_limit = seat.crew.groups, seat.agent.id, waiting.at_limit
    takes = seat.standings

    def may(contact_id: str) -> bool:
        place = waiting.places[contact_id]
        return (
            place.group in groups
            and place.group.ranking in takes
            and place.line not in at_limit
            and (place.kept_for is None or place.kept_for is seat)
            and agent_id not in place.shunned
        )

    found, taken = _along(waiting.urgent, may), _taken(seat, waiting)
    if not found.decided:
        some_open = filter(waiting.open, taken) if at_limit else taken
        orders = [seat.kept, *(group.waiting for group in some_open)]
        found = _compared(found, [_head(order, may) for order in orders])
    if found.chosen is None:
        return None
    place = waiting.places[found.chosen]
    passed_over = (
        *(_obstacle(name, waiting.places[name], seat) for name in found.before),
        *(PassedOver(name, "less_urgent") for name in found.behind),
    )
    waits = (len(group.waiting) for group in taken)
    candidates = _count(chain((len(seat.kept),), waits))
    rule = "wanted_agent" if place.kept_for is seat else "most_urgent_contact"
    why = _decision(place, seat, now, rule, candidates, passed_over)
    return Match(place, seat, why)


def find_in_line(line: Line, waiting: Waiting, seats: Seats, now: datetime) -> Match | None:
    """The most urgent contact of the queue that anybody free may have, and who is to have it."""
    if line.at_limit:
        return None
    ready = seats.ready
    heard = (one for one in line.groups if next(_both(one.crews, ready[one.ranking]), None))
    orders = (line.kept, *(group.waiting for group in heard))
    found = (find_agent(waiting.places[rank[1]], seats, now) for rank in merge(*orders))
    return next(filter(None, found), None)


def named(
    seat: Seat,
    contact: WaitingContact,
    policy: Policy,
    now: datetime,
    rule: str = "named_agent",
) -> Decision:
    """Why this agent: they were asked for, or took it themselves."""
    return Decision(
        policy=policy.name,
        version=policy.version,
        rule=rule,
        candidates=1,
        idle=now - seat.agent.idle_since,
        waited=now - contact.queued_at,
        passed_over=(),
    )


def _kept(place: Place, seat: Seat, now: datetime) -> Match | None:
    """The one agent whom it is kept for, if they can be offered it now."""
    if seat.agent.id in place.shunned or seat.crew not in place.group.crews:
        return None
    if place.group.ranking not in seat.standings:
        return None
    return Match(place, seat, _decision(place, seat, now, "wanted_agent", 1, ()))


def _decision(
    place: Place,
    seat: Seat,
    now: datetime,
    rule: str,
    candidates: int,
    passed_over: tuple[PassedOver, ...],
) -> Decision:
    ranking, queue, contact = place.group.ranking, place.line.queue, place.contact
    policy = ranking.policy
    terms = policy.terms(seat.crew.profile, _fits(place).demand, seat.tally)
    if ranking.spread is not None:
        held = float(seat.load.of(contact.channel))
        terms = {**terms, f"{contact.channel.value}_in_hand": held}
    return Decision(
        policy=policy.name,
        version=policy.version,
        rule=rule,
        candidates=candidates,
        idle=now - seat.agent.idle_since,
        waited=now - contact.queued_at,
        passed_over=passed_over,
        terms=terms,
        credit=contact.queued_at + queue.yields - place.rank[0],
        yields=queue.yields,
    )


class _Found(NamedTuple):
    """The first that fits, and a few of those before and behind it."""

    chosen: str | None
    before: tuple[str, ...] = ()  # the first of those that went before and did not fit
    behind: tuple[str, ...] = ()  # those that would have been next
    decided: bool = False


def _along(order: Order[Key], fits: Callable[[str], bool]) -> _Found:
    """Look along the order; undecided if it is long and none of the first ones fits."""
    before: tuple[str, ...] = ()
    names = (rank[1] for rank in islice(order, _LOOK_ALONG))
    for name in names:
        if fits(name):
            behind = [one for one in islice(names, 4 * _FEW) if fits(one)]
            return _Found(name, before, tuple(behind[:_FEW]), decided=True)
        if len(before) < _FEW:
            before = (*before, name)
    return _Found(None, before, decided=len(order) <= _LOOK_ALONG)


def _compared(found: _Found, heads: Iterable[tuple[Key, str] | None]) -> _Found:
    """The least of the heads of several orders; what was found on the way there stays known."""
    names = [head[1] for head in nsmallest(_FEW + 1, filter(None, heads))]
    first = names[0] if names else None
    return _Found(first, found.before, tuple(names[1:]), decided=True)


def _head(order: Order[Key], fits: Callable[[str], bool]) -> tuple[Key, str] | None:
    for rank in order:
        if fits(rank[1]):
            return rank
    return None


def _fits(place: Place) -> Fits:
    return place.group.fits_of(place.contact.region, place.contact.work)


def _cost(
    crew: Crew, ranking: Ranking, fits: Fits, shunned: Mapping[AgentId, datetime]
) -> tuple[Cost, str] | None:
    """Who of these alike stands first, and what they cost; the level in the queue before all."""
    first = _head(crew.ready[ranking], lambda agent_id: agent_id not in shunned)
    if first is None:
        return None
    fit = fits.costs.get(crew)
    if fit is None:
        fit = fits.costs[crew] = ranking.policy.fit(crew.profile, fits.demand)
    return _leveled(crew.profile, fits.demand, ranking.cost(fit, first[0])), first[1]


def _taken(seat: Seat, waiting: Waiting) -> list[Group]:
    """The groups in which contacts wait that the agent qualifies for and can take."""
    takes = seat.standings
    few, many = _shorter_first(seat.crew.groups, waiting.groups)
    return [one for one in few if one in many and one.ranking in takes]


def _both(these: Mapping[_Kind, object], those: Mapping[_Kind, object]) -> Iterator[_Kind]:
    """What is in both; as quick as the smaller one is small."""
    few, many = _shorter_first(these, those)
    return (one for one in few if one in many)


def _shorter_first(
    these: Mapping[_Kind, object], those: Mapping[_Kind, object]
) -> tuple[Mapping[_Kind, object], Mapping[_Kind, object]]:
    return (these, those) if len(these) < len(those) else (those, these)


def _count(numbers: Iterable[int]) -> int:
    total = 0
    for number in numbers:
        total += number
        if total >= _COUNT_TO:
            return _COUNT_TO
    return total


def _obstacle(name: str, place: Place, seat: Seat) -> PassedOver:
    """Why the seat's agent, or the place's contact, of that name was not chosen."""
    kept = place.kept_for
    reason = obstacle(
        place.group.demand,
        None if kept is None else kept.agent.id,
        place.shunned,
        seat.agent.id,
        seat.crew.profile,
        seat.load,
    )
    return PassedOver(name, reason or QUEUE_AT_LIMIT)


def obstacle(
    demand: Demand,
    kept_for: AgentId | None,
    shunned: Container[AgentId],
    agent_id: AgentId,
    profile: Profile,
    load: Load,
) -> str | None:
    """Why a free agent may not have a contact that waits; None if nothing stands against it."""
    if not demand.met_by(profile):
        return demand.lack(profile)
    if kept_for is not None and kept_for != agent_id:
        return f"kept_for {kept_for}"
    return "backing_off" if agent_id in shunned else load.obstacle(demand.channel)


def standing(
    ranking: Ranking, demand: Demand, profile: Profile, tally: Tally, in_hand: int
) -> Cost:
    """What a free agent who qualifies costs; the level in the queue counts before all."""
    fit = ranking.policy.fit(profile, demand)
    return _leveled(profile, demand, ranking.cost(fit, ranking.standing(tally, in_hand)))


def behind(ranking: Ranking, queue: str, profile: Profile, chosen: Profile, *, alike: bool) -> str:
    """
    Why somebody who qualifies, and can take it, too, did not get it.

    ``alike``: both have as many contacts of its channel in hand.
    """
    level = profile.level_in(queue)
    if level != chosen.level_in(queue):
        return f"level {level} asked later"
    return ranking.policy.behind if alike or ranking.spread is None else _OTHERWISE[ranking.spread]


def _behind(ranking: Ranking, queue: str, other: Seat, chosen: Seat) -> str:
    alike = other.load.of(ranking.channel) == chosen.load.of(ranking.channel)
    return behind(ranking, queue, other.crew.profile, chosen.crew.profile, alike=alike)


def _leveled(profile: Profile, demand: Demand, cost: Cost) -> Cost:
    return (profile.level_in(demand.queue) or 0, *cost)
