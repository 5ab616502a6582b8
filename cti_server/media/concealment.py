"""
What is played in place of lost audio, and how a delay is shortened unheard. Pure.

Lost speech is replaced by its last pitch period, again and again and ever more quietly, as
ITU-T G.711 Appendix I does it; unlike there nothing is delayed for it. 8 kHz, 16 bits.
"""

from collections import deque
from typing import Final

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.int16]
_Exact = npt.NDArray[np.float32]

SHORTEST_PERIOD: Final = 40  # samples: 200 Hz; higher voices are found as a multiple
LONGEST_PERIOD: Final = 120  # 66 Hz
_NOTHING: Final = -1
_COMPARED: Final = 160
_NEEDED: Final = LONGEST_PERIOD + _COMPARED
_FADES_FROM: Final = 80  # samples of a loss that are as loud as what was before
_SILENT_FROM: Final = 480
_JOIN: Final = 32  # samples over which real audio takes over again; more after a long loss
_LONGEST_JOIN: Final = 80
# How alike the two ends of what is cut out have to be (1: the same but for loudness).
_ALIKE: Final = 0.6
_QUIET: Final = 100.0  # RMS; below this nobody hears what was cut out


class Concealment:
    """What one stream sounded like, and how it goes on while nothing comes."""

    __slots__ = ("_cycle", "_lost", "_recent", "_step")

    def __init__(self) -> None:
        self._recent: deque[Samples] = deque(maxlen=8)
        self._cycle: _Exact = np.zeros(1, np.float32)
        self._step = 0.0  # from the last real sample to where the cycle would go on
        self._lost = _NOTHING  # samples made up since the last real one

    def heard(self, samples: Samples) -> Samples:
        """Real audio; after a loss its first milliseconds are blended with what was made up."""
        if self._lost != _NOTHING:
            samples = self._joined(samples)
            self._lost = _NOTHING
        self._recent.append(samples)
        return samples

    def cut(self) -> None:
        """What is heard next does not follow on what was heard last."""
        if self._lost == _NOTHING:
            self._begin()

    def conceal(self, count: int) -> Samples:
        """The next ``count`` samples that nothing came for."""
        if self._lost >= _SILENT_FROM:
            return np.zeros(count, np.int16)
        if self._lost == _NOTHING:
            self._begin()
        return _rounded(self._made_up(count))

    def _begin(self) -> None:
        self._lost = 0
        if not self._recent:
            self._cycle, self._step = np.zeros(1, np.float32), 0.0
            return
        past = np.concatenate(self._recent)[-_NEEDED - LONGEST_PERIOD // 4 :].astype(np.float32)
        if len(past) < _NEEDED + LONGEST_PERIOD // 4:
            past = np.concatenate(
                (np.zeros(_NEEDED + LONGEST_PERIOD // 4 - len(past), np.float32), past)
            )
        period, _ = _best_lag(past[-_NEEDED:])
        cycle = past[-period:].copy()
        overlap = period // 4
        rising = np.linspace(0, 1, overlap, endpoint=False, dtype=np.float32)
        # So that the end of the cycle leads into its beginning.
        before = past[-period - overlap : -period]
        cycle[-overlap:] += rising * (before - cycle[-overlap:])
        self._cycle = cycle
        self._step = float(past[-1] - past[-period - 1])

    def _made_up(self, count: int) -> _Exact:
        at = np.arange(self._lost, self._lost + count, dtype=np.float32)
        made: _Exact = self._cycle.take(np.arange(self._lost, self._lost + count), mode="wrap")
        if self._lost < _JOIN:
            made += np.float32(self._step) * np.maximum(1 - (at + 1) / np.float32(_JOIN), 0)
        made *= np.clip((_SILENT_FROM - at) / np.float32(_SILENT_FROM - _FADES_FROM), 0, 1)
        self._lost += count
        return made

    def _joined(self, samples: Samples) -> Samples:
        length = min(_JOIN + 2 * self._lost // 5, _LONGEST_JOIN, len(samples))
        rising = (np.arange(length, dtype=np.float32) + 1) / (length + 1)
        made = self._made_up(length)
        joined = samples.copy()
        joined[:length] = _rounded(made + rising * (samples[:length] - made))
        return joined


def shortened(samples: Samples) -> Samples:
    """
    The same sound with one pitch period (5 to 15 ms) less, or unchanged if that would be heard.

    At least 280 samples are needed.
    """
    if len(samples) < _NEEDED:
        return samples
    exact = samples.astype(np.float32)
    period, likeness = _best_lag(exact[:_NEEDED][::-1])
    head = exact[:_COMPARED]
    if likeness < _ALIKE and float(np.sqrt(np.mean(head * head))) > _QUIET:
        return samples
    rising = (np.arange(period, dtype=np.float32) + 1) / (period + 1)
    blended = exact[:period] + rising * (exact[period : 2 * period] - exact[:period])
    return np.concatenate((_rounded(blended), samples[2 * period :]))


def _best_lag(past: _Exact) -> tuple[int, float]:
    """The pitch period at the end of ``past`` (280 samples), and how alike the two periods are."""
    latest = past[-_COMPARED:]
    products = np.correlate(past, latest, "valid")  # from the longest lag to lag 0
    energies = np.concatenate(([0.0], np.cumsum(past.astype(np.float64) ** 2)))
    energies = energies[_COMPARED:] - energies[:-_COMPARED]
    last = len(products) - SHORTEST_PERIOD
    scores = products[:last] / np.sqrt(energies[:last] + 1.0)
    best = int(np.argmax(scores))
    likeness = float(scores[best]) / float(np.sqrt(energies[-1] + 1.0))
    return LONGEST_PERIOD - best, likeness


def _rounded(samples: _Exact) -> Samples:
    return np.clip(np.rint(samples), -32768, 32767).astype(np.int16)
