"""When which timer is due: one heap for all transactions and sessions of a user agent."""

import heapq
import math
from collections.abc import Callable
from typing import Protocol


class Timed(Protocol):
    """Something with a deadline. ``due`` belongs to :class:`Deadlines`."""

    due: float | None

    def handle_timer(self, now: float) -> None: ...


class Deadlines:
    """
    A heap with lazy deletion: to move a deadline is to push it once more.

    Nearly all timers are stopped long before they are due, so stopping must cost nothing: the
    stale entry is dropped when it comes to the top. ``len()`` counts the live deadlines.
    """

    COARSE = 4.0  # lingering transactions are reaped in batches, this many a second

    def __init__(self, wake_by: Callable[[float], None] = lambda deadline: None) -> None:
        """``wake_by`` hears of each deadline that became the earliest."""
        self._wake_by = wake_by
        self._heap: list[tuple[float, int, Timed]] = []
        self._pushed = 0
        self._live = 0

    def __len__(self) -> int:
        return self._live

    @property
    def next(self) -> float | None:
        """The earliest live deadline."""
        heap = self._heap
        while heap and heap[0][2].due != heap[0][0]:
            heapq.heappop(heap)
        return heap[0][0] if heap else None

    def set(self, timed: Timed, deadline: float | None, *, coarse: bool = False) -> None:
        """Move or stop (None) a timer. A coarse one may be up to 1/COARSE seconds late."""
        if coarse and deadline is not None:
            deadline = math.ceil(deadline * self.COARSE) / self.COARSE
        if timed.due == deadline:
            return
        self._live += (deadline is not None) - (timed.due is not None)
        timed.due = deadline
        if deadline is not None:
            self._pushed += 1
            heapq.heappush(self._heap, (deadline, self._pushed, timed))
            if self._heap[0][2] is timed:
                self._wake_by(deadline)

    def run_due(self, now: float) -> None:
        """Let everything that is due by now handle its timer."""
        while (timed := self.pop_due(now)) is not None:
            timed.handle_timer(now)

    def pop_due(self, now: float) -> Timed | None:
        """Take the earliest timer that is due by now, stopped; None if there is none."""
        at = self.next
        if at is None or at > now:
            return None
        timed = heapq.heappop(self._heap)[2]
        timed.due = None
        self._live -= 1
        return timed


class Alarm:
    """One deadline of something that has several."""

    __slots__ = ("_callback", "_deadlines", "due")

    def __init__(self, deadlines: Deadlines, callback: Callable[[float], None]) -> None:
        self._deadlines = deadlines
        self._callback = callback
        self.due: float | None = None

    def set(self, deadline: float | None) -> None:
        self._deadlines.set(self, deadline)

    def handle_timer(self, now: float) -> None:
        self._callback(now)
