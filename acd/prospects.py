"""What a contact's wait depends on: who goes before it, and how many agents serve them all."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from .order import Rank
from .qualification import Group
from .queues import Line, Waiting


@dataclass(frozen=True, slots=True)
class Prospect:
    """
    A contact's place at one moment.

    Another queue's contacts count as far as this one's agents are among those who serve them: of
    ten that three agents serve, two of whom serve this contact as well, 6.7.
    """

    queue: str
    position: int  # in the queue, from 1
    there: int  # agents who qualify and are logged in, ready or not
    serving: int  # of these, who are free, or busy and go on afterwards; as many as may at once
    free: int  # of these, who could have it now
    ahead: Mapping[str, float]  # by queue: who go before it
    served: Mapping[str, float]  # by queue: whom the agents are busy with


def prospect(waiting: Waiting, line: Line, group: Group, rank: Rank | None) -> Prospect:
    """Of a rank in a group of the line's contacts; None comes after everybody."""
    ahead: defaultdict[str, float] = defaultdict(float)
    served: defaultdict[str, float] = defaultdict(float)
    for other in waiting.groups:
        before = len(other.waiting) if rank is None else other.waiting.before(rank)
        if before:
            ahead[other.demand.queue] += before * _shared(other, group)
    for other_line in waiting.lines.values():
        if other_line.served:
            share = _shared(other_line.group, group)
            served[other_line.queue.name] += len(other_line.served) * share
    serving = sum(crew.serving for crew in group.crews)
    most = serving if line.queue.max_served is None else line.queue.max_served
    return Prospect(
        queue=line.queue.name,
        position=1 + (len(line.waiting) if rank is None else line.waiting.before(rank)),
        there=sum(crew.there for crew in group.crews),
        serving=min(serving, most),
        free=0 if line.at_limit else sum(crew.free for crew in group.crews),
        ahead=ahead,
        served=served,
    )


def _shared(other: Group, group: Group) -> float:
    """How many of those who serve the other group serve this one, too: from 0 to 1."""
    if other is group:
        return 1.0
    all_of_them = sum(crew.serving for crew in other.crews)
    if not all_of_them:
        return 0.0
    return sum(crew.serving for crew in other.crews if crew in group.crews) / all_of_them
