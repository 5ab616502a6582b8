"""
Who hears whom, and what they hear: one sum for each listener, all of a tick at once. Pure.

A frame is 160 samples of 16 bits, 20 ms at 8 kHz.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from .rtp import TICK_SAMPLES

Frames = npt.NDArray[np.int16]  # [legs, 160]
_LOUDEST, _QUIETEST = np.int32(32767), np.int32(-32768)


class Mixer:
    """
    A fixed arrangement of listeners and sources; build a new one when it changes.

    The cost of a tick grows with the number of (listener, source) pairs, not with the square of
    the legs, so one mixer may serve all the mixed calls of a worker.
    """

    __slots__ = ("_picked", "listeners", "sources")

    def __init__(self, hears: Mapping[str, Sequence[str]]) -> None:
        """``hears`` says for each listener which legs it hears; nobody hears itself, or twice."""
        self.listeners: list[str] = list(hears)
        heard = [[leg for leg in dict.fromkeys(hears[me]) if leg != me] for me in hears]
        self.sources: list[str] = list(dict.fromkeys(leg for legs in heard for leg in legs))
        """The order of the frames that :meth:`mix` wants."""
        row = {leg: at for at, leg in enumerate(self.sources)}
        self._picked = _padded([[row[leg] for leg in legs] for legs in heard], len(row))

    def mix(self, frames: Frames) -> Frames:
        """What each of :attr:`listeners` hears, given one frame for each of :attr:`sources`."""
        return _sum(frames, self._picked)


def mix(frames: Frames, hears: npt.NDArray[np.bool_]) -> Frames:
    """
    The saturated sum of those ``frames`` [n, 160] that each listener hears, as [m, 160].

    ``hears`` is [m, n]. A listener that is also a source must not be among its own: the caller
    knows which row is whose.
    """
    rows = [np.flatnonzero(row).tolist() for row in hears]
    return _sum(frames, _padded(rows, len(frames)))


def _padded(rows: list[list[int]], silence: int) -> npt.NDArray[np.intp]:
    """The rows as one array; ``silence`` stands where a listener hears fewer than another."""
    width = max(map(len, rows), default=0)
    return np.array([row + [silence] * (width - len(row)) for row in rows], dtype=np.intp).reshape(
        len(rows), width
    )


def _sum(frames: Frames, picked: npt.NDArray[np.intp]) -> Frames:
    listeners, width = picked.shape
    if width == 0:
        return np.zeros((listeners, TICK_SAMPLES), np.int16)
    wide = np.zeros((len(frames) + 1, TICK_SAMPLES), np.int32)
    wide[:-1] = frames
    total = wide[picked[:, 0]]
    for column in range(1, width):
        total += wide[picked[:, column]]
    np.minimum(total, _LOUDEST, out=total)
    np.maximum(total, _QUIETEST, out=total)
    return total.astype(np.int16)
