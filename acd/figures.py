"""Numbers of the moment, for people and for leak checks."""

from dataclasses import dataclass
from datetime import datetime

from .alarms import Alarms
from .offers import Offers
from .queues import Line, Waiting
from .seats import Seats


@dataclass(frozen=True, slots=True)
class QueueFigures:
    """One queue now. Ages are moments: whoever shows them counts from there."""

    queue: str
    title: str
    waiting: int  # in line
    offered: int  # ringing at an agent, not yet answered
    longest_wait_since: datetime | None  # of all who wait or are offered
    ready: int  # agents who could have one of its calls now
    talking: int  # interactions of this queue going on


@dataclass(frozen=True, slots=True)
class Census:
    """How much the router holds; all but the agents is 0 when nothing goes on."""

    agents: int
    waiting: int
    offered: int
    served: int
    alarms: int


def queue_figures(line: Line, seats: Seats) -> QueueFigures:
    return QueueFigures(
        queue=line.queue.name,
        title=line.queue.title or line.queue.name,
        waiting=len(line.waiting),
        offered=len(line.unserved) - len(line.waiting),
        longest_wait_since=line.unserved.first[0] if line.unserved else None,
        ready=seats.ready_for(line.group),
        talking=len(line.served),
    )


def census(seats: Seats, waiting: Waiting, offers: Offers, alarms: Alarms) -> Census:
    return Census(
        agents=len(seats),
        waiting=len(waiting.places) + len(offers.direct) - len(offers.ringing),
        offered=len(offers.ringing),
        served=len(offers.served),
        alarms=len(alarms),
    )
