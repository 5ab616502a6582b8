"""
What a caller is told of the time that is left. Pure.

It is four of five times enough, rounded up to what can be said, and nothing above a limit. What was
said before stands for as long as it will more likely be kept than not: it only counts down.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from acd.estimate import Estimate
from cti_server.speech.phrases import WAITS


@dataclass(frozen=True, slots=True)
class AnnouncedWait:
    minutes: int
    until: datetime | None
    """When the caller has been served if that was right; None: longer than so many minutes."""


def announced(
    estimate: Estimate, before: AnnouncedWait | None, now: datetime, limit: int
) -> AnnouncedWait:
    """What to say now, in minutes up to the limit, after what was said before."""
    seconds = estimate.p80
    if before is not None and before.until is not None:
        left = (before.until - now).total_seconds()
        if estimate.p50 <= left:
            seconds = min(seconds, left)
    minutes = next((step for step in WAITS if step * 60 >= seconds), None)
    if minutes is None or minutes > limit:
        return AnnouncedWait(limit, None)
    return AnnouncedWait(minutes, now + timedelta(minutes=minutes))
