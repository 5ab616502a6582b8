"""Finished captures become recordings: in job processes, out of the call's way."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import structlog

from config.archive import StoreSettings
from cti_server.wire.events import Event, RecordingFailed, RecordingStored
from recording.archive import Order, StoredRecording, discard, store_all, unfinished
from recording.errors import RecordingError, StoreSpared

log = structlog.get_logger()

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0  # seconds between two tries
CLOSE_WITHIN = 10.0  # seconds
GATHER = 1.0
"""
Seconds in which captures gather for one job: the way to another process and back, the database's
commit and the threads' errands cost for ten what they cost for one.
"""
BATCH = 32  # captures a job

Result = StoredRecording | Exception


@dataclass(frozen=True, slots=True)
class _Capture:
    """A finished capture. The quality of a recovered one is not known any more."""

    folder: Path
    quality: dict[str, float]
    recovered: bool
    pause: float = FIRST_PAUSE
    """Seconds before it is tried again, if need be; each time twice as long."""


class Archiver:
    """
    Turns spool folders into archived files and logs each as stored.

    The capture goes only when the log of it is safe. What the archive or a job process does not
    take now is tried again, ever more slowly, and again at the next start: nothing is lost by a
    failure here. A capture that is no recording is put aside and logged as failed.
    """

    def __init__(
        self,
        *,
        spool: Path,
        stores: Mapping[str, StoreSettings],
        keys: Callable[[Sequence[str]], Awaitable[Mapping[str, bytes]]],
        jobs: Executor,
        append: Callable[[Event], object],
        logged: Callable[[], Awaitable[None]],
        first_pause: float = FIRST_PAUSE,
        gather: float = GATHER,
    ) -> None:
        """
        ``keys`` gives recordings, by their ids, the keys that their files are sealed under; they
        are safe before anything is sealed. ``logged`` waits until the database has everything that
        was appended so far.

        ``first_pause``: seconds before what failed is tried again; ``gather``: see GATHER.
        """
        self._spool = spool
        self._stores = stores
        self._keys = keys
        self._jobs = jobs
        self._append = append
        self._logged = logged
        self._waiting: list[_Capture] = []
        self._open: set[Path] = set()
        self._running: set[asyncio.Task[None]] = set()
        self._storing: asyncio.Task[None] | None = None
        self._closing = asyncio.Event()
        self._first_pause = first_pause
        self._gather = gather
        self.postponed = 0
        """How often something was tried again."""

    @property
    def backlog(self) -> int:
        """Captures that are finished and not yet archived."""
        return len(self._open)

    def has(self, folder: Path) -> bool:
        """Whether it is finished, and not archived yet."""
        return folder in self._open

    def submit(self, folder: Path, quality: dict[str, float]) -> None:
        """Archive this capture soon: once it is closed, the next start does."""
        if self._closing.is_set():
            return
        self._take(_Capture(folder, quality, recovered=False, pause=self._first_pause))

    async def recover(self) -> int:
        """Take up what an earlier process left in the spool; how many captures that is."""
        folders = await asyncio.to_thread(unfinished, self._spool)
        for folder in folders:
            self._take(_Capture(folder, {}, recovered=True, pause=self._first_pause))
        return len(folders)

    async def close(self, within: float = CLOSE_WITHIN) -> None:
        """Give what is under way so many seconds; the next start takes up what is left."""
        self._closing.set()
        try:
            async with asyncio.timeout(within):
                while self._running:
                    await asyncio.wait(set(self._running))
        except TimeoutError:
            log.warning("recording.left_in_spool", captures=self.backlog)
            for task in self._running:
                task.cancel()
            await asyncio.gather(*self._running, return_exceptions=True)

    def _take(self, capture: _Capture) -> None:
        self._open.add(capture.folder)
        self._waiting.append(capture)
        if self._storing is None:
            self._storing = self._start(self._store_what_waits())

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("recording.archiver_failed", exc_info=error)  # the next start takes them up

    async def _store_what_waits(self) -> None:
        """Batch after batch. What is stored then waits for the log on its own."""
        try:
            while self._waiting:
                await self._passes(self._gather)
                batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
                await self._store_batch(batch)
        finally:
            self._storing = None

    async def _store_batch(self, batch: Sequence[_Capture]) -> None:
        results = await self._store([capture.folder for capture in batch])
        stored = [
            capture.folder
            for capture, result in zip(batch, results, strict=True)
            if self._conclude(capture, result)
        ]
        if stored:
            self._start(self._discard_when_logged(stored))

    async def _store(self, folders: Sequence[Path]) -> Sequence[Result]:
        try:
            keys = await self._keys([folder.name for folder in folders])
        except Exception as error:  # noqa: BLE001 - no fault of the captures': they are tried again
            return [RuntimeError(f"no keys: {error}")] * len(folders)
        orders = [Order(each, keys[each.name]) for each in folders if each.name in keys]
        results: Sequence[Result]
        try:
            results = await asyncio.get_running_loop().run_in_executor(
                self._jobs, store_all, orders, self._stores
            )
        except Exception as error:  # noqa: BLE001 - a dead process, no memory, no thread …
            results = [error] * len(orders)  # they are on the disk, and are tried again
        done = dict(zip((order.folder for order in orders), results, strict=True))
        return [done.get(each, RuntimeError("its key does not open")) for each in folders]

    def _conclude(self, capture: _Capture, result: Result) -> bool:
        """Log what came of it; whether it is stored."""
        match result:
            case StoredRecording():
                self._append(_stored(result, capture))
                return True
            case RecordingError():
                self._fail(capture.folder, str(result))
            case StoreSpared():  # it was another's turn to be the one that is tried
                self._start(self._try_again(capture, capture.pause, str(result)))
            case _:
                later = min(2 * capture.pause, LONGEST_PAUSE)
                self._start(self._try_again(capture, later, str(result)))
        return False

    async def _try_again(self, capture: _Capture, next_pause: float, reason: str) -> None:
        self.postponed += 1
        log.warning("recording.postponed", folder=capture.folder.name, reason=reason)
        await self._passes(capture.pause)
        if self._closing.is_set():
            return  # the next start takes it up
        self._take(replace(capture, pause=next_pause))

    async def _discard_when_logged(self, folders: Sequence[Path]) -> None:
        await self._logged()
        await asyncio.to_thread(_discard_all, folders)
        self._open.difference_update(folders)

    async def _passes(self, seconds: float) -> None:
        """Let so much time pass, unless the archiver is being closed."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._closing.wait()

    def _fail(self, folder: Path, reason: str) -> None:
        log.error("recording.failed", folder=folder.name, reason=reason)
        self._append(RecordingFailed(recording_id=folder.name, reason=reason))
        self._open.discard(folder)


def _discard_all(folders: Sequence[Path]) -> None:
    for folder in folders:
        try:
            discard(folder, known=True)
        except (RecordingError, OSError) as error:
            log.warning("recording.capture_kept", folder=folder.name, reason=str(error))


def _stored(stored: StoredRecording, capture: _Capture) -> RecordingStored:
    info = stored.info
    return RecordingStored(
        recording_id=info.recording_id,
        call_id=info.call_id,
        contact_id=info.contact_id,
        interaction_id=info.interaction_id,
        agent_id=info.agent_id,
        queue=info.queue,
        caller_number=info.caller_number,
        dialled_number=info.dialled_number,
        started_at=info.started_at,
        duration=stored.duration,
        file=stored.file,
        size=stored.size,
        sha256=stored.sha256,
        codec=stored.codec,
        recovered=capture.recovered,
        quality=capture.quality,
        kind=info.kind,
        rule=info.rule,
        asked_by=info.asked_by,
        stores=stored.stores,
        owed=stored.owed,
        sides=info.sides,
        layout=info.layout,
        foreign=info.foreign,
    )
