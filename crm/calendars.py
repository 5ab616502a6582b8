"""
When somebody works: opening hours by weekday, holidays and exceptions, in a time zone. Pure.

Hours are what the clock on the wall shows. So an hour that daylight saving time skips is not
worked, and one that it repeats is worked twice; how long that is, is real time.
"""

import zoneinfo
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from .labels import Labels

HORIZON = timedelta(days=3660)
"""How far a moment is looked for: a calendar that is not open in ten years never opens."""

ALWAYS = timedelta(days=8)
"""What is open for more than a week has no hours."""

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
_NONE = timedelta(0)


def _since_midnight(text: str) -> timedelta:
    return timedelta(hours=int(text[:2]), minutes=int(text[3:]))


def _in_order(spans: "tuple[Span, ...]") -> "tuple[Span, ...]":
    last = -_SECOND
    for opens, closes in spans:
        if _since_midnight(opens) >= _since_midnight(closes):
            raise ValueError(f"{opens} is not before {closes}; past midnight is the next day's")
        if _since_midnight(opens) <= last:
            raise ValueError(f"{opens}: spans must be in order, with a gap between them")
        last = _since_midnight(closes)
    return spans


def _known_zone(name: str) -> str:
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("no such time zone") from error
    return name


WallTime = Annotated[str, Field(pattern=r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$", max_length=5)]
Span = tuple[WallTime, WallTime]
"""From when to when, as "09:00" and "18:00"; the end is not part of it."""

Spans = Annotated[tuple[Span, ...], Field(max_length=12), AfterValidator(_in_order)]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Holiday(BaseModel):
    """A day without work."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    date: date
    labels: Labels


class Override(BaseModel):
    """The hours of one day, whatever weekday or holiday it is: a Saturday made up for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    date: date
    hours: Spans


class Hours(BaseModel):
    """A calendar of opening hours, as it is written."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    labels: Labels
    time_zone: Annotated[str, Field(min_length=1, max_length=64), AfterValidator(_known_zone)]
    week: Mapping[Weekday, Spans] = Field(description="Spans by weekday; closed on others.")
    holidays: tuple[Holiday, ...] = Field(default=(), max_length=2000)
    overrides: tuple[Override, ...] = Field(default=(), max_length=2000)


class Calendar:
    """Calculates with a calendar's hours. All moments are aware; answers are UTC."""

    def __init__(self, hours: Hours) -> None:
        self._zone = zoneinfo.ZoneInfo(hours.time_zone)
        self._week = [_spans(hours.week.get(day, ())) for day in WEEKDAYS]
        self._days: dict[date, list[tuple[timedelta, timedelta]]] = {
            holiday.date: [] for holiday in hours.holidays
        }
        self._days |= {one.date: _spans(one.hours) for one in hours.overrides}

    def is_open(self, at: datetime) -> bool:
        local = at.astimezone(self._zone).replace(tzinfo=None)
        since_midnight = local - datetime.combine(local.date(), time())
        return any(opens <= since_midnight < closes for opens, closes in self._of(local.date()))

    def week_of(self, at: datetime) -> str:
        """The ISO week there, as "2026-W47"."""
        year, week, _ = at.astimezone(self._zone).isocalendar()
        return f"{year}-W{week:02}"

    def between(self, start: datetime, end: datetime) -> timedelta:
        """How much of the time between is open; zero if the end is not after the start."""
        return sum((until - since for since, until in self._open(start, end)), _NONE)

    def after(self, start: datetime, work: timedelta) -> datetime | None:
        """
        When this much open time has passed since the start; at once if it is none.

        None if that is not within :data:`HORIZON`.
        """
        if work <= _NONE:
            return start.astimezone(UTC)
        for since, until in self._open(start, start + HORIZON):
            if until - since >= work:
                return since + work
            work -= until - since
        return None

    def opens(self, at: datetime) -> datetime | None:
        """The first open moment from then on; None if there is none within :data:`HORIZON`."""
        return next((since for since, _ in self._open(at, at + HORIZON)), None)

    def closes(self, at: datetime) -> datetime | None:
        """
        When it closes that is open then (``at`` itself if it is not).

        None if it stays open for as long as :data:`ALWAYS`.
        """
        end = at.astimezone(UTC)
        for since, until in self._open(at, at + ALWAYS):
            if since > end:
                return end
            end = until
        return end if end < at + ALWAYS else None

    def _open(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        """What is open between two moments: spans in order, in UTC."""
        for since, until in self._with_one_offset(start.astimezone(UTC), end.astimezone(UTC)):
            offset = self._offset(since)
            wall_since, wall_until = _wall(since + offset), _wall(until + offset)
            day = datetime.combine(wall_since, time())
            while day < wall_until:
                for opens, closes in self._of(day.date()):
                    first, last = max(day + opens, wall_since), min(day + closes, wall_until)
                    if first < last:
                        yield _utc(first - offset), _utc(last - offset)
                day += _DAY

    def _with_one_offset(
        self, start: datetime, end: datetime
    ) -> Iterator[tuple[datetime, datetime]]:
        """The same time in pieces of a day at most, in each of which no clock is changed."""
        while start < end:
            until = min(start + _DAY, end)
            if self._offset(until) != self._offset(start):
                until = min(until, self._next_change(start, until))
            yield start, until
            start = until

    def _next_change(self, before: datetime, after: datetime) -> datetime:
        """When the offset changes between two moments that differ in it, to the second."""
        offset = self._offset(before)
        low, high = before.replace(microsecond=0), after.replace(microsecond=0) + _SECOND
        while high - low > _SECOND:
            middle = low + (high - low) // (2 * _SECOND) * _SECOND
            if self._offset(middle) == offset:
                low = middle
            else:
                high = middle
        return high

    def _offset(self, at: datetime) -> timedelta:
        return at.astimezone(self._zone).utcoffset() or _NONE

    def _of(self, day: date) -> list[tuple[timedelta, timedelta]]:
        special = self._days.get(day)
        return self._week[day.weekday()] if special is None else special


def _spans(spans: Spans) -> list[tuple[timedelta, timedelta]]:
    return [(_since_midnight(opens), _since_midnight(closes)) for opens, closes in spans]


def _wall(moment: datetime) -> datetime:
    return moment.replace(tzinfo=None)


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC)
