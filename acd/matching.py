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
from .model import AgentId, Decision, PassedOver, WaitingContact
from .order import Key, Order
from .policies import Cost, Policy
from .profile import Profile
from .qualification import Crew, Fits
from .queues import Line, Place, Waiting
from .seats import Seat, Seats
from .tally import Tally

_LOOK_ALONG = 64  # entries of the order, before the heads of crews or groups are compared
_FEW = 3  # of those before the chosen one, and of those behind, go on record
_COUNT_TO = 100  # how many more qualified explains nothing

_Kind = TypeVar("_Kind")

QUEUE_AT_LIMIT: Final = "queue_at_limit"
"""Why a contact is not offered to an agent who may have it."""


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
    policy, group, shunned = place.line.queue.policy, place.group, place.shunned
    queue = place.contact.queue

    def may(agent_id: str) -> bool:
        return agent_id not in shunned and seats[agent_id].crew in group.crews

    found = _Found(None)
    if policy.alike and not group.levels:  # else the order does not tell who comes first
        found = _along(seats.free[policy], may)
    if not found.decided:
        crews, fits = _both(group.crews, seats.ready), _fits(place)
        found = _compared(found, (_cost(crew, policy, fits, shunned) for crew in crews))
    if found.chosen is None:
        return None
    seat = seats[found.chosen]
    passed_over = (
        *(_obstacle(agent_id, place, seats[agent_id]) for agent_id in found.before),
        *(
            PassedOver(one, behind(policy, queue, seats[one].crew.profile, seat.crew.profile))
            for one in found.behind
        ),
    )
    candidates = _count(crew.free for crew in _both(group.crews, seats.ready))
    why = _decision(place, seat, now, f"{policy.name}_agent", candidates, passed_over)
    return Match(place, seat, why)


def find_contact(seat: Seat, waiting: Waiting, now: datetime) -> Match | None:
    """The most urgent of the waiting contacts that the agent may be offered."""
    groups, agent_id, at_limit = seat.crew.groups, seat.agent.id, waiting.at_limit

    def may(contact_id: str) -> bool:
        place = waiting.places[contact_id]
        return (
            place.group in groups
            and place.line not in at_limit
            and (place.kept_for is None or place.kept_for is seat)
            and agent_id not in place.shunned
        )

    found = _along(waiting.urgent, may)
    if not found.decided:
        some_open = (group for group in _both(groups, waiting.groups) if waiting.open(group))
        orders = (seat.kept, *(group.waiting for group in some_open))
        found = _compared(found, (_head(order, may) for order in orders))
    if found.chosen is None:
        return None
    place = waiting.places[found.chosen]
    passed_over = (
        *(_obstacle(name, waiting.places[name], seat) for name in found.before),
        *(PassedOver(name, "less_urgent") for name in found.behind),
    )
    waits = (len(group.waiting) for group in _both(groups, waiting.groups))
    candidates = _count(chain((len(seat.kept),), waits))
    rule = "wanted_agent" if place.kept_for is seat else "most_urgent_contact"
    why = _decision(place, seat, now, rule, candidates, passed_over)
    return Match(place, seat, why)


def find_in_line(line: Line, waiting: Waiting, seats: Seats, now: datetime) -> Match | None:
    """The most urgent contact of the queue that anybody free may have, and who is to have it."""
    if line.at_limit:
        return None
    heard = (group for group in line.groups if next(_both(group.crews, seats.ready), None))
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
    agent_id = seat.agent.id
    if not seat.free or agent_id in place.shunned or seat.crew not in place.group.crews:
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
    policy = place.line.queue.policy
    return Decision(
        policy=policy.name,
        version=policy.version,
        rule=rule,
        candidates=candidates,
        idle=now - seat.agent.idle_since,
        waited=now - place.contact.queued_at,
        passed_over=passed_over,
        terms=policy.terms(seat.crew.profile, _fits(place).demand, seat.tally),
        credit=place.contact.queued_at - place.rank[0],
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
    return next((rank for rank in order if fits(rank[1])), None)


def _fits(place: Place) -> Fits:
    return place.group.fits_of(place.contact.region, place.contact.work)


def _cost(
    crew: Crew, policy: Policy, fits: Fits, shunned: Mapping[AgentId, datetime]
) -> tuple[Cost, str] | None:
    """Who of these alike stands first, and what they cost; the level in the queue before all."""
    first = _head(crew.ready[policy], lambda agent_id: agent_id not in shunned)
    if first is None:
        return None
    fit = fits.costs.get(crew)
    if fit is None:
        fit = fits.costs[crew] = policy.fit(crew.profile, fits.demand)
    return _leveled(crew.profile, fits.demand, policy.cost(fit, first[0])), first[1]


def _both(these: Mapping[_Kind, object], those: Mapping[_Kind, object]) -> Iterator[_Kind]:
    """What is in both; as quick as the smaller one is small."""
    few, many = (these, those) if len(these) < len(those) else (those, these)
    return (one for one in few if one in many)


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
    )
    return PassedOver(name, reason or QUEUE_AT_LIMIT)


def obstacle(
    demand: Demand,
    kept_for: AgentId | None,
    shunned: Container[AgentId],
    agent_id: AgentId,
    profile: Profile,
) -> str | None:
    """Why a free agent may not have a contact that waits; None if nothing stands against it."""
    if not demand.met_by(profile):
        return demand.lack(profile)
    if kept_for is not None and kept_for != agent_id:
        return f"kept_for {kept_for}"
    return "backing_off" if agent_id in shunned else None


def standing(policy: Policy, demand: Demand, profile: Profile, tally: Tally) -> Cost:
    """What a free agent who qualifies costs; the level in the queue counts before all."""
    fit = policy.fit(profile, demand)
    return _leveled(profile, demand, policy.cost(fit, policy.standing(tally)))


def behind(policy: Policy, queue: str, profile: Profile, chosen: Profile) -> str:
    """Why somebody who qualifies, and is free, too, did not get it."""
    level = profile.level_in(queue)
    return policy.behind if level == chosen.level_in(queue) else f"level {level} asked later"


def _leveled(profile: Profile, demand: Demand, cost: Cost) -> Cost:
    return (profile.level_in(demand.queue) or 0, *cost)
