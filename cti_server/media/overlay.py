"""What is laid over one party's side of a recording: what the other was told meanwhile. Pure."""

from collections import deque
from typing import Final

import numpy as np

from .frame_source import Samples
from .g711 import decode, encode
from .protocol import Codec
from .rtp import TICK_SAMPLES

SLACK: Final = 5 * TICK_SAMPLES
"""Samples by which a tick may be late or early without leaving a gap in what it belongs to."""


class Overlay:
    """Frames by their positions, until what they lie over is taken."""

    def __init__(self) -> None:
        self._frames: deque[tuple[int, Samples]] = deque()
        self._end = -2 * SLACK  # position after the last one; none yet

    def put(self, frame: Samples, position: int) -> None:
        """``position`` is the present; a frame that is about in time follows the one before."""
        if abs(position - self._end) <= SLACK:
            position = self._end
        self._frames.append((position, frame))
        self._end = position + len(frame)

    def over(self, piece: bytes, start: int, codec: Codec) -> bytes:
        """The piece from ``start`` on with what lies over it; what is before it is forgotten."""
        stop = start + len(piece)
        mixed = None
        while self._frames and self._frames[0][0] < stop:
            position, frame = self._frames.popleft()
            if mixed is None:
                mixed = decode(piece, codec).astype(np.int32)
            a, b = max(position, start), min(position + len(frame), stop)
            if a < b:
                mixed[a - start : b - start] += frame[a - position : b - position]
            if position + len(frame) > stop:
                self._frames.appendleft((stop, frame[stop - position :]))
                break
        if mixed is None:
            return piece
        return encode(np.clip(mixed, -32768, 32767).astype(np.int16), codec)
