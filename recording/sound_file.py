"""
What a recording's file is: G.711 in WAV, as the parties' phones sent it, or Opus in Ogg.

Whatever it is, it can be read as levels again, block by block.
"""

import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Final, Literal

import numpy as np

from config.recording_words import Format, Layout

from . import opus, stereo
from .capture import CaptureChannel
from .laws import LEVELS, Codec, in_law
from .opus import Frames
from .sealing import CHUNK, Block

SoundCodec = Literal["PCMU", "PCMA", "OPUS"]
OPUS: Final = "OPUS"
DECODED: Final[Codec] = "PCMU"
"""The law in which Opus is given to who wants G.711."""

SUFFIXES: Final[dict[Format, str]] = {"wav": ".wav", "opus": ".opus"}

_LEVELS = {law: levels.astype(np.int16) for law, levels in LEVELS.items()}


@dataclass(frozen=True, slots=True)
class SoundFile:
    """
    A file that can be made, as often as it is asked for.

    ``exact``: it is the same to the byte whenever it is made, by whatever release.
    """

    suffix: str
    codec: SoundCodec
    samples: int
    blocks: Callable[[], Iterator[Block]]
    exact: bool


def of_capture(
    recording_id: str, channels: list[CaptureChannel], *, layout: Layout, file_format: Format
) -> SoundFile:
    """The file of these channels. Raises CaptureDamaged."""
    mixed = layout == "mono" and len(channels) > 1
    suffix, law = SUFFIXES[file_format], stereo.law(*channels)
    if file_format == "wav":
        samples = stereo.length(*channels, mixed=mixed)
        made = partial(stereo.blocks, *channels, mixed=mixed)
        return SoundFile(suffix, law, samples, made, exact=True)
    samples = stereo.end_of(*channels)

    def encoded() -> Iterator[Block]:
        frames = (_LEVELS[law][codes] for codes in stereo.rows(channels, samples, mixed=mixed))
        return opus.encoded(frames, 1 if mixed else len(channels), serial(recording_id))

    return SoundFile(suffix, OPUS, samples, encoded, exact=False)


def serial(recording_id: str) -> int:
    """Of the Opus stream in a recording's file: always the same."""
    return zlib.crc32(recording_id.encode())


def levels(blocks: Iterable[Block]) -> tuple[int, Iterator[Frames]]:
    """
    How many channels a file has, and its sound. Raises CaptureDamaged.

    An array is only good until the next one is asked for.
    """
    is_opus, pieces = _look(blocks)
    if is_opus:
        return opus.decoded(pieces)
    law, channels, codes = stereo.read_wav(pieces)
    return channels, (_LEVELS[law][some] for some in codes)


def in_codes(blocks: Iterable[Block]) -> tuple[Codec, int, Iterator[bytes]]:
    """The same in G.711, whatever the file has: its law, how many channels, and their codes."""
    is_opus, pieces = _look(blocks)
    if is_opus:
        channels, frames = opus.decoded(pieces)
        return DECODED, channels, (in_law(some, DECODED).tobytes() for some in frames)
    law, channels, codes = stereo.read_wav(pieces)
    return law, channels, (some.tobytes() for some in codes)


def gathered(pieces: Iterable[Block]) -> Iterator[bytes]:
    """Small ones in blocks, for whom each costs something."""
    waiting = bytearray()
    for piece in pieces:
        waiting += piece
        if len(waiting) >= CHUNK:
            yield bytes(waiting)
            waiting.clear()
    yield bytes(waiting)


def _look(blocks: Iterable[Block]) -> tuple[bool, Iterator[Block]]:
    """Whether it is Ogg; and all of it."""
    pieces = iter(blocks)
    first = bytes(next(pieces, b""))
    return first[:4] == b"OggS", chain([first], pieces)
