"""
Quarters are counted when they are over, the newest first; of a past that nobody counted yet, too.

What is stored of a quarter is what its records said two minutes after its end, once all that had
been logged by then was in the database. It stays when the records go.
"""

import asyncio
import time
from datetime import datetime, timedelta

from sqlalchemy import Connection

from cti_server.clock import Clock
from cti_server.store.database import Database
from cti_server.store.log import EventLog
from cti_server.store.quarter_rows import newest_run, store
from cti_server.store.quarter_sources import earliest, happened

from .counting import Counted, begin_of, counted, quarter_of

MARGIN = timedelta(minutes=2)
"""Until which all that happened in a quarter has been logged."""

AT_ONCE = 1
"""Quarters: one of a large centre is an eighth of a second of a thread."""

PATIENCE = 60.0  # seconds

LOG_PATIENCE = 5.0
"""Seconds; other due work waits for as long. Then this rests (:mod:`cti_server.due`)."""


class CountedQuarters:
    """Due work (:mod:`cti_server.due`). It rests twice as long as it worked: calls come first."""

    name = "reports.quarters"
    records: frozenset[str] = frozenset()

    def __init__(self, database: Database, log: EventLog, clock: Clock) -> None:
        self._database = database
        self._log = log
        self._clock = clock
        self._first = 0
        """The first quarter of which there are records."""
        self._run: range | None = None
        """The newest quarters that are counted."""
        self._rests_until: datetime | None = None

    @property
    def counted(self) -> range:
        """The newest quarters that are."""
        return range(0) if self._run is None else self._run

    @property
    def first(self) -> int:
        """The first one of which there are records."""
        return self._first

    async def earliest(self) -> datetime | None:
        if self._rests_until is not None:
            return self._rests_until
        return None if self._run is None else begin_of(self._run.stop + 1) + MARGIN

    async def start(self) -> None:
        """Find out what is counted already."""
        over = self._over(self._clock.now())
        self._run, self._first = await self._database.in_one_look(lambda it: _known(it, over))
        self._rests_until = self._clock.now()

    async def do(self, now: datetime) -> None:
        """Raises TimeoutError if the database does not take what was logged."""
        begun = time.monotonic()
        numbers = self._next(self._over(now))
        if self._run is None or not numbers:
            self._rests_until = None
            return
        if not self._run or numbers.start >= self._run.stop:
            # What is older than a quarter that was counted was stored before that one.
            async with asyncio.timeout(LOG_PATIENCE):
                await self._log.stored()
        # What is over does not change any more: nobody waits for the lock while it is read.
        found = await self._database.in_slow_look(PATIENCE, lambda it, _: _count(it, numbers, now))
        await self._database.in_transaction(lambda it: store(it, numbers, found))
        start, stop = min(self._run.start, numbers.start), max(self._run.stop, numbers.stop)
        self._run = range(start, stop)
        self._rests_until = now + timedelta(seconds=2 * (time.monotonic() - begun))

    def _over(self, now: datetime) -> int:
        """The first quarter that is not to be counted yet."""
        return quarter_of(now - MARGIN)

    def _next(self, over: int) -> range:
        """Quarters to be counted now: those that ended since, then the past."""
        if self._run is None:
            return range(0)
        if self._run.stop < over:
            return range(self._run.stop, min(self._run.stop + AT_ONCE, over))
        return range(max(self._first, self._run.start - AT_ONCE), self._run.start)


def _known(connection: Connection, over: int) -> tuple[range, int]:
    first = earliest(connection)
    return newest_run(connection) or range(over, over), over if first is None else quarter_of(first)


def _count(connection: Connection, numbers: range, now: datetime) -> Counted:
    return counted(happened(connection, begin_of(numbers.start), begin_of(numbers.stop)), now)
