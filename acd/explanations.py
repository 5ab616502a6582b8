"""
Why an agent got nothing: what they were, whom they stood behind, what waited that was not theirs.

Pure: computed from a :class:`.Memory` by the very rules of :mod:`.matching`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from .agents import AgentState
from .matching import QUEUE_AT_LIMIT, behind, obstacle, standing
from .memory import Decided, Memory, PlaceThen, SeatThen
from .model import AgentId, Channel
from .policies import Cost
from .staffing import UNFIT

NAMED: Final = "somebody else was asked by name"
OVERLOOKED: Final = "overlooked"
"""A contact waited for a free agent who qualifies: that must not be."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How an agent stood among those who qualified: the least cost goes first."""

    level: int  # in the queue; counts before the cost
    cost: Cost
    terms: Mapping[str, float]  # what made the cost, as the policy says it
    idle: timedelta


@dataclass(frozen=True, slots=True)
class PassedBy:
    """A contact went to somebody else while the agent was free."""

    at: datetime
    contact_id: str
    queue: str
    channel: Channel
    chosen: AgentId
    policy: str
    version: int
    rule: str
    reason: str
    backing_off_until: datetime | None = None
    own: Standing | None = None  # of who qualified; else there is nothing to compare
    theirs: Standing | None = None


@dataclass(frozen=True, slots=True)
class NotTheirs:
    """What waited in a queue while the agent was free, and could not be offered to them."""

    queue: str
    reason: str
    contacts: int
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Stretch:
    """From when to when an agent was the same. Who is "ready" could be offered contacts."""

    since: datetime
    until: datetime
    state: str  # an AgentState's value, or "unfit"
    reasons: tuple[str, ...] = ()  # why not ready, or unfit
    contact_id: str | None = None
    passed_by: tuple[PassedBy, ...] = ()
    not_theirs: tuple[NotTheirs, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """``since`` is later than was asked for where the memory does not reach back so far."""

    agent_id: str
    since: datetime
    until: datetime
    stretches: tuple[Stretch, ...]


@dataclass(slots=True)
class _Free:
    """A version of the agent in which they were free."""

    then: SeatThen
    since: datetime
    until: datetime
    following: int  # the number of the version that ended it


@dataclass(slots=True)
class _Lot:
    """Contacts of one queue that were not the agent's for one reason."""

    since: datetime
    until: datetime
    contacts: set[str] = field(default_factory=set)


def explain(memory: Memory, agent_id: str, since: datetime, until: datetime) -> Explanation:
    """What the agent was in this time and, while they were free, why nothing was offered."""
    since = max(since, memory.known_since)
    until = max(since, min(until, memory.now))
    spans = memory.seat_spans(agent_id, since, until)
    stretches, group = list[Stretch](), list[_Free]()
    for then, began, ended, following in spans:
        if then.free:
            group.append(_Free(then, began, ended, following))
            continue
        stretches += _of_free(memory, agent_id, group)
        group.clear()
        if began < ended:
            stretches.append(_of_busy(then, began, ended))
    stretches += _of_free(memory, agent_id, group)
    return Explanation(agent_id, since, until, tuple(_joined(stretches)))


def _of_busy(then: SeatThen, since: datetime, until: datetime) -> Stretch:
    agent = then.agent
    if agent.state is AgentState.READY:
        return Stretch(since, until, UNFIT, then.unfit)
    reasons = () if agent.reason is None else (agent.reason,)
    return Stretch(since, until, agent.state.value, reasons, agent.contact_id)


def _joined(stretches: list[Stretch]) -> Iterator[Stretch]:
    """A change of what routing goes by does not end a stretch."""
    last: Stretch | None = None
    for one in stretches:
        if last is not None and _alike(last, one):
            last = Stretch(last.since, one.until, one.state, one.reasons, one.contact_id)
            continue
        if last is not None:
            yield last
        last = one
    if last is not None:
        yield last


def _alike(one: Stretch, other: Stretch) -> bool:
    kind = (one.state, one.reasons, one.contact_id)
    return one.state != "ready" and kind == (other.state, other.reasons, other.contact_id)


# --- while they were free ---------------------------------------------------------------------


def _of_free(memory: Memory, agent_id: str, group: list[_Free]) -> list[Stretch]:
    """One stretch, however often what routing goes by changed in it; none of no length at all."""
    if not group:
        return []
    since, until = group[0].since, group[-1].until
    passed_by = tuple(
        _passed_by(free.then, decided)
        for free in group
        for decided in memory.decided_between(free.then.number, free.following)
        if decided.offer.agent_id != agent_id and since <= decided.at <= until
    )
    if since == until and not passed_by:
        return []
    not_theirs = tuple(_not_theirs(memory, agent_id, group))
    state = AgentState.READY.value
    return [Stretch(since, until, state, passed_by=passed_by, not_theirs=not_theirs)]


def _passed_by(seat: SeatThen, decided: Decided) -> PassedBy:
    offer, place, chosen, why = decided.offer, decided.place, decided.seat, decided.offer.why
    reason, until, own, theirs = NAMED, None, None, None
    if place is not None:
        agent_id = seat.agent.id
        against = _against(place, seat)
        if against is None:
            own, theirs = _standing(place, seat, decided.at), _standing(place, chosen, decided.at)
            alike = seat.load.of(offer.channel) == chosen.load.of(offer.channel)
            against = behind(place.ranking, offer.queue, seat.profile, chosen.profile, alike=alike)
        reason, until = against, place.shunned.get(agent_id)
    return PassedBy(
        at=decided.at,
        contact_id=offer.contact_id,
        queue=offer.queue,
        channel=offer.channel,
        chosen=offer.agent_id,
        policy=why.policy,
        version=why.version,
        rule=why.rule,
        reason=reason,
        backing_off_until=until if reason == "backing_off" else None,
        own=own,
        theirs=theirs,
    )


def _against(place: PlaceThen, seat: SeatThen) -> str | None:
    return obstacle(
        place.demand, place.kept_for, place.shunned, seat.agent.id, seat.profile, seat.load
    )


def _standing(place: PlaceThen, seat: SeatThen, at: datetime) -> Standing | None:
    if seat.tally is None:
        return None  # who took a contact over need not have been free
    asked = place.asked
    in_hand = seat.load.of(asked.channel)
    level, *cost = standing(place.ranking, asked, seat.profile, seat.tally, in_hand)
    terms = place.ranking.policy.terms(seat.profile, asked, seat.tally)
    return Standing(int(level), tuple(cost), terms, at - seat.agent.idle_since)


def _not_theirs(memory: Memory, agent_id: str, group: list[_Free]) -> Iterator[NotTheirs]:
    lots: dict[tuple[str, str], _Lot] = {}
    for place, since, until, following in memory.place_spans(group[0].since, group[-1].until):
        for free in group:
            began, ended = max(since, free.since), min(until, free.until)
            at_once = place.number < free.following and free.then.number < following
            if not at_once or began >= ended:
                continue
            reason = _against(place, free.then)
            if reason is None:
                limited = memory.at_limit(place.contact.queue, began, ended)
                reason = QUEUE_AT_LIMIT if limited else OVERLOOKED
            lot = lots.setdefault((place.contact.queue, reason), _Lot(began, ended))
            lot.since, lot.until = min(lot.since, began), max(lot.until, ended)
            lot.contacts.add(place.contact.id)
    for (queue, reason), lot in sorted(lots.items()):
        yield NotTheirs(queue, reason, len(lot.contacts), lot.since, lot.until)
