"""
Opus legs at 8 kHz, one channel (RFC 6716, RFC 7587). libopus comes from a wheel.

libopus converts by itself: it decodes whatever a sender chose, stereo and full band too, to 8 kHz,
and encodes 8 kHz as narrow band.
"""

import ctypes
from typing import Final

import numpy as np
import numpy.typing as npt
import opuslib_next  # type: ignore[import-untyped]
from opuslib_next.api.decoder import libopus_decode  # type: ignore[import-untyped]

Samples = npt.NDArray[np.int16]

CLOCK_RATE: Final = 48000  # of its RTP timestamps, whatever is inside (RFC 7587 §4.1)
RATE: Final = 8000
LONGEST: Final = 960  # samples of 120 ms
BITRATE: Final = 20000  # narrow-band speech has nothing to gain from more (RFC 7587 §3.1.1)
# 50 µs a frame; more costs twice as much and is not to be heard in narrow-band speech.
COMPLEXITY: Final = 5
# What the encoder prepares for: from here on it adds a coarse copy of the frame before.
EXPECTED_LOSS_PERCENT: Final = 5
_SILK_MS: Final = (10, 20, 40, 60)
_CELT_MS: Final = (2.5, 5, 10, 20)


class OpusDecoder:
    """What one sender says. Keeps state: every payload in its order, a loss in its place."""

    __slots__ = ("_decoder", "_pcm", "_target")

    def __init__(self) -> None:
        self._decoder = opuslib_next.Decoder(RATE, 1)
        self._pcm: Samples = np.zeros(LONGEST, np.int16)
        self._target = self._pcm.ctypes.data_as(ctypes.POINTER(ctypes.c_int16))

    def decode(self, payload: bytes) -> Samples | None:
        """The samples of a payload; None if it is not Opus."""
        return self._run(payload, LONGEST, 0)

    def conceal(self, samples: int, following: bytes | None) -> Samples | None:
        """
        What takes the place of lost audio.

        ``following`` is the payload after it, if that is there: it may hold a coarse copy of what
        was lost (in-band FEC).
        """
        samples -= samples % 20  # libopus knows steps of 2.5 ms
        if samples <= 0:
            return None
        if following:
            return self._run(following, samples, 1)
        return self._run(None, samples, 0)

    def _run(self, payload: bytes | None, samples: int, fec: int) -> Samples | None:
        size = len(payload) if payload is not None else 0
        done = libopus_decode(
            self._decoder.decoder_state, payload, size, self._target, min(samples, LONGEST), fec
        )
        return self._pcm[:done].copy() if done > 0 else None


class OpusEncoder:
    """What we say to one listener: 10, 20, 40 or 60 ms a payload."""

    __slots__ = ("_encoder",)

    def __init__(self) -> None:
        self._encoder = opuslib_next.Encoder(RATE, 1, "voip")
        self._encoder.bitrate = BITRATE
        self._encoder.complexity = COMPLEXITY
        self._encoder.inband_fec = 1
        self._encoder.packet_loss_perc = EXPECTED_LOSS_PERCENT

    def encode(self, samples: Samples) -> bytes:
        payload: bytes = self._encoder.encode(samples.tobytes(), len(samples))
        return payload


def duration(payload: bytes) -> int:
    """The ticks of the RTP clock that a payload covers; 0 if it is malformed (RFC 6716 §3.1)."""
    if not payload:
        return 0
    config, code = payload[0] >> 3, payload[0] & 3
    if config < 12:
        ms: float = _SILK_MS[config & 3]
    elif config < 16:
        ms = _SILK_MS[config & 1]
    else:
        ms = _CELT_MS[config & 3]
    count = (1, 2, 2, payload[1] & 0x3F if len(payload) > 1 else 0)[code]
    return int(ms * count * 48) if ms * count <= 120 else 0
