"""What is worth telling, but not every time."""

from collections.abc import Hashable
from datetime import datetime, timedelta

KEPT = 10_000


class Seldom:
    """Lets each key through once in a while; bounded, so that strangers cannot fill it."""

    def __init__(self, every: timedelta) -> None:
        self._every = every
        self._told: dict[Hashable, datetime] = {}  # when last, the oldest first

    def due(self, key: Hashable, now: datetime) -> bool:
        """Whether to tell of it; the next time is then so much later."""
        told = self._told.get(key)
        if told is not None and now - told < self._every:
            return False
        self._told.pop(key, None)
        self._told[key] = now
        if len(self._told) > KEPT:
            del self._told[next(iter(self._told))]
        return True
