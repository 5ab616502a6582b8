"""
The event log: everything that happens gets a number here, and is kept.

An event's way: :meth:`EventLog.append` numbers it and tells the subscribers, in memory; the journal
has it on the local disk within 50 ms; the database has it, with the records that follow from it,
when it next answers. A call therefore never waits for a disk or a database.

What may be lost: what was appended in the last 50 ms before the process or the machine dies. If the
disk refuses *and* the database is away, the newest ``bound`` events stay in memory and older ones
are lost, counted and logged. Nothing else loses an event.
"""

import asyncio
import itertools
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import msgspec
import structlog

from cti_server.clock import Clock
from cti_server.wire.events import Event, Logged

from .database import UNAVAILABLE, Database
from .errors import EventsUnavailable, LogNotOpen
from .journal import Journal
from .journal_files import Entry
from .mover import Mover
from .stored_events import StoredEvents

log = structlog.get_logger()

Subscriber = Callable[[Logged], None]
_Hear = TypeVar("_Hear", bound=Callable[..., None])

_KINDS = "kinds_heard"


def hears(*kinds: type[Event]) -> Callable[[_Hear], _Hear]:
    """Mark a method as a subscriber that is called with these events only."""

    def mark(hear: _Hear) -> _Hear:
        setattr(hear, _KINDS, frozenset(kinds))
        return hear

    return mark


MOVE_EVERY = 2.0
"""
Seconds of events that go to the database at once. A call's rows are then written once for its
beginning and once for its end, not once an event; :meth:`EventLog.stored` waits for nobody.
"""
RING = 20_000  # events in memory, for "everything since N" and the mover
BOUND = 100_000  # events in memory while neither disk nor database takes them


@dataclass(frozen=True, slots=True)
class LogFigures:
    """What ``/metrics`` says of the log. Numbers are sequence numbers unless said otherwise."""

    appended: int
    journalled: int
    stored: int
    lost: int  # events
    underived: int  # events stored whose records the database refused
    in_memory: int  # events
    journal_failure: str | None
    database_failure: str | None


