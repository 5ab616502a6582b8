"""
The keys of one leg, each once, from the key of each window of its audio (:mod:`.tones`). Pure.

Windows come every five milliseconds. Where packets were lost there are none, and that is neither
tone nor pause. Whether the key that sounds after a hole is the one from before it, or was pressed
again meanwhile, its tones tell by their phases: two oscillators that ran on are where they had to
be, which one that was started anew is in a twentieth of all cases.
"""

import cmath
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from .digits import Pressed
from .rtp import CLOCK_RATE
from .tones import COLUMNS, HOP, KEYPAD, NO_KEY, ROWS, WINDOW, Spectrum

# Q.24: 40 ms must be a key (four windows at least are wholly within it), 23 ms must not. Two
# packets of 20 ms with a lost one between them have been 40 ms, too.
SAMPLES_OF_A_KEY: Final = WINDOW + 3 * HOP
# What of a tone a hole beside it may have swallowed, at least; speech behind it is still no key.
HIDDEN_BY_A_HOLE: Final = HOP
# An interruption of 10 ms must not part a key (it spoils four windows), a pause of 40 ms must.
WINDOWS_OF_A_PAUSE: Final = 7
# A tone is seen from when it fills most of the first window until it fills most of the last.
UNSEEN: Final = CLOCK_RATE * 5 // 1000
# Between two windows with a key, so much can be unheard without hiding a pause of 40 ms.
TOO_SHORT_FOR_A_PAUSE: Final = CLOCK_RATE * 40 // 1000 - 2 * UNSEEN
# Where too little was heard for the tones' speed: two keys are hardly ever so close, and one key in
# two halves would be two.
LONGEST_GUESS: Final = CLOCK_RATE * 60 // 1000
IN_STEP: Final = 0.7  # radians that a tone may be away from where it should be
_STEPS_TO_JUDGE: Final = 2  # hops in which the tones' speed was measured


@dataclass(slots=True)
class Heard:
    """
    What a detector found; ``went_down``: a key has just begun to sound.

    ``sounded`` is how many samples before the end of what came the first of these keys began.
    """

    pressed: list[Pressed]
    went_down: bool = False
    sounded: int = 0


class _Sounding:
    """One key's two tones, from window to window; places are in samples, of a window's end."""

    __slots__ = ("_high", "_low", "_steps", "_turned", "began", "key", "last", "seen")

    def __init__(self, key: int, place: int, spectrum: Spectrum) -> None:
        self.key = key
        self.began = self.last = place
        self.seen = WINDOW  # samples of it that were heard
        self._low, self._high = self._tones(spectrum)
        self._turned = [0.0, 0.0]  # radians, beyond what the key's own tones would
        self._steps = -1  # hops of which that is; not the first, in which it may still rise

    def go_on(self, place: int, spectrum: Spectrum) -> None:
        """It is heard in this window, too."""
        low, high = self._tones(spectrum)
        if place == self.last + HOP:
            self.seen += HOP
            self._steps += 1
            if self._steps > 0:
                for tone, away in enumerate(self._away(HOP, low, high)):
                    self._turned[tone] += away
        else:
            self.seen += min(place - self.last, WINDOW)
        self.last, self._low, self._high = place, low, high

    def runs_on(self, place: int, spectrum: Spectrum) -> bool:
        """Whether what sounds after a hole is still the same press."""
        unheard = place - WINDOW - self.last
        if unheard < TOO_SHORT_FOR_A_PAUSE:
            return True
        measured = self._steps >= _STEPS_TO_JUDGE
        if not measured and unheard <= LONGEST_GUESS:
            return True
        distance = place - self.last
        hops = distance / (HOP * self._steps) if measured else 0.0  # else they are as they ought
        found = self._away(distance, *self._tones(spectrum))
        return all(
            abs(math.remainder(away - hops * turned, 2 * math.pi)) <= IN_STEP
            for away, turned in zip(found, self._turned, strict=True)
        )

    def _tones(self, spectrum: Spectrum) -> tuple[complex, complex]:
        row, column = divmod(self.key, 4)
        return complex(spectrum[row]), complex(spectrum[4 + column])

    def _away(self, samples: int, low: complex, high: complex) -> tuple[float, float]:
        """Radians that the tones have turned in these samples beyond what they are said to."""
        row, column = divmod(self.key, 4)
        turn = -2j * math.pi * samples / CLOCK_RATE
        return (
            cmath.phase(low * self._low.conjugate() * cmath.exp(turn * ROWS[row])),
            cmath.phase(high * self._high.conjugate() * cmath.exp(turn * COLUMNS[column])),
        )


