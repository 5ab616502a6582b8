"""
Whether somebody speaks on a line, and until when. Pure: G.711 goes in, seconds come out.

By energy alone: a message ends when its caller has fallen silent, and a breath more or less is
nothing to anybody. What is steady (a car, a fan) is taken for noise within seconds; a click is too
short to be a word.

Not what :mod:`.end_pointing` goes by, for each fails where the other has to hold. A detector of
speech by its sound takes the mains' hum for speech without end (at -32 dBov, all of 20 s; here 4 s
of it), so no message on such a line would end before its longest; and of who speaks softly (-42
dBov) it hears a quarter of what is heard here, so a whisper would be no message. It costs 7 us for
20 ms, this one 1.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from .g711 import decode
from .protocol import Codec
from .rtp import CLOCK_RATE, TICK_SAMPLES

# Levels are RMS of 20 ms in dB relative to the largest 16-bit sample (dBov, ITU-T G.100.1); speech
# on telephone lines is at -36 to -16, and an idle line below -55.
ABOVE_NOISE: Final = 9.0  # dB, by which speech is louder than what goes on by itself
QUIETEST_NOISE: Final = -54.0  # what is less is none
LOUDEST_NOISE: Final = -35.0  # what is more is no line to leave a message on
NOISE_RISES: Final = 0.06  # dB in 20 ms, 3 dB in a second: as slowly as no speech goes on
SHORTEST: Final = 3  # times 20 ms in a row

_NOTHING = 1e-10  # of full scale, in power


def _powers(codec: Codec) -> npt.NDArray[np.float64]:
    """Of each code, relative to full scale."""
    return np.square(decode(bytes(range(256)), codec).astype(np.float64) / 32768)


_POWERS: Final[dict[Codec, npt.NDArray[np.float64]]] = {
    "PCMU": _powers("PCMU"),
    "PCMA": _powers("PCMA"),
}


class SpeechWatch:
    """One line from its beginning on."""

    def __init__(self, codec: Codec) -> None:
        self._powers = _POWERS[codec]
        self._rest = b""  # less than 20 ms
        self._frames = 0  # of 20 ms, heard
        self._spoken = 0
        self._until = 0  # the frame after the latest speech
        self._noise = QUIETEST_NOISE
        self._row = 0  # loud frames up to now

    @property
    def seconds(self) -> float:
        """How much was heard."""
        return (self._frames * TICK_SAMPLES + len(self._rest)) / CLOCK_RATE

    @property
    def spoken(self) -> float:
        """How many seconds of it are speech."""
        return self._spoken * TICK_SAMPLES / CLOCK_RATE

    @property
    def spoken_until(self) -> float:
        """When the latest of that ended, in seconds; 0 before the first."""
        return self._until * TICK_SAMPLES / CLOCK_RATE

    def hear(self, piece: bytes) -> None:
        """What comes next."""
        heard = self._rest + piece
        whole = len(heard) - len(heard) % TICK_SAMPLES
        self._rest = heard[whole:]
        powers = self._powers[np.frombuffer(heard[:whole], np.uint8)]
        levels = 10 * np.log10(powers.reshape(-1, TICK_SAMPLES).mean(axis=1) + _NOTHING)
        for level in levels.tolist():
            self._frame(level)

    def _frame(self, level: float) -> None:
        self._frames += 1
        if level > self._noise + ABOVE_NOISE:
            self._row += 1
            if self._row >= SHORTEST:
                self._spoken += SHORTEST if self._row == SHORTEST else 1
                self._until = self._frames
        else:
            self._row = 0
        noise = min(level, self._noise + NOISE_RISES)
        self._noise = min(max(noise, QUIETEST_NOISE), LOUDEST_NOISE)
