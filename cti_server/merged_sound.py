"""Several recordings heard as one: each as it was edited last, opened block by block."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace

from recording.edited_wav import Given
from recording.edits import PER_MS, within
from recording.merged_wav import MergedWav, Section

from .edited_sound import EditedSounds, begun
from .store.recording_edits import RecordingEdit
from .store.recordings import Recording


@dataclass(frozen=True, slots=True)
class Source:
    """A stretch of a recording, in milliseconds of it as it was recorded; None: to its end."""

    recording: Recording
    edit: RecordingEdit | None
    from_ms: int
    to_ms: int | None


class MergedSounds:
    """Opens what is heard of these, one after the other."""

    def __init__(self, sounds: EditedSounds, sources: Sequence[Source]) -> None:
        self._sounds = sounds
        self._sources = sources

    async def file(self) -> MergedWav | None:
        """
        None if nothing is heard of them, or one is no more.

        Raises SoundUnavailable, and CaptureDamaged for a sound that is no WAV file of ours.
        """
        found = []
        for source in self._sources:
            edits = () if source.edit is None else source.edit.spans
            wav = await self._sounds.file(source.recording, edits)
            if wav is None:
                return None
            end = wav.heard[-1].end if wav.heard else 0
            if source.to_ms is not None:
                end = min(end, source.to_ms * PER_MS)
            found.append(replace(wav, heard=within(wav.heard, source.from_ms * PER_MS, end)))
        return MergedWav(tuple(found)) if any(wav.length for wav in found) else None

    async def open(self, wav: MergedWav, start: int, end: int) -> AsyncIterator[bytes]:
        """The file's bytes, of which the first are opened when this returns."""
        return await begun(self.read(wav, start, end))

    async def read(self, wav: MergedWav, start: int, end: int) -> AsyncIterator[bytes]:
        """
        The bytes of the :meth:`file` from ``start`` up to ``end``.

        Raises SoundUnavailable, also midway.
        """
        for section in wav.sections(start, end):
            match section:
                case Given(content):
                    yield content
                case Section():
                    async for block in self._section(wav, section):
                        yield block

    async def _section(self, wav: MergedWav, section: Section) -> AsyncIterator[bytes]:
        """Of blocks whose own bytes are each a whole number of samples in one channel."""
        recording, part = self._sources[section.part].recording, wav.parts[section.part]
        skip, left = section.skip, section.size
        async for block in await self._sounds.open(recording, part, section.start, section.end):
            wanted = wav.as_heard(section.part, block)[skip : skip + left]
            skip, left = 0, left - len(wanted)
            yield wanted
