"""What becomes of an event that its target did not take. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from fax_sms_email.attempts import GiveUp, Pace, TryAgain

MOST = 12  # attempts of one event, over some seven hours
FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(hours=1)

_PACE = Pace(FIRST_WAIT, LONGEST_WAIT)


@dataclass(frozen=True, slots=True)
class Disable:
    """Nothing more is sent until somebody enables the webhook again; then this event is next."""

    reason: str


def after_failure(
    attempts: int,
    failing_since: datetime,
    now: datetime,
    *,
    gone: bool,
    disable_after: timedelta,
    chance: float,
    retry_after: timedelta | None = None,
) -> TryAgain | GiveUp | Disable:
    """
    ``attempts``: made for this event, this one included. ``gone``: the target answered 410.
    ``retry_after``: it asked to be left alone so long; it is, up to the longest wait.

    With :class:`GiveUp` the next event has its turn. ``chance``: see :class:`Pace`.
    """
    if gone:
        return Disable("the target says that it is gone (410)")
    if now - failing_since >= disable_after:
        return Disable(f"no delivery has succeeded since {failing_since:%Y-%m-%d %H:%M} UTC")
    if attempts >= MOST:
        return GiveUp()
    asked = min(retry_after or timedelta(0), LONGEST_WAIT)
    return TryAgain(now + max(_PACE.wait(attempts, chance), asked))


def retry_after_of(text: str | None, now: datetime) -> timedelta | None:
    """A ``Retry-After`` (RFC 9110 §10.2.3): seconds, or a moment; None for what is neither."""
    if text is None or not text.isascii():
        return None
    if text.isdigit():
        return timedelta(seconds=min(int(text[:18]), LONGEST_WAIT.total_seconds()))
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return max(timedelta(0), at - now) if at.tzinfo is not None else None