class EventLog:
    """One server's log. For one event loop, except that nothing here blocks it."""

    def __init__(
        self,
        database: Database,
        journal: Path | Journal,
        clock: Clock,
        *,
        move_every: float = MOVE_EVERY,
        ring: int = RING,
        bound: int = BOUND,
    ) -> None:
        """``move_every``: seconds from an event to its place in the database, usually."""
        self.last_sequence = 0
        """The newest event's number."""
        self._database = database
        self._journal = journal if isinstance(journal, Journal) else Journal(journal)
        self._clock = clock
        self._ring: deque[Entry] = deque()
        self._ring_size = ring
        self._bound = bound
        self._lost = 0
        self._released = 0
        self._subscribers: list[Subscriber] = []
        self._hearers: dict[type[Event], list[Subscriber]] = {}  # by kind, once one was appended
        self._undelivered: deque[Logged] = deque()
        self._delivering = False
        self._open = False
        self._encode = msgspec.json.Encoder().encode
        self._mover = Mover(database, read=self._next, moved=self._release, every=move_every)
        self._moving: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """
        Continue after the last event that journal or database has.

        The database may be away if the journal knows how far the log was; a journal that was never
        used does not, and then this raises what the database raised. Raises JournalInUse.
        """
        journalled = await asyncio.to_thread(self._journal.open)
        self._mover.expect(journalled)
        try:
            stored = await self._mover.look()
        except UNAVAILABLE:
            if journalled == 0:
                await asyncio.to_thread(self._journal.close)
                raise
            stored = 0
        self.last_sequence = max(journalled, stored)
        self._journal.start()
        self._moving = asyncio.get_running_loop().create_task(self._mover.run(), name="mover")
        self._moving.add_done_callback(self._mover_ended)
        self._open = True
        self._mover.tell()

    async def close(self) -> None:
        """Take no more events; bring what there is to the disk and, if it answers, the database."""
        if not self._open:
            return
        self._open = False
        self._mover.stop()
        if self._moving is not None:
            await self._moving
        await asyncio.to_thread(self._journal.close)

    def append(self, event: Event) -> Logged:
        """Log what happened; return it with its number and time. Never waits."""
        if not self._open:
            raise LogNotOpen(type(event).__name__)
        sequence = self.last_sequence + 1
        logged = Logged(sequence, self._clock.now(), event)
        try:
            line = self._encode(logged)
        except UnicodeEncodeError:
            logged = _without_surrogates(logged)
            line = self._encode(logged)
        self.last_sequence = sequence
        entry = Entry(logged, line)
        self._ring.append(entry)
        self._journal.append(entry)
        if len(self._ring) > self._ring_size:
            self._make_room()
        self._mover.tell()
        self._deliver(logged)
        return logged

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """
        Have the subscriber called with every event from now on, in order; returns how to stop.

        One that is marked by :func:`hears` is called with what it hears.
        It is called inside :meth:`append` and must be quick. It must not raise; if it does, the
        others and the appender are spared, and the traceback is in the log.
        """
        self._subscribed([*self._subscribers, subscriber])

        def unsubscribe() -> None:
            self._subscribed([each for each in self._subscribers if each is not subscriber])

        return unsubscribe

    def _subscribed(self, subscribers: list[Subscriber]) -> None:
        self._subscribers, self._hearers = subscribers, {}

    def _hearers_of(self, kind: type[Event]) -> list[Subscriber]:
        if (found := self._hearers.get(kind)) is None:
            found = self._hearers[kind] = [
                each for each in self._subscribers if kind in getattr(each, _KINDS, (kind,))
            ]
        return found

    async def since(self, sequence: int, limit: int = 1000) -> list[Logged]:
        """
        The next events after this number, complete and in order, at most ``limit``.

        Empty if there are none. Raises EventsUnavailable if they are in the database alone and it
        does not answer.
        """
        if sequence >= self.last_sequence or limit <= 0:
            return []
        if self._in_ring(sequence + 1):
            return [entry.logged for entry in self._from_ring(sequence, limit)]
        entries = await asyncio.to_thread(self._journal.read, sequence, limit)
        if entries and entries[0].sequence == sequence + 1:
            found = [entry.logged for entry in _unbroken(entries)]
        else:
            found = await self._from_database(sequence, limit)
            if not found:  # what is next was lost; what follows it is still on its way there
                if self._ring and not entries:
                    entries = self._from_ring(self._ring[0].sequence - 1, limit)
                found = [entry.logged for entry in _unbroken(entries)]
        if found and len(found) < limit:
            found += await self.since(found[-1].sequence, limit - len(found))
        return found

    def stored_since(self, sequence: int, limit: int) -> Sequence[Entry] | None:
        """
        The next events after this number that the database has, at most ``limit``; from memory.

        None where memory does not go back so far.
        """
        stored = self._mover.stored or 0
        if sequence >= stored:
            return []
        if not self._in_ring(sequence + 1):
            return None
        return self._from_ring(sequence, min(limit, stored - sequence))

    async def stored(self) -> None:
        """Wait until the database has everything that was appended before this call."""
        await self._mover.reach(self.last_sequence)

    @asynccontextmanager
    async def paused(self) -> AsyncIterator[None]:
        """
        Bring no event to the database inside the block, so that what is stored can be changed.

        Before it everything that was appended is there. It should be short: events wait in memory
        and in the journal meanwhile. Raises what the database raises.
        """
        await self.stored()
        async with self._mover.paused():
            yield

    async def rewrite(self, changed: Callable[[Logged], Logged | None]) -> None:
        """
        Change what was appended until now in memory and in the journal's files.

        ``changed`` gives an event as it is to be, under its number and time, None if it stays; the
        stored ones are changed by the caller (:meth:`paused`). It may be asked for again after a
        crash. Raises JournalNotWritten and OSError.
        """
        until = self.last_sequence
        self._ring = deque(self._changed(entry, changed) for entry in self._ring)
        await asyncio.to_thread(self._journal.rewrite, until, changed)

    def _changed(self, entry: Entry, changed: Callable[[Logged], Logged | None]) -> Entry:
        new = changed(entry.logged)
        return entry if new is None else Entry(new, self._encode(new))

    def figures(self) -> LogFigures:
        return LogFigures(
            appended=self.last_sequence,
            journalled=self._journal.written,
            stored=self._mover.stored or 0,
            lost=self._lost,
            underived=self._mover.underived,
            in_memory=len(self._ring),
            journal_failure=self._journal.failure,
            database_failure=self._mover.failure,
        )

    def _in_ring(self, sequence: int) -> bool:
        return bool(self._ring) and self._ring[0].sequence <= sequence <= self.last_sequence

    def _from_ring(self, after: int, limit: int) -> list[Entry]:
        """Entries after this number, which is at most one below the ring's first."""
        start = after + 1 - self._ring[0].sequence
        wanted = len(self._ring) - start
        if start < wanted:
            return list(itertools.islice(self._ring, start, start + limit))
        newest_first = list(itertools.islice(reversed(self._ring), wanted))
        return newest_first[::-1][:limit]

    async def _next(self, after: int, limit: int) -> Sequence[Entry]:
        """What the mover is to move: from memory or, if it fell behind, from the journal."""
        if self._in_ring(after + 1):
            return self._from_ring(after, limit)
        if after >= self.last_sequence:
            return []
        entries = await asyncio.to_thread(self._journal.read, after, limit)
        if not self._ring:
            return entries
        oldest = self._ring[0].sequence
        return [e for e in entries if e.sequence < oldest] or self._from_ring(oldest - 1, limit)

    async def _from_database(self, after: int, limit: int) -> list[Logged]:
        try:
            async with self._database.readers() as session:
                return await StoredEvents(session).since(after, limit)
        except UNAVAILABLE as error:
            raise EventsUnavailable(after) from error

    async def _release(self, stored: int) -> None:
        """The database has everything up to this number: the journal need not keep it for long."""
        self._journal.give_up_to(stored)
        begun = self._journal.begun
        if begun > self._released and await self._database.make_durable():
            await asyncio.to_thread(self._journal.release, stored)
            self._released = begun

    def _make_room(self) -> None:
        """Forget the oldest events in memory, those that are nowhere else only beyond the bound."""
        while len(self._ring) > self._ring_size:
            oldest = self._ring[0].sequence
            if oldest > max(self._journal.written, self._mover.stored or 0):
                if len(self._ring) <= self._bound:
                    return
                self._lose(oldest)
            self._ring.popleft()

    def _lose(self, sequence: int) -> None:
        self._journal.give_up_to(sequence)
        if self._lost % self._bound == 0:
            log.error("store.events_lost", sequence=sequence, lost=self._lost + 1)
        self._lost += 1

    def _deliver(self, logged: Logged) -> None:
        """
        Call the subscribers.

        One that appends in turn is not called into again: all of them hear all in order. The net
        is needed because the event has happened and is logged: whoever reported it must not pay
        for who listens.
        """
        self._undelivered.append(logged)
        if self._delivering:
            return
        self._delivering = True
        while self._undelivered:
            each = self._undelivered.popleft()
            for subscriber in self._hearers_of(type(each.event)):
                try:
                    subscriber(each)
                except Exception:
                    log.exception("store.subscriber_failed", sequence=each.sequence)
        self._delivering = False

    def _mover_ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("store.mover_died", exc_info=error)


def _unbroken(entries: Sequence[Entry]) -> list[Entry]:
    """The entries up to the first gap."""
    return [each for n, each in enumerate(entries) if each.sequence == entries[0].sequence + n]


def _without_surrogates(logged: Logged) -> Logged:
    """The event with U+FFFD for what is no character: a peer may write anything."""
    return msgspec.convert(_characters(msgspec.to_builtins(logged)), Logged)


def _characters(value: object) -> object:
    match value:
        case str():
            return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        case list():
            return [_characters(each) for each in value]
        case dict():
            return {_characters(key): _characters(each) for key, each in value.items()}
        case _:
            return value