class KeyWalk:
    """One leg's keys, window by window. Places are in samples; a window's is where it ends."""

    __slots__ = ("_candidate", "_down", "_hole", "_silent", "_since", "found", "went_down")

    def __init__(self) -> None:
        self.found: list[Pressed] = []
        self.went_down = False
        self._candidate: _Sounding | None = None  # what may become a key
        self._down: _Sounding | None = None
        self._silent = 0  # windows without it since the latest with it
        self._since: int | None = None  # where the first key began that was not taken yet
        self._hole = False  # whether something was lost before the next window

    @property
    def idle(self) -> bool:
        """Whether windows without a key would change nothing."""
        return self._down is None and self._candidate is None and not self._hole

    @property
    def down(self) -> bool:
        return self._down is not None

    @property
    def news(self) -> bool:
        """Whether there is something to :meth:`take`: a key sounds, or has ended."""
        return self._since is not None

    def step(self, keys: Sequence[int], spectra: npt.NDArray[np.complex64], place: int) -> None:
        """The next windows; the first of them ends at ``place``."""
        for key, spectrum in zip(keys, spectra, strict=True):
            if key == NO_KEY:
                self._miss()
                self._candidate = None
            else:
                self._hear(key, spectrum, place)
            place += HOP
            self._hole = False

    def lose(self) -> None:
        """Something was lost before the next window."""
        self._hole = True
        if self._candidate is not None:
            self._candidate.seen += HIDDEN_BY_A_HOLE
            self._take_down()

    def pause(self, windows: int) -> None:
        """So many windows in which nothing can be."""
        self._candidate = None
        self._hole = False
        if self._down is not None:
            self._silent += windows - 1
            self._miss()

    def end(self) -> None:
        """The key that is down, if one is, is up."""
        if (down := self._down) is not None:
            samples = down.last - down.began + WINDOW - UNSEEN
            self.found.append(Pressed(KEYPAD[down.key], 1000 * samples // CLOCK_RATE))
            self._down = None

    def forget(self) -> None:
        """What comes next has nothing to do with what was before."""
        self.end()
        self._candidate = None

    def take(self, end: int) -> Heard:
        """What was found since this was last asked; what came ends at ``end``."""
        sounded = 0 if self._since is None else end - self._since
        heard = Heard(self.found, self.went_down, sounded)
        self.found, self.went_down = [], False
        if self._down is None:
            self._since = None
        return heard

    def _miss(self) -> None:
        self._silent += 1
        if self._silent >= WINDOWS_OF_A_PAUSE:
            self.end()

    def _hear(self, key: int, spectrum: Spectrum, place: int) -> None:
        down, candidate = self._down, self._candidate
        if down is not None and key == down.key:
            # What was silent beside a hole counts with it: all that was not heard.
            heard_all = place - down.last == HOP * (self._silent + 1)
            if heard_all or down.runs_on(place, spectrum):
                down.go_on(place, spectrum)
                self._silent, self._candidate = 0, None
                return
            self.end()
        elif down is not None:
            self._miss()
        if (
            candidate is not None
            and candidate.key == key
            and (not self._hole or candidate.runs_on(place, spectrum))
        ):
            candidate.go_on(place, spectrum)
        else:
            self._candidate = _Sounding(key, place, spectrum)
            if self._hole:
                self._candidate.seen += HIDDEN_BY_A_HOLE
        self._take_down()

    def _take_down(self) -> None:
        """A candidate that was heard for long enough is a key."""
        if self._candidate is not None and self._candidate.seen >= SAMPLES_OF_A_KEY:
            self.end()
            self._down, self._candidate = self._candidate, None
            self._silent, self.went_down = 0, True
            if self._since is None:
                # From where the last window that could not be it began.
                self._since = self._down.began - WINDOW - HOP
