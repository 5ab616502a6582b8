"""How much work is let in (RFC 3261 §21.5.4). Pure: time, open calls and lag are arguments."""

import math
from dataclasses import dataclass

SMOOTHING = 0.25  # of the loop's lag
LONGEST = 1.5  # seconds of lag that count: one hiccup is no overload, however long it was


def smoothed(before: float, lag: float) -> float:
    """The loop's lag by now, in seconds, after one more look at it."""
    return before + SMOOTHING * (min(lag, LONGEST) - before)


class TokenBucket:
    """Lets ``rate`` a second pass on average, and ``burst`` at once."""

    __slots__ = ("_burst", "_filled_at", "_rate", "_tokens")

    def __init__(self, rate: float, burst: float) -> None:
        self._rate = rate
        self._burst = burst
        self._tokens = burst
        self._filled_at: float | None = None

    def take(self, now: float) -> bool:
        """Whether one more may pass now."""
        if self._filled_at is not None:
            gained = max(0.0, now - self._filled_at) * self._rate
            self._tokens = min(self._burst, self._tokens + gained)
        self._filled_at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    def seconds_to_next(self) -> float:
        """How long after the last :meth:`take` the next one can pass."""
        return max(0.0, 1 - self._tokens) / self._rate


@dataclass(frozen=True, slots=True)
class OverloadLimits:
    """What a server may be asked to do."""

    calls_per_second: float = 200.0
    burst: float = 400.0
    open_calls: int = 5000
    """Calls that came in; those that they lead to (an agent's leg) do not count."""
    loop_lag: float = 0.5  # seconds that the event loop runs behind
    retry_after: int = 5  # seconds


class Overload:
    """Decides on each new call; what it refuses gets a 503 with Retry-After."""

    def __init__(self, limits: OverloadLimits = OverloadLimits()) -> None:
        self._limits = limits
        self._calls = TokenBucket(limits.calls_per_second, limits.burst)
        self.refused = 0

    def alike(self) -> "Overload":
        """Another one of the same limits, to which nothing has come yet."""
        return Overload(self._limits)

    def admit(self, now: float, *, open_calls: int, loop_lag: float) -> int | None:
        """None: the call may come in. Else the seconds after which to try again."""
        limits = self._limits
        if open_calls >= limits.open_calls or loop_lag >= limits.loop_lag:
            self.refused += 1
            return limits.retry_after
        if not self._calls.take(now):
            self.refused += 1
            return max(1, math.ceil(self._calls.seconds_to_next()))
        return None
