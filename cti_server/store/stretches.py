"""The stretches of a report: equal parts of the local day, days, or the whole of it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, ColumnElement, case, cast, literal

from .moments import epoch

LENGTHS = {
    "15m": timedelta(minutes=15),
    "30m": timedelta(minutes=30),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
}
"""Beside "all"."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Stretches:
    """From ``since`` to ``until`` (exclusive) in parts of ``length``, one of :data:`LENGTHS`."""

    since: datetime
    until: datetime
    zone: str
    length: str = "all"

    def number(self, moment: Any) -> ColumnElement[int]:
        """Of the stretch in which a column's moment is, for :meth:`begin`."""
        if self.length == "all":
            span = literal(_seconds(self.until - self.since) + 1, BigInteger)
            begin = literal(_seconds(self.since - _EPOCH), BigInteger)
            return (epoch(moment) - begin) // span
        seconds = _seconds(LENGTHS[self.length])
        (_, first), *others = self._shifts()
        shift: Any = first
        if others:
            whens = [(epoch(moment) >= begin, amount) for begin, amount in reversed(others)]
            shift = cast(case(*whens, else_=first), BigInteger)
        number: ColumnElement[int] = (epoch(moment) + shift) // literal(seconds, BigInteger)
        return number

    def begin(self, number: int) -> datetime:
        """The first moment of the stretch, in the zone."""
        zone = ZoneInfo(self.zone)
        if self.length == "all":
            return self.since.astimezone(zone)
        length = LENGTHS[self.length]
        local = (_EPOCH + number * length).replace(tzinfo=None)
        if self.length == "day":
            return local.replace(tzinfo=zone)
        for begin, shift in reversed(self._shifts()):
            moment = _EPOCH + number * length - timedelta(seconds=shift)
            if moment >= _EPOCH + timedelta(seconds=begin):
                break
        return moment.astimezone(zone)

    def _shifts(self) -> list[tuple[int, int]]:
        """
        From which second on how much is added to UTC, so that stretches begin as local ones do.

        Parts of an hour need only what the zone is off by beside whole parts: an hour that comes
        twice, when summer time ends, is two hours.
        """
        length = _seconds(LENGTHS[self.length])
        found: list[tuple[int, int]] = []
        moment = self.since
        while moment < self.until:
            shift = self._offset(moment)
            if self.length != "day":
                shift %= length
            if not found or found[-1][1] != shift:
                found.append((self._change(moment, shift, length) if found else 0, shift))
            moment += timedelta(hours=6)
        return found or [(0, 0)]

    def _change(self, moment: datetime, shift: int, length: int) -> int:
        """When in the six hours before that moment the clocks changed: the first second of it."""
        low, high = moment - timedelta(hours=6), moment
        while high - low > timedelta(seconds=1):
            middle = low + (high - low) / 2
            offset = self._offset(middle)
            if (offset if self.length == "day" else offset % length) == shift:
                high = middle
            else:
                low = middle
        return round((high - _EPOCH).total_seconds())

    def _offset(self, moment: datetime) -> int:
        offset = moment.astimezone(ZoneInfo(self.zone)).utcoffset()
        return 0 if offset is None else _seconds(offset)


def _seconds(length: timedelta) -> int:
    return int(length.total_seconds())
