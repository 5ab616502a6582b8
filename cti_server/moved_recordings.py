"""Recordings leave the first store, the oldest first: how most room is made on its disk."""

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from datetime import datetime

import structlog

from config.archive import StoreSettings
from recording.copies import Sound
from recording.moves import MoveOrder, Secured, remove, secure_all
from recording.sealing import sealed_size

from .disk_watch import DiskFault, DiskWatch
from .file_keys import FileKeys
from .open_incidents import OpenIncidents
from .store.database import Database
from .store.log import EventLog
from .store.recordings import Recording, Recordings
from .wire.events import RecordingCopied, RecordingMoved

log = structlog.get_logger()

BATCH = 16  # recordings a job


class MovedRecordings:
    """
    A way of making room.

    First another store has it and gave it back whole, then the row says where it is, then the file
    is deleted: what a crash leaves undone of that is done by the next start. ``moved`` is how many
    went since the start.
    """

    def __init__(
        self,
        database: Database,
        events: EventLog,
        *,
        keys: FileKeys,
        jobs: Executor,
        settings: Mapping[str, StoreSettings],
        watch: DiskWatch,
        incidents: OpenIncidents,
        batch: int = BATCH,
    ) -> None:
        self.moved = 0
        self._database = database
        self._events = events
        self._keys = keys
        self._jobs = jobs
        self._settings = settings
        self._first = next(iter(settings))
        self._watch = watch
        self._incidents = incidents
        self._batch = batch
        self._place: tuple[datetime, str] | None = None
        """Up to which, by age, they were gone through since room was last wanted."""

    async def begin(self) -> None:
        await self._clear()

    def enough(self) -> None:
        self._place = None
        self._incidents.is_over(DiskFault.NOT_RELIEVED, self._first)

    async def make_some(self) -> bool:
        await self._clear()
        async with self._database.readers() as session:
            found = await Recordings(session).oldest(self._batch, self._place)
        if not found:
            self._place = None
            self._tell("no recording is left that could leave it")
            return False
        here = [each for each in found if self._first in each.stores]
        moved = await self._move(here)
        self._place = (found[-1].started_at, found[-1].id)
        return bool(moved) or not here

    async def _move(self, found: Sequence[Recording]) -> int:
        """How many of them are safe elsewhere, and were deleted."""
        keys = await self._keys.of([each.id for each in found])
        orders = [_order(each, keys[each.id], self._first) for each in found if each.id in keys]
        try:
            results = await asyncio.get_running_loop().run_in_executor(
                self._jobs, secure_all, orders, self._settings
            )
        except Exception as error:  # noqa: BLE001 - a dead process, no memory, no thread …
            self._tell(f"{type(error).__name__}: {error}")
            return 0
        done = 0
        for order, result in zip(orders, results, strict=True):
            if isinstance(result, Secured):
                done += await self._conclude(order, result)
            else:
                log.warning("recording.not_moved", recording=order.recording_id, reason=result)
                self._tell(result)
        if done:
            self._incidents.is_over(DiskFault.NOT_RELIEVED, self._first, "moved")
            await self._clear()
        return done

    async def _conclude(self, order: MoveOrder, secured: Secured) -> bool:
        """Log where it is; not of what was erased meanwhile: nothing is to be left of that."""
        if order.recording_id not in await self._keys.of([order.recording_id]):
            await asyncio.to_thread(remove, order.file, secured.kept_in, self._settings)
            return False
        recording_id, file = order.recording_id, order.file
        if secured.brought:
            self._events.append(
                RecordingCopied(recording_id=recording_id, store=secured.kept_in, file=file)
            )
        self._events.append(
            RecordingMoved(
                recording_id=recording_id, store=order.out_of, kept_in=secured.kept_in, file=file
            )
        )
        return True

    async def _clear(self) -> None:
        """Delete what the rows of this moment say is to be deleted."""
        await self._events.stored()
        while True:
            async with self._database.readers() as session:
                found = await Recordings(session).leaving(self._batch)
            if not found:
                return
            for each in found:
                await asyncio.to_thread(remove, each.file or "", each.leaving or "", self._settings)
                self._watch.clear(each.leaving or "", sealed_size(each.size or 0, each.id))
            async with self._events.paused(), self._database.sessions.begin() as session:
                await Recordings(session).left([each.id for each in found])
            self.moved += len(found)

    def _tell(self, reason: str) -> None:
        self._incidents.begins(DiskFault.NOT_RELIEVED, self._first, reason)


def _order(recording: Recording, key: bytes, out_of: str) -> MoveOrder:
    return MoveOrder(
        recording_id=recording.id,
        file=recording.file or "",
        sound=Sound(recording.sha256 or "", recording.size or 0),
        key=key,
        stores=tuple(recording.stores),
        out_of=out_of,
    )
