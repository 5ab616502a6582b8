"""
Who gets which contact: the longest idle of the qualified; the most urgent of the eligible.

Between two inputs nobody is ready who qualifies for a contact that waits. So a contact that comes
looks at the ready agents only, an agent who becomes ready at the heads of the groups only, and
both keep to the same order.
"""

from datetime import datetime
from heapq import nsmallest
from itertools import islice
from typing import NamedTuple

from .agents import AgentState
from .model import AgentId, Decision, PassedOver, Requirements
from .order import Rank
from .qualification import Crew, Group
from .queues import Place, Waiting
from .seats import Seat, Seats

POLICY = "longest_idle"
VERSION = 1

_FEW = 3  # of each kind of the passed-over go on record


class Match(NamedTuple):
    place: Place
    seat: Seat
    why: Decision


def find_agent(place: Place, seats: Seats, now: datetime) -> Match | None:
    """The longest idle of the ready agents who qualify for the contact."""
    qualified: list[Rank] = []
    others: list[tuple[Rank, Crew]] = []
    candidates = 0
    for crew in seats.ready:
        if crew in place.group.crews:
            candidates += len(crew.ready)
            heads = islice(crew.ready, _FEW + 1 + len(place.shunned))
            qualified += [rank for rank in heads if rank[1] not in place.shunned]
        else:
            others.append((crew.ready.first, crew))
    if not qualified:
        return None
    chosen, *rivals = nsmallest(_FEW + 1, qualified)
    backing_off = _ready_but_shunned(place, seats)
    lacking = nsmallest(_FEW, (other for other in others if other[0] < chosen), key=_rank)
    return _match(
        "longest_idle_agent",
        place,
        seats[chosen[1]],
        candidates - len(backing_off),
        (
            *(PassedOver(rank[1], _lack(place.group.requirements, crew)) for rank, crew in lacking),
            *(PassedOver(agent_id, "backing_off") for agent_id in backing_off[:_FEW]),
            *(PassedOver(rank[1], "less_idle") for rank in rivals),
        ),
        now,
    )


def find_contact(seat: Seat, waiting: Waiting, now: datetime) -> Match | None:
    """The most urgent of the waiting contacts for which the agent qualifies."""
    heads: list[tuple[Rank, Group]] = []
    others: list[tuple[Rank, Group]] = []
    backing_off: list[str] = []
    candidates = 0
    for group in waiting.groups:
        if seat.crew not in group.crews:
            others.append((group.waiting.first, group))
            continue
        candidates += len(group.waiting)
        for rank in group.waiting:
            if seat.agent.id not in waiting.places[rank[1]].shunned:
                heads.append((rank, group))
                break
            backing_off.append(rank[1])
    if not heads:
        return None
    (chosen, group), *rivals = nsmallest(_FEW + 1, heads, key=_rank)
    lacking = nsmallest(_FEW, (other for other in others if other[0] < chosen), key=_rank)
    behind = [rank for rank in islice(group.waiting, 1 + len(backing_off) + _FEW) if rank > chosen]
    return _match(
        "most_urgent_contact",
        waiting.places[chosen[1]],
        seat,
        candidates - len(backing_off),
        (
            *(PassedOver(rank[1], _lack(group.requirements, seat.crew)) for rank, group in lacking),
            *(PassedOver(contact_id, "backing_off") for contact_id in backing_off[:_FEW]),
            *(
                PassedOver(rank[1], "less_urgent")
                for rank in nsmallest(_FEW, [*behind, *(rank for rank, _ in rivals)])
            ),
        ),
        now,
    )


def _match(
    rule: str,
    place: Place,
    seat: Seat,
    candidates: int,
    passed_over: tuple[PassedOver, ...],
    now: datetime,
) -> Match:
    idle, waited = now - seat.agent.idle_since, now - place.contact.queued_at
    why = Decision(POLICY, VERSION, rule, candidates, idle, waited, passed_over)
    return Match(place, seat, why)


def _rank(head: tuple[Rank, Crew] | tuple[Rank, Group]) -> Rank:
    return head[0]


def _lack(requirements: Requirements, crew: Crew) -> str:
    unmet = next(one for one in requirements if not one.met_by(crew.skills))
    return f"lacks {unmet}"


def _ready_but_shunned(place: Place, seats: Seats) -> list[AgentId]:
    """The agents who could take the contact if they were not backing off from it."""
    shunned = (seats.get(agent_id) for agent_id in place.shunned)
    return [
        seat.agent.id
        for seat in shunned
        if seat is not None
        and seat.agent.state is AgentState.READY
        and seat.crew in place.group.crews
    ]
