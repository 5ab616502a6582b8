"""Recordings that a store could not take at once are brought to it when it can."""

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor

import structlog

from config.archive import StoreSettings
from cti_server.background import Background
from cti_server.file_keys import FileKeys
from cti_server.store.database import UNAVAILABLE, Database
from cti_server.store.log import EventLog, hears
from cti_server.store.recordings import Recording, Recordings
from cti_server.wire.events import (
    Logged,
    RecordingCopied,
    RecordingOwed,
    RecordingReencoded,
    RecordingStored,
)
from recording.archive import CopyOrder, copy_all
from recording.copies import Sound
from recording.errors import RecordingError
from recording.stores.opening import open_stores

log = structlog.get_logger()

FIRST_PAUSE, LONGEST_PAUSE = 5.0, 600.0  # seconds between two tries of what failed
BATCH = 16  # recordings a job


class OwedCopies:
    """
    Goes through what the rows say is owed, for as long as it takes.

    What is owed is in the database, so a stop or a crash forgets none of it. ``owed`` is how many
    recordings it was at the last look, ``copied`` how many copies were made since the start.
    """

    def __init__(
        self,
        database: Database,
        events: EventLog,
        *,
        keys: FileKeys,
        jobs: Executor,
        settings: Mapping[str, StoreSettings],
        first_pause: float = FIRST_PAUSE,
        batch: int = BATCH,
    ) -> None:
        self.owed = 0
        self.copied = 0
        self._database = database
        self._events = events
        self._keys = keys
        self._jobs = jobs
        self._settings = settings
        self._first_pause = first_pause
        self._batch = batch
        self._place = ""
        """The recording up to which they were gone through, by id; from there it goes on."""
        self._wanted = asyncio.Event()
        self._closing = asyncio.Event()
        self._running = Background("owed-copies")

    def start(self) -> None:
        self._wanted.set()
        self._events.subscribe(self._hear)
        self._running.start(self._run())

    async def close(self) -> None:
        """What is under way is done again at the next start."""
        await self._running.close()

    @hears(RecordingStored, RecordingReencoded, RecordingOwed)
    def _hear(self, logged: Logged) -> None:
        match logged.event:
            case RecordingOwed() | RecordingStored(owed=(_, *_)) | RecordingReencoded(owed=(_, *_)):
                self._wanted.set()

    async def _run(self) -> None:
        pause = self._first_pause
        while True:
            self._wanted.clear()
            if await self._bring_all():
                pause = self._first_pause
                await self._wanted.wait()
            else:
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)

    async def _bring_all(self) -> bool:
        """
        Whether nothing is owed any more, as far as is known.

        A store that fails is not asked for each recording that it is owed; the next time others
        are tried than those that it could not be brought.
        """
        begun_at, failed = self._place, 0
        try:
            await self._events.stored()
            while failed < self._batch and (some := await self._look()):
                self._place = some[-1].id
                failed += len(await self._bring(some))
                await self._events.stored()  # the rows know of it, and are not found again
            if failed < self._batch:
                self._place = ""
        except (*UNAVAILABLE, RecordingError) as error:
            log.warning("recording.copies_postponed", reason=str(error))
            return False
        return not failed and (not begun_at or await self._bring_all())

    async def _look(self) -> Sequence[Recording]:
        async with self._database.readers() as session:
            recordings = Recordings(session)
            self.owed = await recordings.count_owed()
            return await recordings.owed(self._batch, after=self._place)

    async def _bring(self, found: Sequence[Recording]) -> list[str]:
        """The ids of those that are still owed to somebody."""
        keys = await self._keys.each([each.id for each in found])
        opened = {name: key for name, key in keys.items() if isinstance(key, bytes)}
        orders = [_order(each, opened[each.id]) for each in found if each.id in opened]
        try:
            results = await asyncio.get_running_loop().run_in_executor(
                self._jobs, copy_all, orders, self._settings
            )
        except Exception as error:  # noqa: BLE001 - a dead process, no memory, no thread …
            log.warning("recording.copies_postponed", reason=f"{type(error).__name__}: {error}")
            return [each.id for each in found]
        failed = [each.id for each in found if each.id not in opened]
        reasons = {str(key) for key in keys.values() if not isinstance(key, bytes)}
        for order, result in zip(orders, results, strict=True):
            if await self._conclude(order, result):
                failed.append(order.recording_id)
                reasons.update(filter(None, result.values()))
        for reason in sorted(reasons):
            log.warning("recording.copies_postponed", reason=reason)
        return failed

    async def _conclude(self, order: CopyOrder, result: Mapping[str, str]) -> bool:
        """Log what was copied; whether something of it failed."""
        if order.recording_id not in await self._keys.each([order.recording_id]):
            await asyncio.to_thread(self._remove, order)  # it was erased meanwhile
            return False
        for name, failure in result.items():
            if not failure:
                self.copied += 1
                self._events.append(
                    RecordingCopied(recording_id=order.recording_id, store=name, file=order.file)
                )
        return any(result.values())

    def _remove(self, order: CopyOrder) -> None:
        for store in open_stores(self._settings):
            store.delete(order.file)


def _order(recording: Recording, key: bytes) -> CopyOrder:
    return CopyOrder(
        recording_id=recording.id,
        file=recording.file or "",
        sound=Sound(recording.sha256 or "", recording.size or 0),
        key=key,
        stores=tuple(recording.stores),
        owed=tuple((recording.owed or "").split()),
    )
