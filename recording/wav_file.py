"""A WAV file that lies nowhere: any bytes of it, made of the sound when they are asked for."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from .laws import Codec
from .sealing import Block
from .stereo import wav_header

UNKNOWN = 0xFFFFFFFF
"""What a header says for the length of a sound whose end is not known yet, as players expect."""

Frames = Callable[[int, int], Iterable[Block]]
"""The sound from one position up to another: a sample of each channel in turn."""


@dataclass(frozen=True, slots=True)
class WavFile:
    """The file of so many ``samples`` in each channel."""

    codec: Codec
    channels: int
    samples: int

    @property
    def size(self) -> int:
        return len(self._header) + self.samples * self.channels

    @property
    def _header(self) -> bytes:
        return wav_header(self.codec, self.samples, self.channels)

    def read(self, start: int, end: int, frames: Frames) -> Iterator[bytes]:
        """The file's bytes from ``start`` up to ``end``, which it has. A block is any size."""
        header = self._header
        if start < len(header):
            yield header[start:end]
        first, after = max(start - len(header), 0), end - len(header)
        if first >= after:
            return
        begins = first // self.channels
        at = begins * self.channels
        for block in frames(begins, -(-after // self.channels)):
            wanted = bytes(block)[max(first - at, 0) : after - at]
            at += len(block)
            yield wanted


def endless_header(codec: Codec, channels: int) -> bytes:
    """The header of a sound that goes on while it is sent."""
    header = bytearray(wav_header(codec, 0, channels))
    for place in (4, len(header) - 12, len(header) - 4):  # of RIFF, fact and data
        header[place : place + 4] = UNKNOWN.to_bytes(4, "little")
    return bytes(header)
