"""The stretches of time that figures are of: the centre's day, its intervals. Pure."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

MILLISECOND = timedelta(milliseconds=1)

SLOT = 10_000
"""Milliseconds by which the last five minutes move on."""

RECENT = 300_000 // SLOT  # slots


def in_ms(moment: datetime) -> int:
    """Milliseconds since 1970, as everything here counts time."""
    return (moment - _BEGINNING) // MILLISECOND


def moment_of(ms: int) -> datetime:
    return _BEGINNING + ms * MILLISECOND


_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


class Periods(msgspec.Struct):
    """
    The present day and interval, in milliseconds since 1970; each ends before its ``…_end``.

    Intervals are counted from midnight, whatever the clocks do in between.
    """

    zone: str
    interval: int
    day: int = 0
    day_end: int = 0
    start: int = 0  # of the interval

    @property
    def end(self) -> int:
        return min(self.start + self.interval, self.day_end)

    def begin_day(self, now: int) -> None:
        """Be at the beginning of this moment's day."""
        zone = ZoneInfo(self.zone)
        local = moment_of(now).astimezone(zone)
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
        self.day = in_ms(midnight.astimezone(UTC))
        self.day_end = in_ms((midnight + timedelta(days=1)).astimezone(UTC))
        self.start = self.day
