"""
Why an agent got nothing: what they were, whom they stood behind, what waited that was not theirs.

Pure: computed from a :class:`.Memory` by the very rules of :mod:`.matching`.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
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
    """
    From when to when an agent was the same. Who is "ready" could be offered contacts.

    ``reasons``: why not ready, or unfit; or why no calls could be offered to who was ready.
    """

    since: datetime
    until: datetime
    state: str  # an AgentState's value, or "unfit"
    reasons: tuple[str, ...] = ()
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


_Lots = dict[tuple[str, str], _Lot]
"""By queue and reason."""


def explain(memory: Memory, agent_id: str, since: datetime, until: datetime) -> Explanation:
    """What the agent was in this time and, while they were free, why nothing was offered."""
    since = max(since, memory.known_since)
    until = max(since, min(until, memory.now))
    parts = list(_parts(memory, agent_id, since, until))
    groups = [part for part in parts if isinstance(part, list)]
    lots = iter(_lots(memory, groups))
    stretches = list[Stretch]()
    for part in parts:
        if isinstance(part, list):
            stretches += _of_free(memory, agent_id, part, next(lots))
        else:
            stretches.append(part)
    return Explanation(agent_id, since, until, tuple(_joined(stretches)))


def _parts(
    memory: Memory, agent_id: str, since: datetime, until: datetime
) -> Iterator[Stretch | list[_Free]]:
    """In their order: the stretches of who was not free, and what is one stretch of who was."""
    group = list[_Free]()
    for then, began, ended, following in memory.seat_spans(agent_id, since, until):
        if group and not (then.free and then.load.voiceless == group[0].then.load.voiceless):
            yield group
            group = []
        if then.free:
            group.append(_Free(then, began, ended, following))
        elif began < ended:
            yield _of_busy(then, began, ended)
    if group:
        yield group


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


def _of_free(memory: Memory, agent_id: str, group: Sequence[_Free], lots: _Lots) -> list[Stretch]:
    """One stretch, however often what routing goes by changed in it; none of no length at all."""
    since, until = group[0].since, group[-1].until
    passed_by = tuple(
        _passed_by(free.then, decided)
        for free in group
        for decided in memory.decided_between(free.then.number, free.following)
        if decided.offer.agent_id != agent_id and since <= decided.at <= until
    )
    if since == until and not passed_by:
        return []
    not_theirs = tuple(
        NotTheirs(queue, reason, len(lot.contacts), lot.since, lot.until)
        for (queue, reason), lot in sorted(lots.items())
    )
    state, reasons = AgentState.READY.value, group[0].then.load.voiceless
    return [Stretch(since, until, state, reasons, passed_by=passed_by, not_theirs=not_theirs)]


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


def _lots(memory: Memory, groups: Sequence[Sequence[_Free]]) -> list[_Lots]:
    """Of each stretch: the contacts that waited meanwhile. Every contact is looked at once."""
    lots: list[_Lots] = [{} for _ in groups]
    frees = [(free, lots[at]) for at, group in enumerate(groups) for free in group]
    if not frees:
        return lots
    ends = [free.until for free, _ in frees]
    for place, since, until, following in memory.place_spans(frees[0][0].since, ends[-1]):
        known, against = None, None
        for at in range(bisect_right(ends, since), len(frees)):
            free, those = frees[at]
            began, ended = max(since, free.since), min(until, free.until)
            if free.since >= until:
                break
            at_once = place.number < free.following and free.then.number < following
            if not at_once or began >= ended:
                continue
            if known is None or not _as_able(known, free.then):
                known, against = free.then, _against(place, free.then)
            reason = against
            if reason is None:
                limited = memory.at_limit(place.contact.queue, began, ended)
                reason = QUEUE_AT_LIMIT if limited else OVERLOOKED
            lot = those.setdefault((place.contact.queue, reason), _Lot(began, ended))
            lot.since, lot.until = min(lot.since, began), max(lot.until, ended)
            lot.contacts.add(place.contact.id)
    return lots


def _as_able(one: SeatThen, other: SeatThen) -> bool:
    """Whether what stands against a contact is the same for both versions of the agent."""
    return one.profile is other.profile and one.load is other.load
