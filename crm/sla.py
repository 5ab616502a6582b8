"""
How long a ticket has taken, counted in opening hours, and when its time is up. Pure.

A clock is never counted on: it is read anew from all the moments at which the ticket changed its
state. So a change of the calendar, or of a state's moment, has the same answer as if it had always
been so. A re-opened ticket's clock goes on where it stood: what was taken to be a solution and was
none does not give more time.
"""

import enum
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from .calendars import Calendar


class Pace(enum.StrEnum):
    """What a state of a ticket does to its clocks."""

    RUNS = "runs"
    PAUSED = "paused"  # somebody else has to move: the customer, a supplier
    STOPPED = "stopped"  # it is solved


@dataclass(frozen=True, slots=True)
class Turn:
    """From this moment on the clocks go like this."""

    at: datetime
    pace: Pace


@dataclass(frozen=True, slots=True)
class Reading:
    """
    What a clock shows.

    ``due_at``: when the target was used up, or will be if it goes on as now; None while it stands
    still before that. ``met_at``: when what it waits for was there.
    """

    spent: timedelta
    due_at: datetime | None
    met_at: datetime | None
    breached: bool


def read(
    turns: Sequence[Turn],
    target: timedelta,
    calendar: Calendar,
    now: datetime,
    *,
    met_at: datetime | None,
) -> Reading:
    """What a clock of this target shows. What came after ``met_at`` does not count."""
    end = met_at or now
    spent = sum(
        (calendar.between(since, until or end) for since, until in _runs(turns, met_at)),
        timedelta(0),
    )
    due_at = reached(turns, target, calendar, met_at=met_at)
    breached = due_at is not None and (met_at > due_at if met_at is not None else now >= due_at)
    return Reading(spent=spent, due_at=due_at, met_at=met_at, breached=breached)


def reached(
    turns: Sequence[Turn], work: timedelta, calendar: Calendar, *, met_at: datetime | None
) -> datetime | None:
    """When so much was spent, or will be if it goes on as now; None if it stands still."""
    for since, until in _runs(turns, met_at):
        spent = calendar.between(since, until) if until is not None else None
        if spent is None or spent >= work:
            return calendar.after(since, work)
        work -= spent
    return None


def solved_at(turns: Iterable[Turn]) -> datetime | None:
    """When the ticket came to rest; None while it has not."""
    at = None
    for turn in turns:
        if turn.pace is not Pace.STOPPED:
            at = None
        elif at is None:
            at = turn.at
    return at


def _runs(
    turns: Sequence[Turn], end: datetime | None
) -> Iterator[tuple[datetime, datetime | None]]:
    """From when until when it ran; until None if it still does."""
    ends = [turn.at for turn in turns[1:]]
    for turn, until in zip(turns, [*ends, None], strict=False):
        if turn.pace is not Pace.RUNS or (end is not None and turn.at >= end):
            continue
        if end is not None:
            until = end if until is None else min(until, end)
        yield turn.at, until


@dataclass(frozen=True, slots=True)
class Alarm:
    """Step ``index`` of an escalation is to be taken at this moment."""

    at: datetime
    index: int


def alarms(
    percents: Sequence[tuple[int, int]],
    turns: Sequence[Turn],
    target: timedelta,
    calendar: Calendar,
    *,
    met_at: datetime | None,
) -> list[Alarm]:
    """
    When the steps of these (index, percent) come, in their order; those that never do are left out.

    None of what has met its target comes later than that.
    """
    found = []
    for index, percent in percents:
        at = reached(turns, target * percent / 100, calendar, met_at=met_at)
        if at is not None and (met_at is None or at < met_at):
            found.append(Alarm(at, index))
    return sorted(found, key=lambda alarm: (alarm.at, alarm.index))
