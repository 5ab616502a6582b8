"""
Brings the log into the warehouse, batch after batch, each event exactly once.

A batch and how far it goes are one transaction of the warehouse's, and the next begins after that
number, whatever happened in between. Only what the database has of the log is taken, so nothing
that a crash might take back; what of that is in memory still is not read again. It rests as long
as it works: calls have the machine first.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import accumulate

import structlog
from sqlalchemy import Connection

from cti_server.background import Background
from cti_server.clock import Clock
from cti_server.metrics import Figures
from cti_server.store import warehouse_rows as rows
from cti_server.store.database import UNAVAILABLE, Database
from cti_server.store.journal_files import Entry
from cti_server.store.log import EventLog
from cti_server.store.stored_events import StoredEvents
from cti_server.store.warehouse import ContactFact, CustomerVersion
from cti_server.wire.events import CustomersImported, Logged

from .describing import Description
from .star import Star, contacts_in, customers_in

log = structlog.get_logger()

BATCH = 500  # events: some 15 ms of a thread
LARGEST = 128 * 1024  # characters of them: an event may be of hundreds of customers
GATHER = 2.0  # seconds in which events come together
REST = 10.0  # seconds after which a database that was away is asked again


Recent = Callable[[int, int], Sequence[Entry] | None]
"""Events that the source has, from memory: see :meth:`EventLog.stored_since`."""


class Loader:
    """``source`` has the log, ``target`` the warehouse; they may be one."""

    def __init__(
        self,
        source: Database,
        target: Database,
        clock: Clock,
        batch: int = BATCH,
        recent: Recent = lambda after, limit: None,
    ) -> None:
        self.position = 0
        """The last event that the warehouse has."""
        self._source = source
        self._target = target
        self._clock = clock
        self._batch = batch
        self._recent = recent

    async def load_some(self) -> int:
        """Bring in the next events; return how many."""
        self.position = await self._target.in_transaction(_loaded)
        batch = await self._next()
        if not batch:
            return 0
        now = self._clock.now()
        await self._target.in_transaction(lambda it: _load(it, self.position, batch, now))
        self.position = batch[-1].sequence
        return len(batch)

    async def _next(self) -> list[Logged]:
        """The events of a batch, no more than have :data:`LARGEST` characters; one at least."""
        if (recent := self._recent(self.position, self._batch)) is not None:
            sizes = accumulate(len(entry.line) for entry in recent)
            return [
                entry.logged
                for entry, size in zip(recent, sizes, strict=True)
                if size <= LARGEST or entry is recent[0]
            ]
        async with self._source.readers() as session:
            events = StoredEvents(session)
            stored = await events.undecoded_since(self.position, self._batch, LARGEST)
        return await asyncio.to_thread(lambda: [each.logged() for each in stored])


class Loading:
    """The task that runs the loader in a server, and how it goes."""

    def __init__(self, loader: Loader, log: EventLog, description: Description) -> None:
        self._loader = loader
        self._log = log
        self._description = description
        self._news = asyncio.Event()
        self._running = Background("warehouse")
        self._unsubscribe: Callable[[], None] = lambda: None
        self._failures = 0

    def start(self) -> None:
        self._unsubscribe = self._log.subscribe(self._hear)
        self._news.set()
        self._running.start(self._run())

    async def close(self) -> None:
        self._unsubscribe()
        await self._running.close()

    async def figures(self) -> Figures:
        return {
            "position": self._loader.position,
            "behind": max(0, self._log.last_sequence - self._loader.position),
            "failures_total": self._failures,
        }

    def _hear(self, logged: Logged) -> None:
        self._news.set()
        if isinstance(logged.event, CustomersImported):
            self._description.wake()

    async def _run(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            try:
                await self._description.tell()
                await self._catch_up()
            except (*UNAVAILABLE, rows.ElsewhereLoaded) as error:
                self._failures += 1
                self._description.wake()
                log.warning("warehouse.not_loaded", reason=type(error).__name__)
                self._news.set()
                await asyncio.sleep(REST)

    async def _catch_up(self) -> None:
        while True:
            begun = time.monotonic()
            loaded = await self._loader.load_some()
            await asyncio.sleep(time.monotonic() - begun)
            if loaded == 0:
                if self._loader.position >= self._log.last_sequence:
                    return
                await asyncio.sleep(GATHER)  # the rest is on its way into the database


def _loaded(connection: Connection) -> int:
    return rows.position(connection, rows.LOADED)


def _load(connection: Connection, before: int, batch: list[Logged], now: datetime) -> None:
    rows.move_on(connection, rows.LOADED, before, batch[-1].sequence, now)
    star = Star(
        customers=rows.current_versions(connection, customers_in(batch)),
        contacts=rows.contacts(connection, contacts_in(batch)),
        next_key=rows.next_key(connection),
    )
    star.take(batch)
    # One that ends before another begins: a customer has one current version at any moment.
    versions = sorted(star.versions.values(), key=lambda row: (row["valid_to"] is None, row["key"]))
    rows.put(connection, CustomerVersion, versions)
    rows.put(connection, ContactFact, [star.contacts[each] for each in sorted(star.touched)])
    for table, added in star.added.items():
        rows.add(connection, table, added)
    rows.regroup(connection, star.regrouped)
