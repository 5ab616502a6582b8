"""The sound of recordings whose calls go on, read from where the media workers write it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Executor
from functools import partial
from itertools import islice
from pathlib import Path

from recording.errors import UnknownCapture
from recording.running import RunningSound
from recording.sealing import Block
from recording.wav_file import WavFile, endless_header

from .recorded_sound import threads

LOOK_EVERY = 0.4
"""
Seconds between two looks at a file that grows: half of what its writer, who is in another process
and has nobody to tell, takes.
"""
_AT_ONCE = 4  # blocks that are read on one way to a thread and back


class Listening:
    """Somebody who listens to a capture; to be closed."""

    def __init__(self, sound: RunningSound, over: Callable[[], bool], executor: Executor) -> None:
        self._sound = sound
        self._over = over
        self._executor = executor

    def close(self) -> None:
        self._sound.close()

    async def so_far(self) -> WavFile | None:
        """The file of what is there now; None if that is nothing. Raises CaptureDamaged."""
        over = self._over()  # asked before: what is there after it is all that will be
        return (await self._look(over=over))[0]

    async def read(self, wav: WavFile, start: int, end: int) -> AsyncIterator[bytes]:
        """The bytes of such a file from ``start`` up to ``end``."""
        async for block in self._blocks(wav.read(start, end, partial(self._sound.frames, wav))):
            yield block

    async def follow(self, start: Callable[[int], int]) -> AsyncIterator[bytes]:
        """
        A file without a known end, as it grows, until the call or its recording ends.

        ``start`` says from which position, when it is told how many there are. Raises
        CaptureDamaged; nothing comes of a capture that ends empty.
        """
        sent: int | None = None
        over = False
        while not over:
            wav, over = await self._look(over=self._over())
            if wav is not None:
                if sent is None:
                    sent = start(wav.samples)
                    yield endless_header(wav.codec, wav.channels)
                async for block in self._blocks(self._sound.frames(wav, sent, wav.samples)):
                    yield block
                sent = max(sent, wav.samples)
            if not over:
                await asyncio.sleep(LOOK_EVERY)

    async def _look(self, *, over: bool) -> tuple[WavFile | None, bool]:
        """What there is, and whether that is all there will be."""

        def look() -> tuple[WavFile | None, bool]:
            ends = over or self._sound.moved
            return self._sound.so_far(over=ends), ends

        return await asyncio.get_running_loop().run_in_executor(self._executor, look)

    async def _blocks(self, blocks: Iterator[Block]) -> AsyncIterator[bytes]:
        loop, some = asyncio.get_running_loop(), partial(_some, blocks)
        while read := await loop.run_in_executor(self._executor, some):
            yield read


class RunningSounds:
    """
    Opens captures in the ``spool``; ``finished`` says of one that nothing comes any more.

    The reading is done by threads of its own: the loop waits for no disk, and nobody for a store.
    """

    def __init__(self, spool: Path, finished: Callable[[Path], bool]) -> None:
        self._spool = spool
        self._finished = finished
        self._threads = threads("running")

    async def open(self, recording_id: str) -> Listening | None:
        """None where nothing of it is captured (yet, or any more)."""
        folder = self._spool / recording_id
        try:
            sound = await asyncio.get_running_loop().run_in_executor(
                self._threads, RunningSound, folder
            )
        except UnknownCapture:
            return None
        return Listening(sound, partial(self._finished, folder), self._threads)


def _some(blocks: Iterator[Block]) -> bytes:
    return b"".join(map(bytes, islice(blocks, _AT_ONCE)))  # a block is good until the next one
