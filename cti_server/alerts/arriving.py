"""
How many arrive at each queue and at each of our numbers, minute by minute.

They are counted in memory. What was before the first minute that this process counted the records
say, which are the centre's and not the process's: who is in none of them did not arrive.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Set
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from cti_server.live.snapshot import Snapshot
from cti_server.store.arrivals import arrived_by_minute
from cti_server.store.database import Database
from cti_server.wire.events import CallArrived

from .surge import WINDOWS, Arrivals

BUDGET: Final = 10.0  # seconds of the database
STORED_WITHIN: Final = 10.0  # seconds
MOST_NUMBERS: Final = 1000
"""Of ours that are watched: a trunk may lead whole blocks here, and who dials chooses."""

Key = tuple[str, str]
"""A queue or a number: "queue" or "number", and its name."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class _Begin:
    """The first look: its minute, and up to when it counted."""

    minute: int
    numbers_until: datetime
    queues_until: datetime


class Arriving:
    """``figures``: the live figures of the moment; ``stored``: until the records have all."""

    def __init__(
        self,
        figures: Callable[[], Snapshot],
        database: Database,
        stored: Callable[[], Awaitable[None]],
    ) -> None:
        self._figures = figures
        self._database = database
        self._stored = stored
        self._called = Counter[str]()  # our numbers
        self._arrivals: dict[Key, Arrivals] = {}
        self._begin: _Begin | None = None
        self._known_since = 0  # a minute
        self._recalled = False

    def call(self, arrived: CallArrived) -> None:
        if self.watch(arrived.dialled_number):
            self._called[arrived.dialled_number] += 1

    def watch(self, number: str) -> bool:
        """Count it, also while nobody calls it; whether there is room for one more."""
        if number not in self._called and len(self._called) >= MOST_NUMBERS:
            return False
        self._called.setdefault(number, 0)
        return True

    @property
    def known(self) -> Set[Key]:
        """Everything that is, or was, arrived at."""
        return self._arrivals.keys()

    def counts(self, now: datetime) -> Iterator[tuple[Key, dict[int, int]]]:
        """Of each, in each window up to this minute that is known whole."""
        minute = _minute_of(now)
        for key, arrivals in self._arrivals.items():
            yield key, arrivals.counts(minute)

    def count(self, now: datetime) -> Set[Key]:
        """Count this minute; everything that there is. Raises FiguresNotReady."""
        minute, figures = _minute_of(now), self._figures()
        if self._begin is None:
            self._begin = _Begin(minute, numbers_until=now, queues_until=figures.at)
            self._known_since = minute
        totals: dict[Key, int] = {("number", name): n for name, n in self._called.items()}
        for name, row in figures.queues.items():
            totals["queue", name] = row["today"]["offered"]
        oldest = max(self._known_since, minute - max(WINDOWS))
        for key, total in totals.items():
            if key not in self._arrivals:  # nobody has arrived there while we looked
                self._arrivals[key] = Arrivals(nobody=range(oldest, minute))
            self._arrivals[key].note(minute, total)
        return totals.keys()

    async def recall(self, now: datetime) -> None:
        """
        Learn once what was before the first look. Raises what the database does, and QueryTooSlow.

        Until then a window is known when it has been counted whole.
        """
        begin, minute = self._begin, _minute_of(now)
        if self._recalled or begin is None:
            return
        oldest = begin.minute - max(WINDOWS)
        if minute - begin.minute < max(WINDOWS):  # after that all is counted
            async with asyncio.timeout(STORED_WITHIN):
                await self._stored()
            found = await self._database.in_slow_look(
                BUDGET,
                lambda it, _: arrived_by_minute(
                    it,
                    _EPOCH + oldest * _MINUTE,
                    numbers_until=begin.numbers_until,
                    queues_until=begin.queues_until,
                ),
            )
            for key in sorted(found, key=lambda one: -sum(found[one].values())):
                subject, name = key
                if key not in self._arrivals and subject == "number" and self.watch(name):
                    self._arrivals[key] = Arrivals(nobody=range(begin.minute, minute + 1))
            for key, arrivals in self._arrivals.items():
                arrivals.recall(found.get(key, {}))
            self._known_since = oldest
        self._recalled = True


def _minute_of(moment: datetime) -> int:
    return (moment - _EPOCH) // _MINUTE
