"""When which timer is due: one heap for all transactions and sessions of a user agent."""

import heapq
import math
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

    def __init__(self) -> None:
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

    @property
    def top(self) -> float | None:
        """The earliest entry, live or stale: cheap, and never later than :attr:`next`."""
        return self._heap[0][0] if self._heap else None

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

    def pop_due(self, now: float) -> Timed | None:
        """Take the earliest timer that is due by now, stopped; None if there is none."""
        at = self.next
        if at is None or at > now:
            return None
        timed = heapq.heappop(self._heap)[2]
        timed.due = None
        self._live -= 1
        return timed
