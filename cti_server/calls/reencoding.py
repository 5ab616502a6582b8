"""Stored recordings are made smaller when somebody asks for that: Opus in the place of G.711."""

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor

import structlog

from config.archive import StoreSettings
from cti_server.file_keys import FileKeys
from cti_server.store.database import UNAVAILABLE, Database
from cti_server.store.log import EventLog
from cti_server.store.recordings import Recording, Recordings
from cti_server.wire.events import RecordingReencoded, RecordingReplacedGone
from recording.copies import Sound
from recording.errors import RecordingError, StoreSpared
from recording.reencoding import Reencoded, ReencodeOrder, reencode_all, remove
from recording.sound_file import OPUS
from recording.stores.opening import open_stores

log = structlog.get_logger()

BATCH = 16  # recordings at a time


class Reencoding:
    """
    Nobody asks it for two things at once.

    The new file is in the stores before the log names it, and the old one goes when the database
    does: whatever comes between, one of the two is there, and the next start removes what is left.
    """

    def __init__(
        self,
        database: Database,
        events: EventLog,
        *,
        keys: FileKeys,
        jobs: Executor,
        settings: Mapping[str, StoreSettings],
    ) -> None:
        self._database = database
        self._events = events
        self._keys = keys
        self._jobs = jobs
        self._settings = settings
        self.finished: asyncio.Task[None] | None = None
        """What was left by the server before, removed when this is done."""

    def start(self) -> None:
        self.finished = asyncio.create_task(self._finish(), name="reencoding")

    async def close(self) -> None:
        """What is left over is removed after the next start."""
        if self.finished is not None:
            self.finished.cancel()
            await asyncio.wait([self.finished])

    async def reencode(self, recordings: Sequence[Recording]) -> Mapping[str, str]:
        """
        Some stored recordings, whose rows these are; by id, why one was not.

        To ask for one once more is harmless. Raises what the database raises. A key that does not
        open holds no other recording up.
        """
        refused = {one.id: why for one in recordings if (why := _hindrance(one))}
        wanted = [one for one in recordings if one.id not in refused]
        keys = await self._keys.each([one.id for one in wanted])
        opened = {name: key for name, key in keys.items() if isinstance(key, bytes)}
        orders = [_order(one, opened[one.id]) for one in wanted if one.id in opened]
        refused |= {
            one.id: str(keys.get(one.id, "it has no key")) for one in wanted if one.id not in opened
        }
        try:
            results = await asyncio.get_running_loop().run_in_executor(
                self._jobs, reencode_all, orders, self._settings
            )
        except Exception as error:  # noqa: BLE001 - a dead process, no memory, no thread …
            results = [error] * len(orders)
        for order, result in zip(orders, results, strict=True):
            if isinstance(result, Reencoded):
                await self._conclude(order, result)
            else:
                refused[order.recording_id] = str(result)
        await self._events.stored()
        await self._remove_replaced()
        return refused

    async def _conclude(self, order: ReencodeOrder, result: Reencoded) -> None:
        if order.recording_id not in await self._keys.each([order.recording_id]):
            stores = open_stores(self._settings)
            await asyncio.to_thread(remove, result.file, stores)  # erased meanwhile
            return
        self._events.append(
            RecordingReencoded(
                recording_id=result.recording_id,
                replaced=result.replaced,
                file=result.file,
                size=result.sound.size,
                sha256=result.sound.sha256,
                codec=OPUS,
                stores=result.stores,
                owed=result.owed,
            )
        )

    async def _finish(self) -> None:
        """What a stop or crash left: files that the database knows to be replaced."""
        try:
            await self._remove_replaced()
        except UNAVAILABLE as error:
            log.warning("recording.replaced_kept", reason=str(error))

    async def _remove_replaced(self) -> None:
        """
        A store that cannot remove one now is asked again after the next, or the next start; one
        that is away for no other before that.
        """
        after, stores, resting = "", open_stores(self._settings), set[str]()
        while found := await self._replaced(after):
            for one in found:
                file = one.replaced or ""
                try:
                    await asyncio.to_thread(remove, file, stores, resting)
                except StoreSpared:
                    continue  # it is told of already
                except (OSError, RecordingError) as error:
                    log.warning("recording.replaced_kept", recording_id=one.id, reason=str(error))
                else:
                    self._events.append(RecordingReplacedGone(recording_id=one.id, file=file))
            after = found[-1].id

    async def _replaced(self, after: str) -> Sequence[Recording]:
        async with self._database.readers() as session:
            return await Recordings(session).replaced(BATCH, after)


def _hindrance(recording: Recording) -> str:
    """Why this one cannot be made smaller now; nothing if it can."""
    if recording.state != "stored" or not recording.stores:
        return "it is not sealed in any store"
    if recording.codec == OPUS:
        return "it is Opus already"
    if recording.owed or recording.replaced:
        return "not every store has it yet"
    if recording.leaving:
        return "it is leaving a store"
    return ""


def _order(recording: Recording, key: bytes) -> ReencodeOrder:
    return ReencodeOrder(
        recording_id=recording.id,
        file=recording.file or "",
        sound=Sound(recording.sha256 or "", recording.size or 0),
        duration=recording.duration or 0.0,
        key=key,
        stores=tuple(recording.stores),
    )
