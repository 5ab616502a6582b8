"""
Moves the log from the journal to the database, batch after batch, for as long as it takes.

A batch (events and the records that follow) is one transaction, so the database's newest event
tells exactly how far it got: after a connection that broke while committing, and after a crash.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

import structlog
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from .database import UNAVAILABLE, VALUE_ERRORS, Database, refused_the_data
from .errors import LogForked
from .journal_files import Entry
from .records import Records
from .stored_events import StoredEvent

log = structlog.get_logger()

BATCH = 1000  # events a transaction
SMALLEST_BATCH = 10
"""Of a database that did not take a larger one in time: so slow it would never take that."""
SHORTEST_WAIT, LONGEST_WAIT = 0.25, 5.0  # seconds until a database that is away is tried again


class Mover:
    """
    The task, and how far it is.

    ``read(after, limit)`` gives the next entries; ``moved(sequence)`` is told when all
    there was is committed.
    """

    def __init__(
        self,
        database: Database,
        *,
        read: Callable[[int, int], Awaitable[Sequence[Entry]]],
        moved: Callable[[int], Awaitable[None]],
        every: float,
    ) -> None:
        self.stored: int | None = None
        """The newest number in the database, None while it was never reached."""
        self.failure: str | None = None
        """Why the database does not take the events at present."""
        self.underived = 0
        """Events whose values the database refused in the records; the log has them."""
        self._database = database
        self._read = read
        self._moved = moved
        self._every = every
        self._records = Records(database.engine.dialect)
        self._batch = BATCH
        """Halved whenever the database fails; by and by it is as large as before."""
        self._tried: Sequence[Entry] = ()
        self._known_last = 0
        self._news = asyncio.Event()
        self._told = False
        self._hurry = asyncio.Event()
        self._closing = False
        self._storing = asyncio.Lock()  # a batch, from its reading to its commit
        self._waiting: list[tuple[int, asyncio.Future[None]]] = []

    async def look(self) -> int:
        """Learn how far the database is. Raises what it raises."""
        try:
            self.stored, _ = await self._last_stored()
        except UNAVAILABLE as error:
            self._failed(error)
            raise
        return self.stored

    def expect(self, last: int) -> None:
        """The journal's last number at the start: the database cannot have a newer one."""
        self._known_last = last

    def tell(self) -> None:
        """There is something to move."""
        if not self._told:
            self._told = True
            self._news.set()

    async def reach(self, sequence: int) -> None:
        """Wait until the database has everything up to this number; hurry."""
        if self.stored is not None and self.stored >= sequence:
            return
        reached: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((sequence, reached))
        self._hurry.set()
        self._news.set()
        await reached

    @asynccontextmanager
    async def paused(self) -> AsyncIterator[None]:
        """
        Store no batch inside the block; what is remembered of the rows is read anew after it.

        So stored events and the records that follow from them can be changed: a batch would write
        the rows as it knew them. Raises what the database raises, and LogForked.
        """
        async with self._storing:
            await self._settle()
            try:
                yield
            finally:
                self._records.forget()

    def stop(self) -> None:
        """Move what there is, if the database takes it at the first try, and end."""
        self._closing = True
        self._hurry.set()
        self._news.set()

    async def run(self) -> None:
        try:
            wait = SHORTEST_WAIT
            while not self._closing:
                await self._news.wait()
                await self._pause(self._every)
                if await self._catch_up():
                    wait = SHORTEST_WAIT
                    continue
                await self._pause(wait)
                wait = min(2 * wait, LONGEST_WAIT)
                self._news.set()
            await self._catch_up()
        finally:
            for _, reached in self._waiting:
                reached.cancel()

    async def _catch_up(self) -> bool:
        """Move what there is, not all that comes meanwhile; whether the database took it."""
        self._told = False
        self._news.clear()
        self._hurry.clear()
        try:
            stored = await self._move_all()
            await self._moved(stored)
        except (*UNAVAILABLE, LogForked) as error:
            self._failed(error)
            self._records.forget()
            self._batch = max(SMALLEST_BATCH, self._batch // 2)
            return False
        self._resumed(stored)
        return True

    async def _move_all(self) -> int:
        """
        How far the database is then.

        It ends when what comes is no full batch any more: where events come all the time there is
        never none left, and one by one they would cost a transaction each.
        """
        while True:
            async with self._storing:
                before = self.stored
                stored = await self._settle()
                if before is not None and stored > before:  # a commit that seemed to have failed
                    self._resumed(stored)
                self._wake_those_who_wait(stored)
                batch = await self._read(stored, self._batch)
                if not batch:
                    return stored
                await self._store(batch)
                stored = batch[-1].sequence
                self._resumed(stored)
                self._wake_those_who_wait(stored)
                if len(batch) == self._batch:
                    self._batch = min(BATCH, self._batch + max(1, self._batch // 10))
                elif self._told:
                    return stored

    async def _settle(self) -> int:
        """How far the database is. Asks it when that is not known, or a commit's end is unsure."""
        if self.stored is not None and not self._tried:
            return self.stored
        last, payload = await self._last_stored()
        known = self._known_last if self.stored is None else self.stored
        if last > known and (last, payload) not in [(e.sequence, e.payload) for e in self._tried]:
            raise LogForked(last)
        if self.stored is not None and last < self.stored:
            # Restored from a backup, or not durable: move again what the journal still has.
            log.error("store.database_went_back", stored=last, before=self.stored)
        self.stored, self._tried = last, ()
        return last

    async def _last_stored(self) -> tuple[int, str]:
        newest = select(StoredEvent.sequence, StoredEvent.payload)
        newest = newest.order_by(StoredEvent.sequence.desc()).limit(1)
        async with self._database.readers() as session:
            found = (await session.execute(newest)).first()
        return (0, "") if found is None else (found.sequence, found.payload)

    async def _store(self, batch: Sequence[Entry], *, derive: bool = True) -> None:
        """
        Commit the batch.

        Values that the database refuses would stop the log for good: the batch is halved until
        they are alone, and stored as an event without the records that would follow.
        """
        self._tried = batch
        try:
            rows = await self._database.in_transaction(
                lambda connection: self._records.write(connection, batch, derive=derive)
            )
        except (SQLAlchemyError, *VALUE_ERRORS) as error:
            if not derive or not refused_the_data(error):
                raise
            self._records.forget()
            await self._settle()  # another server's event of this number is no matter of values
            if len(batch) == 1:
                self.underived += 1
                log.error(  # noqa: TRY400 - a traceback would show the values, which are personal
                    "store.event_not_derived",
                    sequence=batch[0].sequence,
                    reason=str(error),
                )
                await self._store(batch, derive=False)
                return
            middle = len(batch) // 2
            await self._store(batch[:middle])
            await self._store(batch[middle:])
            return
        self._records.committed(rows)
        self.stored, self._tried = batch[-1].sequence, ()

    def _resumed(self, stored: int) -> None:
        """It took something, or there was nothing: to answer what was read is no sign of that."""
        if self.failure is not None:
            log.info("store.database_resumed", stored=stored)
            self.failure = None

    def _wake_those_who_wait(self, stored: int) -> None:
        for sequence, reached in self._waiting:
            if sequence <= stored and not reached.done():
                reached.set_result(None)
        self._waiting = [each for each in self._waiting if not each[1].done()]

    def _failed(self, error: Exception) -> None:
        reason = f"{type(error).__name__}: {error}"
        if self.failure is None:
            log.error("store.database_failed", reason=reason, stored=self.stored)
        self.failure = reason

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._hurry.wait()
        except TimeoutError:
            pass
