"""Finished captures become recordings: in job processes, out of the call's way."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import BrokenExecutor, Executor
from pathlib import Path

import structlog

from cti_server.wire.events import Event, RecordingFailed, RecordingStored
from recording.archive import StoredRecording, discard, store, unfinished
from recording.errors import RecordingError

log = structlog.get_logger()

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0  # seconds between two tries
CLOSE_WITHIN = 10.0  # seconds


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
        archive: Path,
        jobs: Executor,
        append: Callable[[Event], object],
        logged: Callable[[], Awaitable[None]],
        at_once: int = 2,
    ) -> None:
        """``logged`` waits until the database has everything that was appended so far."""
        self._spool = spool
        self._archive = archive
        self._jobs = jobs
        self._append = append
        self._logged = logged
        self._slots = asyncio.Semaphore(at_once)
        self._running: set[asyncio.Task[None]] = set()
        self.postponed = 0
        """How often something was tried again."""

    @property
    def backlog(self) -> int:
        """Captures that are finished and not yet archived."""
        return len(self._running)

    def submit(self, folder: Path, quality: dict[str, float]) -> None:
        """Archive this capture soon."""
        self._start(folder, quality, recovered=False)

    async def recover(self) -> int:
        """Take up what an earlier process left in the spool; how many captures that is."""
        folders = await asyncio.to_thread(unfinished, self._spool)
        for folder in folders:
            self._start(folder, {}, recovered=True)
        return len(folders)

    async def close(self, within: float = CLOSE_WITHIN) -> None:
        """Give the jobs under way so many seconds; the next start takes up what is left."""
        if not self._running:
            return
        _, left = await asyncio.wait(set(self._running), timeout=within)
        for task in left:
            task.cancel()
        if left:
            log.warning("recording.left_in_spool", captures=len(left))
            await asyncio.gather(*left, return_exceptions=True)

    def _start(self, folder: Path, quality: dict[str, float], *, recovered: bool) -> None:
        task = asyncio.create_task(self._archive_one(folder, quality, recovered=recovered))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _archive_one(
        self, folder: Path, quality: dict[str, float], *, recovered: bool
    ) -> None:
        try:
            stored = await self._store(folder)
        except RecordingError as error:
            log.error("recording.failed", folder=folder.name, reason=str(error))  # noqa: TRY400
            self._append(RecordingFailed(recording_id=folder.name, reason=str(error)))
            return
        self._append(_stored(stored, quality, recovered=recovered))
        await self._logged()
        try:
            await asyncio.to_thread(discard, folder)
        except (RecordingError, OSError) as error:
            log.warning("recording.capture_kept", folder=folder.name, reason=str(error))

    async def _store(self, folder: Path) -> StoredRecording:
        """Try until it is stored. Raises RecordingError where trying again cannot help."""
        loop = asyncio.get_running_loop()
        pause = FIRST_PAUSE
        while True:
            try:
                async with self._slots:
                    return await loop.run_in_executor(self._jobs, store, folder, self._archive)
            except (OSError, BrokenExecutor) as error:
                self.postponed += 1
                log.warning("recording.postponed", folder=folder.name, reason=str(error))
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)


def _stored(
    stored: StoredRecording, quality: dict[str, float], *, recovered: bool
) -> RecordingStored:
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
        recovered=recovered,
        quality=quality,
    )
