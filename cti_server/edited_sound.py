"""Recordings as they are to be heard: edited, where somebody has edited them."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from recording.edited_wav import EditedWav, Given, Original, Part
from recording.edits import Span, pieces
from recording.sound_file import DECODED, OPUS
from recording.stereo import HEADER, read_header

from .recorded_sound import RecordedSounds, SoundUnavailable
from .store.database import Database
from .store.recording_edits import RecordingEdit, RecordingEdits
from .store.recordings import STORED, Recording, Recordings

_BLOCK = 1 << 16  # bytes at once


class EditedSounds:
    """Opens what was made of stored recordings, block by block."""

    def __init__(self, database: Database, sounds: RecordedSounds) -> None:
        self._database = database
        self._sounds = sounds

    async def file(self, recording: Recording, spans: Sequence[Span] = ()) -> EditedWav | None:
        """
        Its file with these edits; None if there is no sound of it (any more).

        A WAV file, whatever the recording's own is. Raises SoundUnavailable, and CaptureDamaged for
        a sound that is no file of ours.
        """
        head, size = b"", recording.size or 0
        blocks = await self._opened(recording, Original(0, HEADER))
        if blocks is None:
            return None
        async for block in blocks:
            head += block
        if recording.codec == OPUS:
            return EditedWav(DECODED, recording.channels, pieces(spans, recording.samples))
        codec, channels = read_header(head)
        return EditedWav(codec, channels, pieces(spans, (size - HEADER) // channels))

    async def open(
        self, recording: Recording, wav: EditedWav, start: int, end: int
    ) -> AsyncIterator[bytes]:
        """
        The bytes that ``read`` gives, of which the first are opened when this returns.

        Also where its sound is elsewhere by now than ``recording`` says, or is so midway.
        """
        return await begun(self._followed(recording, wav, start, end))

    async def elsewhere(self, recording: Recording) -> Recording | None:
        """It as it is by now, if another file or other stores have its sound: it became smaller."""
        async with self._database.readers() as session:
            now = await Recordings(session).get(recording.id)
        if now is None or now.state != STORED:
            return None
        same = (now.file, now.stores) == (recording.file, recording.stores)
        return None if same else now

    async def read(
        self, recording: Recording, wav: EditedWav, start: int, end: int
    ) -> AsyncIterator[bytes]:
        """
        The file's bytes from ``start`` up to ``end``, all of them.

        Raises SoundUnavailable, also midway, and for a recording that was erased meanwhile.
        """
        if recording.codec == OPUS:
            decoded = await self._sounds.open_edited(recording, wav, start, end)
            async for block in _need(decoded, recording):
                yield block
            return
        for part in wav.parts(start, end):
            async for block in self._part(recording, wav, part):
                yield block

    async def _followed(
        self, recording: Recording, wav: EditedWav, start: int, end: int
    ) -> AsyncIterator[bytes]:
        try:
            async for block in self.read(recording, wav, start, end):
                yield block
                start += len(block)
        except SoundUnavailable:
            if (now := await self.elsewhere(recording)) is None:
                raise
        else:
            return
        async for block in self.read(now, wav, start, end):
            yield block

    async def of_file(self, file: str) -> bytes:
        """
        The whole sound of a recording by its file, for what is sent: edited, if it was.

        Raises FileNotFoundError for one that is no more, SoundUnavailable, and what the database
        raises.
        """
        recording = await self._sounds.by_file(file)
        blocks = await self.heard(recording, await self.edit_of(recording))
        if blocks is None:
            raise FileNotFoundError(file)
        return b"".join([block async for block in blocks])

    async def heard(
        self, recording: Recording, edit: RecordingEdit | None
    ) -> AsyncIterator[bytes] | None:
        """
        All that is heard of it; None if there is no sound of it (any more).

        Raises SoundUnavailable, CaptureDamaged as ``file`` does.
        """
        if edit is None:
            return await self._opened(recording, Original(0, recording.size or 0))
        wav = await self.file(recording, edit.spans)
        return None if wav is None else await self.open(recording, wav, 0, wav.size)

    async def edit_of(self, recording: Recording) -> RecordingEdit | None:
        """By which it is heard; None if it is heard as it is."""
        async with self._database.readers() as session:
            edit = await RecordingEdits(session).latest(recording.id)
        return edit if edit is not None and edit.edits else None

    async def _part(self, recording: Recording, wav: EditedWav, part: Part) -> AsyncIterator[bytes]:
        match part:
            case Given(content):
                yield content
            case Original():
                async for block in self._original(recording, part):
                    yield block
            case _:
                for start in range(0, part.size, _BLOCK):
                    yield bytes([wav.silence]) * min(_BLOCK, part.size - start)

    async def _original(self, recording: Recording, part: Original) -> AsyncIterator[bytes]:
        async for block in _need(await self._opened(recording, part), recording):
            yield block

    async def _opened(self, recording: Recording, part: Original) -> AsyncIterator[bytes] | None:
        if (plain := await self._sounds.plain_file(recording)) is not None:
            return _blocks(plain, part)
        return await self._sounds.open(recording, part.start, part.end)


def _need(blocks: AsyncIterator[bytes] | None, recording: Recording) -> AsyncIterator[bytes]:
    if blocks is None:
        raise SoundUnavailable(f"there is no sound of recording {recording.id} any more")
    return blocks


async def begun(blocks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same, of which the first are opened when this returns."""
    return _with_first(await anext(blocks, b""), blocks)


async def _blocks(file: Path, part: Original) -> AsyncIterator[bytes]:
    for start in range(part.start, part.end, _BLOCK):
        yield await asyncio.to_thread(_read, file, start, min(start + _BLOCK, part.end))


def _read(file: Path, start: int, end: int) -> bytes:
    with file.open("rb") as sound:
        sound.seek(start)
        return sound.read(end - start)


async def _with_first(first: bytes, blocks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for block in blocks:
        yield block
