"""The noise that a comfort-noise payload describes (RFC 3389). Pure."""

from typing import Final

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.int16]

# 0 dBov is a square wave of mu-law's largest value (RFC 3389 §3.1), here in 16 bits.
OVERLOAD: Final = 32124.0
_LOOP: Final = 8192  # samples until the noise repeats
_LONGEST_MODEL: Final = 12  # reflection coefficients that are looked at
_PHASES: Final = np.exp(2j * np.pi * np.random.default_rng(3389).random(_LOOP // 2 + 1))


class ComfortNoise:
    """Noise of one level and colour, about a second of it, repeated."""

    __slots__ = ("_at", "_loop", "payload")

    def __init__(self, payload: bytes) -> None:
        self.payload = payload
        self._loop = _noise(payload)
        self._at = 0

    def next(self, count: int) -> Samples:
        """The following ``count`` samples."""
        samples = self._loop.take(np.arange(self._at, self._at + count), mode="wrap")
        self._at = (self._at + count) % _LOOP
        return samples


def _noise(payload: bytes) -> Samples:
    level = payload[0] & 0x7F if payload else 127  # −dBov
    colour = _PHASES * _spectrum(payload[1 : 1 + _LONGEST_MODEL])
    colour[0] = colour[-1] = 0
    noise = np.fft.irfft(colour)
    loudness = OVERLOAD * 10.0 ** (-level / 20)
    noise *= loudness / np.sqrt(np.mean(noise * noise))
    return np.clip(np.rint(noise), -32768, 32767).astype(np.int16)


def _spectrum(coefficients: bytes) -> npt.NDArray[np.float64]:
    """The magnitudes of the all-pole filter that the reflection coefficients make (§3.2)."""
    model = np.ones(1)
    for octet in coefficients:
        reflection = min(max((octet - 127) * 258 / 32768, -0.98), 0.98)
        longer = np.append(model, 0.0)
        model = longer + reflection * longer[::-1]
    return 1 / np.abs(np.fft.rfft(model, _LOOP))
