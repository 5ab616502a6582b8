"""Finished captures become recordings: in job processes, out of the call's way."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import BrokenExecutor, Executor
from pathlib import Path

import msgspec
import structlog

from cti_server.wire.events import Event, RecordingFailed, RecordingStored
from recording.archive import StoredRecording, discard, store, unfinished
from recording.capture import CaptureInfo
from recording.errors import RecordingError

log = structlog.get_logger()

ATTEMPTS = 3


class Archiver:
    """
    Turns spool folders into archived files and logs each as stored.

    The capture goes only when the log of it is safe. A folder that cannot be finished now stays in
    the spool and is tried again at the next start: nothing is lost by a failure here.
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
        self._spool = spool
        self._archive = archive
        self._jobs = jobs
        self._append = append
        self._logged = logged
        self._slots = asyncio.Semaphore(at_once)
        self._running: set[asyncio.Task[None]] = set()

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

    async def close(self) -> None:
        """Wait for the jobs under way."""
        if self._running:
            await asyncio.gather(*self._running)

    def _start(self, folder: Path, quality: dict[str, float], *, recovered: bool) -> None:
        task = asyncio.create_task(self._archive_one(folder, quality, recovered=recovered))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _archive_one(
        self, folder: Path, quality: dict[str, float], *, recovered: bool
    ) -> None:
        async with self._slots:
            await asyncio.to_thread(_note_quality, folder, quality)
            stored = await self._store(folder)
        if stored is None:
            return
        self._append(_stored(stored, recovered=recovered))
        await self._logged()
        try:
            await asyncio.to_thread(discard, folder)
        except (RecordingError, OSError) as error:
            log.warning("recording.capture_kept", folder=folder.name, reason=str(error))

    async def _store(self, folder: Path) -> StoredRecording | None:
        """The stored recording, or None with its failure logged."""
        loop = asyncio.get_running_loop()
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return await loop.run_in_executor(self._jobs, store, folder, self._archive)
            except RecordingError as error:
                self._failed(folder, str(error))
                return None
            except (OSError, BrokenExecutor) as error:
                log.warning(
                    "recording.postponed", folder=folder.name, attempt=attempt, reason=str(error)
                )
                await asyncio.sleep(2**attempt)
        self._failed(folder, "the archive does not take it; the capture stays in the spool")
        return None

    def _failed(self, folder: Path, reason: str) -> None:
        log.error("recording.failed", folder=folder.name, reason=reason)
        self._append(RecordingFailed(recording_id=folder.name, reason=reason))


def _note_quality(folder: Path, quality: dict[str, float]) -> None:
    """Keep the figures with the capture, so that a crash from here on does not lose them."""
    if not quality:
        return
    try:
        msgspec.structs.replace(CaptureInfo.load(folder), quality=quality).save(folder)
    except (RecordingError, OSError) as error:
        log.warning("recording.quality_not_kept", folder=folder.name, reason=str(error))


def _stored(stored: StoredRecording, *, recovered: bool) -> RecordingStored:
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
        quality=info.quality,
    )
