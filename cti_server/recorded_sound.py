"""The sound of a stored recording, opened block by block, whichever store has it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import partial
from itertools import islice
from pathlib import Path
from threading import Barrier

import structlog

from recording.archive import recording_id_of
from recording.copies import sealed_file
from recording.edited_wav import EditedWav
from recording.errors import RecordingError, SealBroken
from recording.laws import RECODED
from recording.pcm import in_pcm
from recording.sealing import SealedFile
from recording.sound_file import gathered, in_codes
from recording.stores.port import Store

from .file_keys import FileKeys
from .store.database import Database
from .store.recordings import STORED, Recording, Recordings

log = structlog.get_logger()

_AT_ONCE = 4  # chunks that are opened on one way to a thread and back
_THREADS = 4  # of their own: a store that is silent must not take those that the log and calls need


class SoundUnavailable(OSError):
    """None of the stores gives the recording's sound now, or what they give does not open."""


class RecordedSounds:
    """Opens what was stored; ``plain``: the folder of the files of releases that did not seal."""

    def __init__(
        self, database: Database, keys: FileKeys, stores: Sequence[Store], plain: Path
    ) -> None:
        self._database = database
        self._keys = keys
        self._stores = {store.name: store for store in stores}
        self._plain = plain
        self._threads = threads("sounds")

    async def plain_file(self, recording: Recording) -> Path | None:
        """The file of one that was never sealed."""
        if recording.stores or recording.file is None:
            return None
        path = self._plain / recording.file
        return path if await asyncio.to_thread(path.is_file) else None

    async def open(self, recording: Recording, start: int, end: int) -> AsyncIterator[bytes] | None:
        """
        The sound's bytes from ``start`` up to ``end``, in constant memory; None if there is none.

        Its first bytes are opened when this returns: from the first store that has them. Raises
        SoundUnavailable, the blocks do, too: for a file that was altered further behind.
        """
        return await self._open(recording, partial(SealedFile.blocks, start=start, end=end))

    async def open_pcm(self, recording: Recording) -> AsyncIterator[bytes] | None:
        """The whole sound as a WAV file of PCM, likewise; whatever codec the file has."""
        samples = recording.samples
        return await self._open(recording, lambda sealed: in_pcm(sealed.blocks(), samples))

    async def open_edited(
        self, recording: Recording, wav: EditedWav, start: int, end: int
    ) -> AsyncIterator[bytes] | None:
        """
        Bytes of an edited file, likewise, of a recording that has to be decoded for that.

        In the law of that file, which may be of what the recording was before.
        """

        def blocks_of(sealed: SealedFile) -> Iterator[bytes]:
            law, _, codes = in_codes(sealed.blocks())
            if law != wav.codec:
                codes = (bytes(block).translate(RECODED[law, wav.codec]) for block in codes)
            return gathered(wav.out_of(codes, start, end))

        return await self._open(recording, blocks_of)

    async def _open(
        self, recording: Recording, blocks_of: Callable[[SealedFile], Iterator[bytes]]
    ) -> AsyncIterator[bytes] | None:
        keys = await self._key(recording)
        if recording.file is None or recording.id not in keys:
            return None
        key, reasons = keys[recording.id], list[str]()
        for name in recording.stores:
            if (store := self._stores.get(name)) is None:
                reasons.append(f"no store {name!r} is configured")
                continue
            try:
                begin = partial(_begin, store, recording.file, key, recording.id, recording.size)
                blocks, first = await asyncio.get_running_loop().run_in_executor(
                    self._threads, begin, blocks_of
                )
            except (OSError, RecordingError) as error:
                reasons.append(f"{name}: {error}")
            else:
                return _go_on(self._threads, recording.id, blocks, first)
        raise _unavailable(recording.id, "; ".join(reasons))

    async def by_file(self, file: str) -> Recording:
        """
        The stored recording of a file, for what is sent.

        Raises FileNotFoundError for one that is no more, and what the database raises.
        """
        async with self._database.readers() as session:
            recording = await Recordings(session).get(recording_id_of(file))
        if recording is None or recording.state != STORED:
            raise FileNotFoundError(file)
        return recording

    async def _key(self, recording: Recording) -> dict[str, bytes]:
        try:
            return dict(await self._keys.of([recording.id]))
        except RecordingError as error:
            raise _unavailable(recording.id, str(error)) from error


def _begin(
    store: Store,
    file: str,
    key: bytes,
    recording_id: str,
    size: int | None,
    blocks_of: Callable[[SealedFile], Iterator[bytes]],
) -> tuple[Iterator[bytes], list[bytes]]:
    """Raises SealBroken, CaptureDamaged and what the store raises."""
    sealed: SealedFile = sealed_file(store, file, key, recording_id)
    if sealed.size != size:
        raise SealBroken(f"it has {sealed.size} bytes of sound, not {size}")
    blocks = blocks_of(sealed)
    return blocks, list(islice(blocks, _AT_ONCE))


def threads(name: str) -> ThreadPoolExecutor:
    """All of them from now on: how many a server has is not to depend on who has listened."""
    opened = ThreadPoolExecutor(_THREADS, name)
    all_there = Barrier(_THREADS)
    for _ in range(_THREADS):
        opened.submit(all_there.wait)
    return opened


async def _go_on(
    threads: Executor, recording_id: str, blocks: Iterator[bytes], opened: list[bytes]
) -> AsyncIterator[bytes]:
    while opened:
        yield b"".join(opened)
        try:
            opened = await asyncio.get_running_loop().run_in_executor(
                threads, lambda: list(islice(blocks, _AT_ONCE))
            )
        except (OSError, RecordingError) as error:
            raise _unavailable(recording_id, str(error)) from error


def _unavailable(recording_id: str, reason: str) -> SoundUnavailable:
    log.error("recording.not_opened", recording=recording_id, reason=reason)
    return SoundUnavailable(f"the sound of recording {recording_id} cannot be opened now")
