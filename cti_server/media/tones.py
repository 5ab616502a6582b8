"""
Which DTMF key, if any, sounds in 20 ms of audio (ITU-T Q.23, Q.24). Pure, numpy.

A bank of Goertzel filters, written as one matrix: each window's sixteen outputs are one product, of
as many windows as there are. A filter's phase, from one window to the next, tells the frequency to
about a hertz, which the filter's own width could not.

What is a key: two tones of the right frequencies, neither too weak nor too unlike in level, and
next to nothing else. Speech has both tones now and then, but hardly ever without the rest of its
harmonics ("talk-off").
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from .rtp import CLOCK_RATE

ROWS: Final = (697.0, 770.0, 852.0, 941.0)  # Hz, Q.23
COLUMNS: Final = (1209.0, 1336.0, 1477.0, 1633.0)
KEYPAD: Final = "123A456B789C*0#D"  # by 4 * row + column

WINDOW: Final = 160  # samples: 20 ms
HOP: Final = 40  # samples from one window to the next: 5 ms
NO_KEY: Final = -1

# Q.24 Annex A: what must be taken (AT&T: 1.5 %; 0 to -25 dBm; the high group 4 dB above to 8 dB
# below the low one) and what must not (3.5 %). Each bound lies between the two, or just outside.
FREQUENCY_TOLERANCE: Final = 0.025
LOWEST_LEVEL: Final = -28.0  # dBm0 of each tone
HIGH_ABOVE_LOW: Final = 5.0  # dB
HIGH_BELOW_LOW: Final = 9.5
PURITY: Final = 0.8  # the two tones' part of all the energy, at least
HARMONIC: Final = 0.05  # the overtones' power, of that of the tones, at most
FULL_SCALE: Final = 32124.0  # peak of G.711; a sine of this is +3.17 dBm0
LOWEST_AMPLITUDE: Final = float(FULL_SCALE * 10 ** ((LOWEST_LEVEL - 3.17) / 20))

Samples = npt.NDArray[np.int16]
Windows = npt.NDArray[np.float32]
Spectrum = npt.NDArray[np.complex64]
Keys = npt.NDArray[np.int8]

_TONES = np.array(ROWS + COLUMNS)
_SHAPE = np.hanning(WINDOW + 1)[:-1]
_GAIN = 2 / _SHAPE.sum()  # from a filter's output to an amplitude
_ENERGY = float(0.5 * (_SHAPE**2).sum())  # of a sine of amplitude 1, in the window


# The second harmonic of a high tone. That of a low one lies too near to the high tones to be told
# from them; the third does not.
_OVERTONES = np.concatenate((3 * _TONES[:4], 2 * _TONES[4:]))


def _filters() -> npt.NDArray[np.float32]:
    """Cosines of the tones and of their overtones, then the sines, each times the shape."""
    frequencies = np.concatenate((_TONES, _OVERTONES))
    angle = 2 * np.pi / CLOCK_RATE * np.outer(np.arange(WINDOW), frequencies)
    shape = _GAIN * _SHAPE[:, None]
    return np.hstack((shape * np.cos(angle), -shape * np.sin(angle))).astype(np.float32)


_FILTERS = _filters()
_SQUARED_SHAPE = (_SHAPE**2).astype(np.float32)
# What a filter's phase goes on by in a hop, if the tone is exactly its own.
_TURN = np.exp(-2j * np.pi * _TONES * HOP / CLOCK_RATE).astype(np.complex64)
_HERTZ = np.float32(CLOCK_RATE / (2 * np.pi * HOP))
_LINE_WIDTH = CLOCK_RATE / WINDOW  # Hz


def listen(
    windows: Windows, before: Spectrum, known: npt.NDArray[np.bool_]
) -> tuple[Keys, Spectrum]:
    """
    The key in each window, and the filters' outputs; the last are the next call's ``before``.

    ``windows`` is [legs, windows, samples], each leg's a hop apart; ``before`` is [legs, tones];
    where ``known`` is false, a leg was not listened to just before, and its first window goes by
    the second. One that has no second either, a packet between two that were lost, is not asked
    for its frequencies; the filters' width has to do.
    """
    output = windows @ _FILTERS
    spectrum = output[..., :8] + 1j * output[..., 16:24]
    squares = np.square(output)
    power = squares[..., :16] + squares[..., 16:]
    energy = np.square(windows) @ _SQUARED_SHAPE
    strongest = power[..., :4].max(-1) + power[..., 4:8].max(-1)
    if (_MOST * strongest >= PURITY * energy).any():
        keys = _keys(_offsets(spectrum, before, known), power, energy)
    else:
        keys = np.full(energy.shape, NO_KEY, np.int8)
    return keys, spectrum


def _offsets(
    spectrum: Spectrum, before: Spectrum, known: npt.NDArray[np.bool_]
) -> npt.NDArray[np.float32]:
    """How far each window's tones are from the middle of their filters, in Hz."""
    earlier = np.concatenate((before[:, None], spectrum[:, :-1]), axis=1)
    away: npt.NDArray[np.float32] = np.angle(spectrum * earlier.conj() * _TURN) * _HERTZ
    following = away[:, 1] if spectrum.shape[1] > 1 else np.zeros_like(away[:, 0])
    away[:, 0] = np.where(known[:, None], away[:, 0], following)
    return away


def _keys(
    away: npt.NDArray[np.float32],
    power: npt.NDArray[np.float32],
    energy: npt.NDArray[np.float32],
) -> Keys:
    row, column = power[..., :4].argmax(-1), power[..., 4:8].argmax(-1)
    low, high = _Tone(row, power, away), _Tone(column + 4, power, away)
    both = low.power + high.power
    is_key = (
        low.right
        & high.right
        & (high.power <= _HIGHEST * low.power)
        & (low.power <= _LOWEST * high.power)
        & (_ENERGY * both >= PURITY * energy)
        & (low.overtone + high.overtone <= HARMONIC * both)
    )
    return np.where(is_key, 4 * row + column, NO_KEY).astype(np.int8)


class _Tone:
    """The strongest tone of a group, in each window."""

    def __init__(
        self,
        index: npt.NDArray[np.intp],
        power: npt.NDArray[np.float32],
        away: npt.NDArray[np.float32],
    ) -> None:
        at = index[..., None]
        distance = np.take_along_axis(away, at, -1)[..., 0]
        lines = np.square(distance / _LINE_WIDTH)
        # A tone beside the filter's middle comes out weaker, as the transform of the shape says
        # (to x^4, good to 1 % as far as FREQUENCY_TOLERANCE goes).
        response = np.maximum(1 - 0.645 * lines + 0.16 * np.square(lines), _LEAST_RESPONSE)
        self.power = np.take_along_axis(power, at, -1)[..., 0] / np.square(response)
        self.overtone = np.take_along_axis(power, at + 8, -1)[..., 0]
        near = np.abs(distance) <= _WIDEST[index]
        self.right = near & (self.power >= LOWEST_AMPLITUDE**2)


_WIDEST = (FREQUENCY_TOLERANCE * _TONES).astype(np.float32)
_LEAST_RESPONSE = 0.6
_MOST = _ENERGY / _LEAST_RESPONSE**2
_HIGHEST, _LOWEST = 10 ** (HIGH_ABOVE_LOW / 10), 10 ** (HIGH_BELOW_LOW / 10)
