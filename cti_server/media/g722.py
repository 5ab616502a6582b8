"""
G.722 at 64 kbit/s for legs that are mixed at 8 kHz (ITU-T G.722; the codec comes from a wheel).

The codec's own sampling rate is 16 kHz. Its short cut for 8 kHz leaves the mirror images of what is
near 4 kHz in the upper band, 10 dB below a tone of 3.4 kHz; the filters here leave none.
"""

from typing import Final

import numpy as np
import numpy.typing as npt
from G722 import G722  # type: ignore[import-not-found]

from .resampling import Doubler, Halver

Samples = npt.NDArray[np.int16]

_RATE: Final = 16000
_BITS: Final = 64000


class G722Decoder:
    """What one sender says."""

    __slots__ = ("_codec", "_halver")

    def __init__(self) -> None:
        self._codec = G722(_RATE, _BITS)
        self._halver = Halver()

    def decode(self, payload: bytes) -> Samples:
        return self._halver.halve(np.frombuffer(self._codec.decode(payload), np.int16))

    def conceal(self, samples: int, following: bytes | None) -> None:
        """Nothing of its own: see :mod:`.concealment`."""


class G722Encoder:
    """What we say to one listener."""

    __slots__ = ("_codec", "_doubler")

    def __init__(self) -> None:
        self._codec = G722(_RATE, _BITS)
        self._doubler = Doubler()

    def encode(self, samples: Samples) -> bytes:
        payload: bytes = self._codec.encode(self._doubler.double(samples))
        return payload
