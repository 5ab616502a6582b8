"""Several recordings, or stretches of them, heard one after the other as one WAV file. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from .edited_wav import EditedWav, Given
from .laws import RECODED, SILENCE, Codec
from .stereo import HEADER, wav_header


@dataclass(frozen=True, slots=True)
class Section:
    """
    Bytes of one part's sound: those of its own file from ``start`` up to ``end``.

    Of what they become in the merged file the first ``skip`` bytes are not meant, and ``size`` are.
    """

    part: int
    start: int
    end: int
    skip: int
    size: int


@dataclass(frozen=True, slots=True)
class MergedWav:
    """
    The file of these parts, of which there is one at least: in the law of the first, and in two
    channels if one of them has two. What somebody says who is alone in theirs is heard in both.
    """

    parts: tuple[EditedWav, ...]

    @property
    def codec(self) -> Codec:
        return self.parts[0].codec

    @property
    def channels(self) -> int:
        return max(part.channels for part in self.parts)

    @property
    def length(self) -> int:
        """How many samples are heard, in each channel."""
        return sum(part.length for part in self.parts)

    @property
    def size(self) -> int:
        return HEADER + self._samples * self.channels

    @property
    def _samples(self) -> int:
        """In each channel. Chunks of a RIFF file end at even places."""
        return self.length + self.length * self.channels % 2

    def sections(self, start: int, end: int) -> Iterator[Given | Section]:
        """What its bytes from ``start`` up to ``end`` are."""
        head = wav_header(self.codec, self._samples, self.channels)
        if start < HEADER:
            yield Given(head[start:end])
        at = HEADER
        for number, part in enumerate(self.parts):
            size = part.length * self.channels
            first, after = max(start - at, 0), min(end - at, size)
            if first < after:
                yield self._section(number, first, after)
            at += size
        if (padding := end - max(start, at)) > 0:
            yield Given(bytes([SILENCE[self.codec]]) * padding)

    def as_heard(self, part: int, sound: bytes) -> bytes:
        """These bytes of a part's own file, which are whole samples, as they are in this one."""
        it = self.parts[part]
        if it.codec != self.codec:
            sound = sound.translate(RECODED[it.codec, self.codec])
        copies = self.channels // it.channels
        return sound if copies == 1 else np.frombuffer(sound, np.uint8).repeat(copies).tobytes()

    def _section(self, number: int, first: int, after: int) -> Section:
        copies = self.channels // self.parts[number].channels
        start, end = first // copies, -(-after // copies)
        return Section(number, HEADER + start, HEADER + end, first - start * copies, after - first)
