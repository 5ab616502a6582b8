"""The intervals of a report: parts of the local day, days, weeks, months, all of it. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

PARTS_OF_A_DAY = {
    "15m": timedelta(minutes=15),
    "30m": timedelta(minutes=30),
    "hour": timedelta(hours=1),
}
INTERVALS = (*PARTS_OF_A_DAY, "day", "week", "month", "all")


@dataclass(frozen=True, slots=True)
class Span:
    """Whole days, ``until`` the last one, in intervals ``by`` one of :data:`INTERVALS`."""

    since: date
    until: date
    zone: ZoneInfo
    by: str = "all"

    @property
    def begin(self) -> datetime:
        return self._midnight(self.since)

    @property
    def end(self) -> datetime:
        """Exclusive."""
        return self._midnight(self.until + timedelta(days=1))

    def intervals(self) -> Iterator[tuple[datetime, datetime]]:
        """
        Each with its first moment and its end, exclusive.

        Weeks begin on Mondays (ISO 8601); the first and the last one end with the span. A day on
        which clocks are set back has an hour more.
        """
        if self.by == "all":
            yield self.begin, self.end
            return
        day = self.since
        while day <= self.until:
            next_day = min(self._after(day), self.until + timedelta(days=1))
            yield from self._parts(self._midnight(day), self._midnight(next_day))
            day = next_day

    def _after(self, day: date) -> date:
        if self.by == "week":
            return day + timedelta(days=7 - day.weekday())
        if self.by == "month":
            return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
        return day + timedelta(days=1)

    def _parts(self, begin: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        if (length := PARTS_OF_A_DAY.get(self.by)) is None:
            yield begin, end
            return
        at, last = begin.astimezone(UTC), end.astimezone(UTC)
        while at < last:
            next_at = min(at + length, last)
            yield at.astimezone(self.zone), next_at.astimezone(self.zone)
            at = next_at

    def _midnight(self, day: date) -> datetime:
        """The first moment of the day, also where clocks are set at midnight."""
        moment = datetime.combine(day, time(), self.zone).astimezone(UTC)
        return moment.astimezone(self.zone)
