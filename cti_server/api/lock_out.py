"""Wrong passwords, counted by name, so that nobody can try a dictionary."""

import math
from collections import deque
from datetime import datetime, timedelta

from .errors import TooManyFailures

LIMITS = ((5, timedelta(minutes=1)), (30, timedelta(hours=1)))
"""Failures allowed within so long; NIST SP 800-63B §3.2.2 asks for a limit, 720 a day is ours."""
FAILURES_KEPT = max(allowed for allowed, _ in LIMITS)
FORGOTTEN_AFTER = max(within for _, within in LIMITS)
NAMES_KEPT = 10_000


class FailedLogIns:
    """
    The attempts of the last hour that were not right.

    An attempt counts from the moment at which it is made: of a thousand at once, while the first
    password is still being checked, five get in. Names that nobody has count like others.
    """

    def __init__(self) -> None:
        self._attempts: dict[str, deque[datetime]] = {}  # by name, in the order of their last
        self._locked: set[str] = set()  # names of which the last attempt was refused

    def attempt(self, name: str, now: datetime) -> None:
        """Count one, which :meth:`succeeded` takes back. Raises TooManyFailures."""
        attempts = self._attempts.pop(name, None) or deque[datetime](maxlen=FAILURES_KEPT)
        wait = _wait(attempts, now)
        if not wait:
            attempts.append(now)
            self._locked.discard(name)
        self._attempts[name] = attempts
        self._forget(now)
        if wait:
            first = name not in self._locked
            self._locked.add(name)
            raise TooManyFailures(max(1, math.ceil(wait.total_seconds())), first=first)

    def succeeded(self, name: str) -> None:
        """Also for a new password, which nobody has guessed at yet."""
        self._attempts.pop(name, None)
        self._locked.discard(name)

    def take_back(self, name: str) -> None:
        """The last attempt was none."""
        attempts = self._attempts.get(name)
        if attempts:
            attempts.pop()

    def _forget(self, now: datetime) -> None:
        """Those whose hour is over, oldest first; beyond the bound, others too."""
        while self._attempts:
            name, attempts = next(iter(self._attempts.items()))
            over = not attempts or now - attempts[-1] > FORGOTTEN_AFTER
            if not over and len(self._attempts) <= NAMES_KEPT:
                return
            del self._attempts[name]
            self._locked.discard(name)


def _wait(attempts: deque[datetime], now: datetime) -> timedelta:
    """Until one more is allowed; zero if it is now."""
    longest = timedelta()
    for allowed, within in LIMITS:
        if len(attempts) >= allowed:
            longest = max(longest, attempts[-allowed] + within - now)
    return longest
