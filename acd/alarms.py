"""What is to happen by itself, and when."""

import enum
import heapq
from datetime import datetime
from itertools import count
from typing import NamedTuple


class Due(enum.Enum):
    OFFER_EXPIRES = "offer_expires"
    WRAP_UP_ENDS = "wrap_up_ends"
    BACKOFF_ENDS = "backoff_ends"
    REST_ENDS = "rest_ends"
    STEP_COMES = "step_comes"  # a waiting contact asks something else of agents
    KEPT_NO_LONGER = "kept_no_longer"  # for the agent whom it was to have


class Alarm(NamedTuple):
    """There is at most one of each: setting it again moves it."""

    kind: Due
    id: str  # the offer's, the agent's or the contact's
    contact_id: str = ""


class Alarms:
    """
    A heap by due time; ties in the order in which they were set.

    Cancelled entries stay in the heap until they surface or outnumber the live ones.
    """

    def __init__(self) -> None:
        self._due: dict[Alarm, tuple[datetime, int]] = {}
        self._heap: list[tuple[datetime, int, Alarm]] = []
        self._numbers = count()

    def set(self, alarm: Alarm, at: datetime) -> None:
        number = next(self._numbers)
        self._due[alarm] = (at, number)
        heapq.heappush(self._heap, (at, number, alarm))

    def cancel(self, alarm: Alarm) -> None:
        """Forget it; harmless if it was not set."""
        self._due.pop(alarm, None)
        if len(self._heap) > 64 + 2 * len(self._due):
            self._heap = [(at, number, alarm) for alarm, (at, number) in self._due.items()]
            heapq.heapify(self._heap)

    def __contains__(self, alarm: Alarm) -> bool:
        return alarm in self._due

    @property
    def deadline(self) -> datetime | None:
        self._drop_cancelled()
        return self._heap[0][0] if self._heap else None

    def pop_due(self, now: datetime) -> Alarm | None:
        """Take out the earliest alarm if its time has come."""
        self._drop_cancelled()
        if not self._heap or self._heap[0][0] > now:
            return None
        _, _, alarm = heapq.heappop(self._heap)
        del self._due[alarm]
        return alarm

    def _drop_cancelled(self) -> None:
        while self._heap and self._due.get(self._heap[0][2]) != self._heap[0][:2]:
            heapq.heappop(self._heap)

    @property
    def heap_size(self) -> int:
        """With the cancelled ones that are still in it."""
        return len(self._heap)

    def __len__(self) -> int:
        return len(self._due)
