"""A recording for whatever plays sound: PCM of 16 bits, which mail programs and phones all know."""

import struct
from collections.abc import Iterable, Iterator
from typing import Final

from .capture import SAMPLE_RATE
from .errors import CaptureDamaged
from .opus import Frames
from .sealing import Block
from .sound_file import gathered, levels

_HEAD: Final = struct.Struct("<4sI4s 4sIHHIIHH 4sI")
_LARGEST: Final = 0xFFFFFFFF  # RIFF counts bytes in 32 bits


def as_pcm(sound_file: bytes) -> bytes:
    """A recording's sound file as a WAV file of PCM. Raises CaptureDamaged."""
    channels, frames = levels([sound_file])
    sound = b"".join(_bytes(frames))
    return _head(channels, len(sound)) + sound


def in_pcm(blocks: Iterable[Block], samples: int) -> Iterator[bytes]:
    """The same block by block, of a sound file with so many samples a channel."""
    channels, frames = levels(blocks)
    yield _head(channels, 2 * channels * samples)
    yield from gathered(_bytes(frames))


def _bytes(frames: Iterable[Frames]) -> Iterator[bytes]:
    return (some.astype("<i2", order="C").tobytes() for some in frames)


def _head(channels: int, size: int) -> bytes:
    if _HEAD.size + size > _LARGEST:
        raise CaptureDamaged(f"{size} bytes are more than a WAV file holds")
    return _HEAD.pack(
        *(b"RIFF", _HEAD.size - 8 + size, b"WAVE"),
        *(b"fmt ", 16, 1, channels, SAMPLE_RATE, 2 * channels * SAMPLE_RATE, 2 * channels, 16),
        *(b"data", size),
    )
