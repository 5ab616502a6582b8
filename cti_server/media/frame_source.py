"""
What one leg says, as a frame for every tick: in order, decoded, losses made up. Pure.

This is what a mixer listens to. A frame is 160 samples of 16 bits at 8 kHz.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from .codecs import clock_rate, duration, make_decoder
from .comfort_noise import ComfortNoise
from .concealment import Concealment, shortened
from .jitter_buffer import JitterBuffer, Kind, Piece
from .protocol import LegCodec
from .rtp import CLOCK_RATE, TICK_SAMPLES

Samples = npt.NDArray[np.int16]

SILENCE: Final = np.zeros(TICK_SAMPLES, np.int16)
SILENCE.flags.writeable = False
# More delay than is needed, and by this much, is taken out: ticks of 8 kHz, a packet and a half.
_TOLERATED: Final = 240
_WATCHED_EVERY: Final = 5  # ticks; 5 to 15 ms are taken out at a time
_NOTHING: Final = SILENCE[:0]


class FrameSource:
    """
    Packets of one leg in, frames out.

    :meth:`frame` is to be called once a tick, with the time that the tick was due.
    """

    __slots__ = (
        "_codec", "_concealment", "_decoder", "_dropped", "_held", "_noise", "_scale",
        "_speaks", "_unwatched", "buffer",
    )  # fmt: skip

    def __init__(self, codec: LegCodec, *, expected_jitter: float = 0.0) -> None:
        """``expected_jitter``: seconds of delay that packets are known to need, if anything is."""
        self._codec = codec
        self._scale = clock_rate(codec) // CLOCK_RATE
        self._decoder = make_decoder(codec)
        self._concealment = Concealment()
        self._noise: ComfortNoise | None = None
        self._held: Samples = _NOTHING  # decoded, not played yet
        self._dropped = 0
        self._unwatched = _WATCHED_EVERY  # ticks until the delay is looked at
        self._speaks = False  # whether anything came yet
        self.buffer = JitterBuffer(clock_rate(codec), expected_jitter=expected_jitter)

    def put(self, seq: int, timestamp: int, payload: bytes, now: float) -> None:
        """An audio packet came."""
        ticks = duration(self._codec, payload)
        if ticks:
            self._speaks = True
            self.buffer.put(seq, timestamp, payload, now, duration=ticks)

    def put_noise(self, seq: int, timestamp: int, payload: bytes, now: float) -> None:
        """A comfort-noise packet came: its sender falls silent."""
        self._speaks = True
        self.buffer.put(seq, timestamp, payload, now, duration=0, kind=Kind.NOISE)

    def skip(self, seq: int) -> None:
        """A packet of the same stream that holds no audio, such as an event."""
        self.buffer.skip(seq)

    def restart(self) -> None:
        """Another stream of the same leg begins."""
        self.buffer.restart()
        self._decoder = make_decoder(self._codec)
        self._concealment.cut()
        self._noise = None

    def frame(self, now: float) -> Samples:
        """The next 20 ms. Not to be written to."""
        if not self._speaks:
            return SILENCE
        held = self._held
        while (size := len(held)) < TICK_SAMPLES:
            piece = self._piece(TICK_SAMPLES - size, size, now)
            held = np.concatenate((held, piece)) if size else piece
        self._unwatched -= 1
        if self._unwatched <= 0:
            held = self._watched(held, now)
        if len(held) == TICK_SAMPLES:
            self._held = _NOTHING
            return held
        self._held = held[TICK_SAMPLES:]
        return held[:TICK_SAMPLES]

    def _piece(self, wanted: int, held: int, now: float) -> Samples:
        """What comes next: at least something, and no more than ``wanted`` if it is made up."""
        piece = self.buffer.get(now, wanted * self._scale, held * self._scale)
        if self.buffer.dropped != self._dropped:
            self._dropped = self.buffer.dropped
            self._concealment.cut()
        if piece is None:
            return self._made_up(wanted, b"")
        if piece.kind is Kind.NOISE:
            if self._noise is None or self._noise.payload != piece.payload:
                self._noise = ComfortNoise(piece.payload)
            return _NOTHING
        if piece.kind is not Kind.AUDIO:
            return self._made_up(max(1, piece.duration // self._scale), piece.payload)
        return self._decoded(piece)

    def _decoded(self, piece: Piece) -> Samples:
        samples = self._decoder.decode(piece.payload)
        if samples is None:
            return self._made_up(piece.duration // self._scale, b"")
        if self._noise is not None:
            self._noise = None
        return self._concealment.heard(samples)

    def _made_up(self, count: int, following: bytes) -> Samples:
        if self._noise is not None:
            return self._noise.next(count)
        own = self._decoder.conceal(count, following or None)
        if own is None:
            return self._concealment.conceal(count)
        return self._concealment.heard(own)

    def _watched(self, held: Samples, now: float) -> Samples:
        """Where delay has built up, some milliseconds are taken out where it is not heard."""
        self._unwatched = _WATCHED_EVERY
        if self.buffer.excess(now, len(held) * self._scale) <= _TOLERATED * self._scale:
            return held
        while len(held) < 2 * TICK_SAMPLES and self.buffer.ready:
            held = np.concatenate((held, self._piece(TICK_SAMPLES, len(held), now)))
        return shortened(held) if len(held) >= 2 * TICK_SAMPLES else held
