"""
How long which kind of data is kept: what the classes are, and their limits.

Pure. A centre decides in days; a class has the fewest days below which something else would break,
and a reason for them. What is gone after that stays counted: rows keep their place, without what
they say of people.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from .errors import InvalidField

LONGEST = 36_525  # days: a hundred years


@dataclass(frozen=True, slots=True)
class DataClass:
    """``days``: what a new centre begins with, None for good; ``because``: why not less."""

    name: str
    days: int | None
    minimum: int
    because: str


_SIX_MONTHS = "logs of who did what are kept for six months (网络安全法 §21)"

CLASSES: Mapping[str, DataClass] = {
    each.name: each
    for each in (
        DataClass("recordings", 365, 1, "a recording is archived and judged first"),
        DataClass("contacts", 730, 30, "reports and call-backs of a month need them"),
        DataClass("call_backs", 90, 30, "a call-back belongs to its contact"),
        DataClass("events", 400, 30, "feeds and webhooks that were away catch up from them"),
        DataClass("timeline_events", 730, 30, "what other systems told is shown with contacts"),
        DataClass("tickets", 1095, 30, "closed ones can be opened again"),
        DataClass("tasks", 365, 30, "ended ones are shown in calendars"),
        DataClass("orders", 1095, 30, "other systems report on them, and goods come back"),
        DataClass("reservations", 365, 7, "who came is settled first"),
        DataClass("leads", 730, 30, "who is interested is followed up first"),
        DataClass("reviews", 1095, 30, "what is said against one is settled first"),
        DataClass("recording_approvals", 400, 180, _SIX_MONTHS),
        DataClass("sessions", 400, 180, _SIX_MONTHS),
        DataClass("imports", 30, 1, "a file is read again after a fault"),
        DataClass("dead_letters", 30, 1, "they are looked at and sent again"),
    )
}
"""In the order in which they are done."""

FIXED: Mapping[str, str] = {
    "idempotent_answers": "a day, by the protocol of the Idempotency-Key",
    "audit": "for good: each entry is chained to the one before it",
    "journal": "until the database has it, and the four newest files",
}
"""What is kept for as long as it has to be, which nobody edits."""


def check(name: str, days: int | None) -> None:
    """Raises InvalidField."""
    lowest = CLASSES[name].minimum
    if days is not None and not lowest <= days <= LONGEST:
        raise InvalidField("days", f"{lowest} to {LONGEST}: {CLASSES[name].because}")


def cutoff(now: datetime, days: int) -> datetime:
    """What is from before this is kept no longer."""
    return now - timedelta(days=days)


def next_run(last: datetime, hour: int, zone: str) -> datetime:
    """The first quiet hour after the last run began; one that was missed is due at once."""
    local = last.astimezone(ZoneInfo(zone))
    at = datetime.combine(local.date(), time(hour), ZoneInfo(zone))
    if at.astimezone(UTC) <= last:
        at += timedelta(days=1)  # of the wall clock: the hour stays when clocks are set
    return at.astimezone(UTC)


def in_quiet_hour(now: datetime, hour: int, zone: str) -> bool:
    return now.astimezone(ZoneInfo(zone)).hour == hour
