"""
Two captured channels as one stereo WAV file: the caller left, the agent right; or both, or one, as
mono.

G.711 stays G.711 (WAVE format tags 6 and 7). The work is done block by block in constant memory,
whatever the length of the call.
"""

import struct
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from itertools import chain
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from .capture import HEADER_SIZE, SAMPLE_RATE, CaptureChannel
from .errors import CaptureDamaged
from .laws import LEVELS, RECODED, SILENCE, Codec, in_law
from .sealing import Block

FORMAT_TAGS: dict[Codec, int] = {"PCMA": 6, "PCMU": 7}  # RFC 2361: WAVE_FORMAT_ALAW, _MULAW
BLOCK = 1 << 16  # samples a channel

_CODECS = {tag: codec for codec, tag in FORMAT_TAGS.items()}
_HEAD = struct.Struct("<4sI4s 4sIHHIIHHH 4sII 4sI")
HEADER = _HEAD.size  # bytes of a file before its sound
_LARGEST = 0xFFFFFFFF  # RIFF counts bytes in 32 bits

Codes = npt.NDArray[np.uint8]
"""One row a moment, one column a channel; only good until the next ones are asked for."""


def wav_header(codec: Codec, samples: int, channels: int = 2) -> bytes:
    """
    The header of a G.711 file with ``samples`` per channel.

    A compressed format has a ``cbSize`` in its format chunk and a ``fact`` chunk with the number
    of samples per channel (Microsoft, *New Multimedia Data Types*, 1994).
    """
    size = channels * samples
    return _HEAD.pack(
        *(b"RIFF", _HEAD.size - 8 + size, b"WAVE"),
        *(b"fmt ", 18, FORMAT_TAGS[codec], channels),
        *(SAMPLE_RATE, channels * SAMPLE_RATE, channels, 8, 0),
        *(b"fact", 4, samples),
        *(b"data", size),
    )


def read_wav(blocks: Iterable[Block]) -> tuple[Codec, int, Iterator[Codes]]:
    """
    A file that :func:`blocks` made: its law, how many channels it has, and their codes.

    Raises CaptureDamaged.
    """
    pieces = iter(blocks)
    begun = bytearray()
    while len(begun) < HEADER and (piece := next(pieces, None)) is not None:
        begun += piece
    codec, channels = read_header(bytes(begun))
    return codec, channels, _in_rows(chain([begun[HEADER:]], pieces), channels)


def read_header(content: bytes) -> tuple[Codec, int]:
    """Law and number of channels of such a file, of which this is the beginning."""
    if len(content) < HEADER or content[8:12] != b"WAVE":
        raise CaptureDamaged("it is no recording of ours")
    fields = _HEAD.unpack_from(content)
    codec, channels = _CODECS.get(fields[5]), fields[6]
    if codec is None or channels not in (1, 2):
        raise CaptureDamaged("it is not G.711")
    return codec, channels


def _in_rows(pieces: Iterable[Block], channels: int) -> Iterator[Codes]:
    rest = b""
    for piece in pieces:
        whole = rest + bytes(piece)
        end = len(whole) - len(whole) % channels
        rest = whole[end:]
        if end:
            yield np.frombuffer(whole[:end], np.uint8).reshape(-1, channels)


def length(*channels: CaptureChannel, mixed: bool = False) -> int:
    """
    How many samples the file has per channel: up to the end of the longest one.

    Chunks of a RIFF file end at even places, so a mono one may have a sample of silence more.
    """
    count = 1 if mixed else len(channels)
    samples = end_of(*channels)
    samples += samples * count % 2
    if _HEAD.size + count * samples > _LARGEST:
        raise CaptureDamaged(f"{samples} samples are more than a WAV file holds")
    return samples


def end_of(*channels: CaptureChannel) -> int:
    """Where the longest one ends."""
    return max(channel.end for channel in channels)


def law(*channels: CaptureChannel) -> Codec:
    """The file's law: that of the first channel on which something was heard, or the last one's."""
    heard = [channel.codec for channel in channels if channel.samples]
    unheard = [channel.codec for channel in reversed(channels) if not channel.samples]
    codec = next((one for one in [*heard, *unheard] if one is not None), None)
    if codec is None:
        raise CaptureDamaged("no channel has any audio")
    return codec


def blocks(*channels: CaptureChannel, mixed: bool = False) -> Iterator[Block]:
    """The whole file, mono if ``mixed``. A block is only good until the next one is asked for."""
    codec, end = law(*channels), length(*channels, mixed=mixed)
    yield wav_header(codec, end, 1 if mixed else len(channels))
    for codes in rows(channels, end, mixed=mixed):
        yield codes.data.cast("B")


def rows(channels: Sequence[CaptureChannel], end: int, *, mixed: bool = False) -> Iterator[Codes]:
    """The codes up to ``end``, in the file's law (:func:`law`)."""
    codec = law(*channels)
    with ExitStack() as stack:
        opened = [(one, stack.enter_context(one.path.open("rb"))) for one in channels]
        yield from frames(opened, codec, 0, end, mixed=mixed)


def _together(codes: Codes, law: Codec) -> Codes:
    """All channels in one, as whoever listened would have heard them."""
    return in_law(LEVELS[law][codes].sum(axis=1, keepdims=True), law)


def frames(
    channels: Sequence[tuple[CaptureChannel, BinaryIO]],
    codec: Codec,
    start: int,
    end: int,
    *,
    mixed: bool = False,
) -> Iterator[Codes]:
    """
    The sound alone, from position ``start`` up to ``end``.

    Each channel comes with its file, which is read from there on.
    """
    found = np.empty((BLOCK, len(channels)), np.uint8)
    lanes = [_Lane(channel, file, codec, start) for channel, file in channels]
    for begin in range(start, end, BLOCK):
        count = min(BLOCK, end - begin)
        for side, lane in enumerate(lanes):
            found[:count, side] = np.frombuffer(lane.take(begin, count), np.uint8)
        yield _together(found[:count], codec) if mixed else found[:count]


class _Lane:
    """One channel, read from ``start`` to its end, with silence where it has nothing."""

    def __init__(self, channel: CaptureChannel, file: BinaryIO, law: Codec, start: int = 0) -> None:
        self._channel = channel
        self._file = file
        self._silence = bytes([SILENCE[law]])
        differs = channel.codec is not None and channel.codec != law
        self._table = RECODED[channel.codec, law] if channel.codec and differs else None
        file.seek(HEADER_SIZE + max(start - channel.offset, 0))

    def take(self, start: int, count: int) -> bytes:
        """The samples from ``start`` on; each call goes on where the last one ended."""
        channel = self._channel
        silent_before = min(max(channel.offset - start, 0), count)
        wanted = min(max(channel.end - start, 0), count) - silent_before
        if wanted <= 0:
            return self._silence * count
        heard = self._file.read(wanted)
        if len(heard) < wanted:
            raise CaptureDamaged(f"{channel.path.name} became shorter while it was read")
        if self._table is not None:
            heard = heard.translate(self._table)
        if wanted == count:
            return heard
        silent_after = count - silent_before - wanted
        return self._silence * silent_before + heard + self._silence * silent_after
