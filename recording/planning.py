"""
How large the disks have to be: from seats and calls to gigabytes a day, with the arithmetic. Pure.

The bytes are those that the archive writes: a WAV file of G.711, or Ogg Opus, sealed, in whole
blocks. Opus has its full rate here: what both say at once, without a pause.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from .capture import SAMPLE_RATE
from .sealing import sealed_size

GB = 1_000_000_000
_BLOCK = 4096  # bytes in which a disk gives space
_ID = "0" * 32  # as long as a recording's id

CODECS: Mapping[str, int] = {
    "g711-stereo": 2 * SAMPLE_RATE,
    "g711-mono": SAMPLE_RATE,
    "opus-stereo": 2 * 2000,
    "opus-mono": 2000,
}
"""Bytes a second of sound."""
_HEADERS: Mapping[str, int] = {"g711": 58, "opus": 100}
"""Bytes of a file before its sound, by the beginning of its codec's name."""


class PlanRefused(ValueError):
    """There is no such centre; ``field`` is what is wrong, the message says why."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """``calls_per_hour``: of one seat; ``talk``: seconds of a call; ``recorded``: per cent."""

    seats: int
    calls_per_hour: float
    talk: float
    hours: float
    recorded: float = 100.0

    def check(self) -> None:
        """Raises PlanRefused."""
        for field, lowest, highest in (
            ("seats", 1, 100_000),
            ("calls_per_hour", 0.01, 3600),
            ("talk", 1, 24 * 3600),
            ("hours", 0.1, 24),
            ("recorded", 0, 100),
        ):
            if not lowest <= getattr(self, field) <= highest:
                raise PlanRefused(field, f"must be from {lowest:g} to {highest:g}")
        if self.calls_per_hour * self.talk > 3600:
            busy = f"{self.calls_per_hour:g} calls of {self.talk:g} s are more than an hour"
            raise PlanRefused("calls_per_hour", f"{busy}: a seat talks to one customer at a time")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """
    What one codec needs. ``at_once``: recordings under way; ``spool_mbit``: what these write;
    ``copy_mbit``: what each further store is sent, if it is to keep up with the hour.
    """

    codec: str
    bytes_a_minute: int
    bytes_a_call: int
    calls_a_day: float
    gb_a_day: float
    at_once: float
    spool_mbit: float
    copy_mbit: float
    gb_kept: float | None
    days_until_full: float | None
    arithmetic: tuple[str, ...]


def plan(
    traffic: Traffic, codec: str, *, keep_days: int | None = None, free: int | None = None
) -> Plan:
    """
    ``keep_days``: how long each is kept; ``free``: bytes of the first store's disk.

    Raises PlanRefused.
    """
    traffic.check()
    if codec not in CODECS:
        raise PlanRefused("codec", f"must be one of {', '.join(CODECS)}")
    rate, header = CODECS[codec], _HEADERS[codec.partition("-")[0]]
    sound = header + round(traffic.talk * rate)
    of_call = -(-sealed_size(sound, _ID) // _BLOCK) * _BLOCK
    an_hour = traffic.seats * traffic.calls_per_hour * traffic.recorded / 100
    a_day = an_hour * traffic.hours
    at_once = an_hour * traffic.talk / 3600
    day = a_day * of_call
    kept = None if keep_days is None else keep_days * day / GB
    full = None if free is None or not day else free / day
    spool_mbit = at_once * 2 * SAMPLE_RATE * 8 / 1e6
    copy_mbit = an_hour * of_call * 8 / 3600 / 1e6
    told = [
        f"a minute: 60 s x {rate} bytes = {60 * rate} bytes",
        f"a call: {traffic.talk:g} s x {rate} bytes + {header} of the file's header, "
        f"sealed, in blocks of {_BLOCK} = {of_call} bytes",
        f"calls a day: {traffic.seats} seats x {traffic.calls_per_hour:g} an hour x "
        f"{traffic.hours:g} hours x {traffic.recorded:g} % = {a_day:g}",
        f"a day: {a_day:g} x {of_call} bytes = {day / GB:.3f} GB",
        f"at once: {an_hour:g} an hour x {traffic.talk:g} s / 3600 s = {at_once:.1f} recordings",
        f"written while they talk: {at_once:.1f} x 2 x {SAMPLE_RATE} bytes a second = "
        f"{spool_mbit:.2f} Mbit/s, to the spool",
        f"copied: {an_hour:g} x {of_call} bytes / 3600 s = {copy_mbit:.2f} Mbit/s, to each store",
    ]
    if kept is not None:
        told.append(f"kept: {keep_days} days x {day / GB:.3f} GB = {kept:.1f} GB, in each store")
    if full is not None and free is not None:
        told.append(f"full: {free / GB:.1f} GB free / {day / GB:.3f} GB = {full:.1f} days")
    return Plan(
        codec=codec,
        bytes_a_minute=60 * rate,
        bytes_a_call=of_call,
        calls_a_day=a_day,
        gb_a_day=day / GB,
        at_once=at_once,
        spool_mbit=spool_mbit,
        copy_mbit=copy_mbit,
        gb_kept=kept,
        days_until_full=full,
        arithmetic=tuple(told),
    )
