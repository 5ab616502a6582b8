"""Wrong passwords, counted by name, so that nobody can try a dictionary."""

import math
from collections import deque
from datetime import datetime, timedelta

from .errors import TooManyFailures

FAILURES_ALLOWED = 5
FAILURES_WITHIN = timedelta(minutes=1)
NAMES_KEPT = 10_000


class FailedLogIns:
    """
    The attempts of the last minute that were not right.

    An attempt counts from the moment at which it is made: of a thousand at once, while the first
    password is still being checked, five get in. Names that nobody has count like others.
    """

    def __init__(self) -> None:
        self._attempts: dict[str, deque[datetime]] = {}  # by name, in the order of their last

    def attempt(self, name: str, now: datetime) -> None:
        """Count one, which :meth:`succeeded` takes back. Raises TooManyFailures."""
        attempts = self._attempts.pop(name, None) or deque[datetime]()
        while attempts and now - attempts[0] > FAILURES_WITHIN:
            attempts.popleft()
        refused = len(attempts) >= FAILURES_ALLOWED
        if not refused:
            attempts.append(now)
        self._attempts[name] = attempts
        self._forget(now)
        if refused:
            wait = attempts[0] + FAILURES_WITHIN - now
            raise TooManyFailures(max(1, math.ceil(wait.total_seconds())))

    def succeeded(self, name: str) -> None:
        self._attempts.pop(name, None)

    def take_back(self, name: str) -> None:
        """The last attempt was none."""
        attempts = self._attempts.get(name)
        if attempts:
            attempts.pop()

    def _forget(self, now: datetime) -> None:
        """Those whose minute is over, oldest first; beyond the bound, others too."""
        while self._attempts:
            name, attempts = next(iter(self._attempts.items()))
            over = not attempts or now - attempts[-1] > FAILURES_WITHIN
            if not over and len(self._attempts) <= NAMES_KEPT:
                return
            del self._attempts[name]
