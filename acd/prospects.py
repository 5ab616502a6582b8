"""What a contact's wait depends on: who goes before it, and how many agents serve them all."""

from collections.abc import Mapping
from dataclasses import dataclass

from .order import Rank
from .qualification import Group
from .queues import Line, Waiting
from .seats import Seats


@dataclass(frozen=True, slots=True)
class Prospect:
    """
    A contact's place at one moment.

    Another queue's contacts count as far as this one's agents are among those who serve that queue:
    of ten that three agents serve, two of whom serve this contact as well, 6.7. What some of them
    ask for besides is left out: groups may be thousands, and this is asked whenever somebody waits.
    """

    queue: str
    position: int  # in the queue, from 1
    there: int  # agents who qualify and are logged in, ready or not
    serving: int  # of these, who are free, or busy and go on afterwards; as many as may at once
    free: int  # of these, who could have it now
    ahead: Mapping[str, float]  # by queue: who go before it
    served: Mapping[str, float]  # by queue: whom the agents are busy with


def prospect(
    waiting: Waiting, seats: Seats, line: Line, group: Group, rank: Rank | None
) -> Prospect:
    """Of a rank in a group of the line's contacts; None comes after everybody."""
    ahead: dict[str, float] = {}
    served: dict[str, float] = {}
    strength, share_of = seats.strengths.of(group), seats.strengths.share
    for other in waiting.lines.values():
        share = strength.shares.get(other.group)
        if share is None:
            share = share_of(other.group, group)
        if not share:
            continue
        if other.served:
            served[other.queue.name] = len(other.served) * share
        before = (other.waiting.before(rank) - other.kept.before(rank)) * share
        if other is line and share < 1.0:  # whoever asks for the same has the same agents
            before += group.waiting.before(rank) * (1.0 - share)
        if before:
            ahead[other.queue.name] = before
    serving, most = strength.serving, line.queue.max_served
    return Prospect(
        queue=line.queue.name,
        position=1 + line.waiting.before(rank),
        there=strength.there,
        serving=serving if most is None else min(serving, most),
        free=0 if line.at_limit else seats.ready_for(group),
        ahead=ahead,
        served=served,
    )
