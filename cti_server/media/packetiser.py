"""From frames of 20 ms to payloads as long as the other side wants them. Pure."""

from typing import Final

import numpy as np
import numpy.typing as npt

from .codecs import Encoder, clock_rate, make_encoder
from .protocol import LegCodec
from .rtp import CLOCK_RATE

Samples = npt.NDArray[np.int16]

_LENGTHS: Final[dict[str, tuple[int, ...]]] = {"OPUS": (10, 20, 40, 60)}  # RFC 7587 §4.2
_ANY: Final = (10, 20, 30, 40, 50, 60)


class Packetiser:
    """What one listener gets: encoded, and cut to length. ``ticks`` of the RTP clock a payload."""

    __slots__ = ("_encoder", "_rest", "_size", "ticks")

    def __init__(self, codec: LegCodec, ptime_ms: int = 20) -> None:
        """The nearest length not above ``ptime_ms`` that the codec knows is taken."""
        lengths = [length for length in _LENGTHS.get(codec, _ANY) if length <= ptime_ms]
        self._size = (lengths[-1] if lengths else 10) * CLOCK_RATE // 1000
        self._encoder: Encoder = make_encoder(codec)
        self._rest: Samples = np.zeros(0, np.int16)
        self.ticks = self._size * (clock_rate(codec) // CLOCK_RATE)

    def put(self, frame: Samples) -> list[bytes]:
        """The payloads that this frame completes: none, one, or several."""
        if len(frame) == self._size:
            return [self._encoder.encode(frame)]
        samples = np.concatenate((self._rest, frame))
        whole = len(samples) - len(samples) % self._size
        self._rest = samples[whole:]
        return [
            self._encoder.encode(samples[at : at + self._size])
            for at in range(0, whole, self._size)
        ]
