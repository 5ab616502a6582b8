"""Calls that were not let in, as the log tells it: a flood of them is one event a second."""

import asyncio
from collections import Counter
from collections.abc import Callable

from cti_server.wire.events import CallsRefused, Event

TOGETHER = 1.0  # seconds in which refusals are counted before they are told


class RefusedCalls:
    """Counts what signalling refuses, and tells the log; the first of a second begins it."""

    def __init__(self, append: Callable[[Event], object]) -> None:
        self._append = append
        self._counted: Counter[tuple[str, str]] = Counter()
        self._closed = False

    def refused(self, trunk: str, cause: str) -> None:
        """A call of this trunk or phone got a 503."""
        if self._closed:
            return
        if not self._counted:
            asyncio.get_running_loop().call_later(TOGETHER, self.tell)
        self._counted[trunk, cause] += 1

    def close(self) -> None:
        """Tell what there is; the log is about to end."""
        self.tell()
        self._closed = True

    def tell(self) -> None:
        """Log what was counted."""
        for (trunk, cause), calls in self._counted.items():
            self._append(CallsRefused(trunk=trunk, cause=cause, calls=calls))
        self._counted.clear()
