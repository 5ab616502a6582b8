"""
A recording as Ogg Opus (RFC 7845): a quarter of G.711's size, and as long to the sample.

Each channel is a stream of its own within every packet (mapping family 1 without coupled streams):
what one party says is never heard on the other's side, as it would be in joint stereo. All in
constant memory; libopus comes from the wheel that the Opus legs use.
"""

import ctypes
import struct
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import opuslib_next  # type: ignore[import-untyped]
from opuslib_next.api import (  # type: ignore[import-untyped]
    ctl,
    libopus,
    multistream_decoder,
    multistream_encoder,
)

from .capture import SAMPLE_RATE
from .errors import CaptureDamaged
from .ogg import FIRST, LAST, SEGMENTS, Page, pages, segments, written
from .sealing import Block

Frames = npt.NDArray[np.int16]
"""Samples of 16 bits at 8 kHz, one row a moment, one column a channel."""

BITRATE: Final = 16_000  # a channel; PESQ 4.4 of 4.55 for speech that came as G.711
COMPLEXITY: Final = 0  # 5 costs more than twice the CPU for 0.02 in PESQ
FRAME: Final = 480  # samples: 60 ms, the longest of SILK's; a packet

_TICKS: Final = 48_000 // SAMPLE_RATE  # of a granule position, a sample
_LONGEST: Final = 2 * 3 * 1276  # bytes that two streams of 60 ms can have
_PACKETS: Final = 16  # a page: about a second, by which players seek
_HEAD: Final = struct.Struct("<8sBBHIhB")
_VENDOR: Final = b"hotline"
_TAGS: Final = b"OpusTags" + struct.pack("<I", len(_VENDOR)) + _VENDOR + bytes(4)


def encoded(frames: Iterable[Frames], channels: int, serial: int) -> Iterator[bytes]:
    """The file of these frames, in blocks; ``serial`` tells its stream from others."""
    with _state(_new_encoder(channels), multistream_encoder.destroy) as encoder:
        skipped = int(multistream_encoder.encoder_ctl(encoder, ctl.get_lookahead))
        begun = Page((_head(channels, skipped * _TICKS),), 0, FIRST)
        yield written(begun, serial, 0)
        yield written(Page((_TAGS,), 0), serial, 1)
        heard = _Counted(frames)
        afterwards = np.zeros((skipped, channels), np.int16)  # brings out what is still inside
        packets = (
            multistream_encoder.encode(encoder, one.tobytes(), FRAME, _LONGEST)
            for one in _in_frames(chain(heard, [afterwards]))
        )
        sound = _in_pages(packets, lambda: (skipped + heard.count) * _TICKS)
        for number, page in enumerate(sound, 2):
            yield written(page, serial, number)


def decoded(blocks: Iterable[Block]) -> tuple[int, Iterator[Frames]]:
    """
    How many channels a file has that :func:`encoded` made, and its frames.

    Raises CaptureDamaged. An array is only good until the next one is asked for.
    """
    file = pages(blocks)
    channels, skipped = _read_head(next(file, None))
    next(file, None)  # its tags
    return channels, _sound(file, channels, skipped)


def _sound(file: Iterable[Page], channels: int, skipped: int) -> Iterator[Frames]:
    with _state(_new_decoder(channels), multistream_decoder.destroy) as decoder:
        coded = 0  # samples of the packets so far
        for page in file:
            for sound in _decoded(decoder, page.packets, channels):
                begins, coded = coded, coded + FRAME
                end = page.granule // _TICKS if page.flags & LAST else coded
                some = sound[max(skipped - begins, 0) : max(end - begins, 0)]
                if len(some):
                    yield some


class _Counted:
    """Frames that go by; how many rows they had."""

    def __init__(self, frames: Iterable[Frames]) -> None:
        self._frames = frames
        self.count = 0

    def __iter__(self) -> Iterator[Frames]:
        for some in self._frames:
            self.count += len(some)
            yield some


def _in_frames(parts: Iterable[Frames]) -> Iterator[Frames]:
    """Of the one length; the last one is filled with silence."""
    rest: Frames | None = None
    for part in parts:
        whole = part if rest is None else np.concatenate([rest, part])
        end = len(whole) - len(whole) % FRAME
        for start in range(0, end, FRAME):
            yield whole[start : start + FRAME]
        rest = whole[end:].copy()
    if rest is not None and len(rest):
        yield np.concatenate([rest, np.zeros((FRAME - len(rest), rest.shape[1]), np.int16)])


def _in_pages(packets: Iterable[bytes], end: Callable[[], int]) -> Iterator[Page]:
    """``end``: the granule position where the sound ends, which the last page has."""
    waiting, taken = list[bytes](), 0
    for passed, packet in enumerate(packets):
        if len(waiting) == _PACKETS or taken + segments(packet) > SEGMENTS:
            yield Page(tuple(waiting), passed * FRAME * _TICKS)
            waiting, taken = [], 0
        waiting.append(packet)
        taken += segments(packet)
    yield Page(tuple(waiting), end(), LAST)


def _head(channels: int, pre_skip: int) -> bytes:
    """RFC 7845, 5.1: one channel by family 0; two, each a stream of its own, by family 1."""
    mapping = bytes([channels, 0, *range(channels)]) if channels > 1 else b""
    family = 1 if mapping else 0
    return _HEAD.pack(b"OpusHead", 1, channels, pre_skip, SAMPLE_RATE, 0, family) + mapping


def _read_head(page: Page | None) -> tuple[int, int]:
    """How many channels, and how many samples come before the first one."""
    head = page.packets[0] if page is not None and page.packets else b""
    if len(head) < _HEAD.size or head[:8] != b"OpusHead":
        raise CaptureDamaged("it is no Opus file")
    _, _, channels, pre_skip, *_ = _HEAD.unpack_from(head)
    if channels not in (1, 2) or head != _head(channels, pre_skip):
        raise CaptureDamaged("it is no Opus file of ours")
    return channels, pre_skip // _TICKS


@contextmanager
def _state(state: Any, destroy: Callable[[Any], None]) -> Iterator[Any]:
    try:
        yield state
    finally:
        destroy(state)


def _new_encoder(channels: int) -> Any:
    """
    For any sound, not for a telephone's ear: that application would take away what is below 50 Hz.
    """
    encoder = multistream_encoder.create_state(
        SAMPLE_RATE, channels, channels, 0, range(channels), opuslib_next.APPLICATION_AUDIO
    )
    for setting, value in (
        (ctl.set_bitrate, channels * BITRATE),
        (ctl.set_complexity, COMPLEXITY),
        (ctl.set_signal, opuslib_next.SIGNAL_VOICE),
    ):
        multistream_encoder.encoder_ctl(encoder, setting, value)
    return encoder


def _new_decoder(channels: int) -> Any:
    return multistream_decoder.create_state(SAMPLE_RATE, channels, channels, 0, range(channels))


def _decoded(decoder: Any, packets: Iterable[bytes], channels: int) -> Iterator[Frames]:
    """By libopus itself: the package would make a list of Python's numbers of each packet."""
    sound = np.zeros((FRAME, channels), np.int16)
    target = sound.ctypes.data_as(ctypes.POINTER(ctypes.c_int16))
    for packet in packets:
        done = libopus.opus_multistream_decode(decoder, packet, len(packet), target, FRAME, 0)
        if done != FRAME:
            raise CaptureDamaged("a packet is not Opus")
        yield sound
