"""Keys that are heard as tones in the audio (ITU-T Q.24). Pure: no clock, no sockets."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from . import tones
from .digits import GIVEN_UP_AFTER, Pressed
from .g711 import decode
from .protocol import Codec
from .rtp import CLOCK_RATE, signed32
from .tones import HOP, KEYPAD, NO_KEY, WINDOW, Samples, Spectrum

# Q.24: 40 ms must be a key (four windows at least are wholly within it), 23 ms must not.
WINDOWS_OF_A_KEY: Final = 4
# An interruption of 10 ms must not part a key (it spoils four windows), a pause of 40 ms must.
WINDOWS_OF_A_PAUSE: Final = 7
# A pause of 40 ms can hide in so many lost samples, but two keys are hardly ever so close, and one
# key in two halves would be two.
LONGEST_HOLE: Final = CLOCK_RATE * 60 // 1000
# A tone is seen from when it fills most of the first window until it fills most of the last.
UNSEEN: Final = CLOCK_RATE * 5 // 1000

Stretch = tuple[Samples, int]  # to listen to, and where its first window ends
_NO_AUDIO: Final[Samples] = np.empty(0, np.int16)
_NO_SPECTRUM: Final[Spectrum] = np.zeros(len(KEYPAD) // 2, np.complex64)


@dataclass(slots=True)
class Heard:
    """What a detector found; ``went_down``: a key has just begun to sound."""

    pressed: list[Pressed]
    went_down: bool = False


class KeyWalk:
    """
    One leg's keys from the key of each window (:mod:`.tones`), five milliseconds after another.

    Places are in samples; a window's is where it ends.
    """

    __slots__ = (
        "_began", "_candidate", "_down", "_first", "_hits", "_last", "_silent", "found", "went_down"
    )  # fmt: skip

    def __init__(self) -> None:
        self.found: list[Pressed] = []
        self.went_down = False
        self._candidate = NO_KEY
        self._hits = 0  # windows in a row with the candidate
        self._first = 0  # the first of them
        self._down = NO_KEY
        self._began = self._last = 0  # the first and the latest window with it
        self._silent = 0  # windows since the latest

    @property
    def idle(self) -> bool:
        return self._down == NO_KEY == self._candidate

    @property
    def down(self) -> bool:
        return self._down != NO_KEY

    @property
    def news(self) -> bool:
        """Whether there is something to :meth:`take`."""
        return self.went_down or bool(self.found)

    def step(self, keys: Iterable[int], place: int) -> None:
        """The next windows; the first of them ends at ``place``."""
        for key in keys:
            if key != self._candidate:
                self._candidate, self._hits, self._first = key, 0, place
            self._hits += 1
            if self.down:
                self._hold(key, place)
            if key not in (NO_KEY, self._down) and self._hits >= WINDOWS_OF_A_KEY:
                self.end()
                self._down, self._began, self._last, self._silent = key, self._first, place, 0
                self.went_down = True
            place += HOP

    def end(self) -> None:
        """The key that is down, if one is, is up."""
        if self.down:
            samples = self._last - self._began + WINDOW - UNSEEN
            self.found.append(Pressed(KEYPAD[self._down], 1000 * samples // CLOCK_RATE))
            self._down = NO_KEY

    def forget(self) -> None:
        """What comes next has nothing to do with what was before."""
        self.end()
        self._candidate = NO_KEY

    def _hold(self, key: int, place: int) -> None:
        if key == self._down:
            self._last, self._silent = place, 0
            return
        self._silent += 1
        if self._silent >= WINDOWS_OF_A_PAUSE:
            self.end()

    def take(self) -> Heard:
        """What was found since this was last asked."""
        heard = Heard(self.found, self.went_down)
        self.found, self.went_down = [], False
        return heard


class InbandDetector:
    """
    Finds the keys in one leg's audio, each once, as :class:`.digits.DigitDetector` in events.

    Packets come with their timestamps, of any length. A lost packet is neither tone nor pause: the
    key before it goes on if it sounds after it. Where many legs are listened to,
    :func:`receive_all` costs a fraction of :meth:`receive` for each.
    """

    __slots__ = ("_audio", "_codec", "_following", "_heard_at", "_place", "before", "known", "walk")

    def __init__(self, codec: Codec = "PCMU") -> None:
        self.walk = KeyWalk()
        self.before = _NO_SPECTRUM  # of the latest window
        self.known = False  # whether that is just before the next one
        self._codec = codec
        self._following: int | None = None  # the timestamp that is due
        self._heard_at = 0.0
        self._audio = _NO_AUDIO  # what the next window has from the packets before
        self._place = 0  # samples until the end of that, with those that were lost

    @property
    def down(self) -> bool:
        return self.walk.down

    @property
    def deadline(self) -> float | None:
        """When to call :meth:`handle_timer`; None while no key is down."""
        return self._heard_at + GIVEN_UP_AFTER if self.down else None

    def speaks(self, codec: Codec) -> None:
        """What the other side sends from now on."""
        self._codec = codec

    def receive(self, payload: bytes, timestamp: int, now: float) -> Heard:
        """Take in a G.711 packet. One that comes late is passed over."""
        stretch = self.follow(payload, timestamp, now)
        if stretch is not None and self._loud(stretch):
            _listen([(self, stretch)])
        return self.walk.take()

    def hear(self, samples: Samples, now: float) -> Heard:
        """Take in the next samples at 8 kHz, however they came."""
        stretch = self._append(samples, now)
        if stretch is not None and self._loud(stretch):
            _listen([(self, stretch)])
        return self.walk.take()

    def follow(self, payload: bytes, timestamp: int, now: float) -> Stretch | None:
        """What there is to listen to now that this packet is there, if it is enough."""
        if self._following is not None:
            missing = signed32(timestamp - self._following)
            if -CLOCK_RATE < missing < 0:
                return None
            if missing:
                self._pass_over(missing)
        self._following = (timestamp + len(payload)) & 0xFFFFFFFF
        return self._append(decode(payload, self._codec), now)

    def restart(self) -> None:
        """What comes next is another stream, with timestamps of its own."""
        self._following = None
        self._audio = _NO_AUDIO
        self.known = False
        self.walk.forget()

    def handle_timer(self, now: float) -> list[Pressed]:
        """Nothing comes any more: end the key, if it is time."""
        if self.deadline is None or now < self.deadline:
            return []
        self.walk.forget()
        return self.walk.take().pressed

    def _append(self, samples: Samples, now: float) -> Stretch | None:
        self._heard_at = now
        self._place += len(samples)
        audio = np.concatenate((self._audio, samples))
        count = _windows_in(audio)
        self._audio = audio[max(0, count) * HOP :]
        return (audio, self._place - len(audio) + WINDOW) if count > 0 else None

    def _loud(self, stretch: Stretch) -> bool:
        """Whether there can be a key in it; if not, it is dealt with."""
        audio, place = stretch
        if max(int(audio.max()), -int(audio.min())) >= tones.LOWEST_AMPLITUDE:
            return True
        self.known = False
        if not self.walk.idle:
            self.walk.step([NO_KEY] * _windows_in(audio), place)
        return False

    def _pass_over(self, missing: int) -> None:
        """A hole in the audio, or a jump of the timestamps."""
        self._audio = _NO_AUDIO
        self.known = False
        if 0 < missing <= LONGEST_HOLE:
            self._place += missing
        else:
            self.walk.forget()


def receive_all(
    packets: Iterable[tuple[InbandDetector, bytes, int]], now: float
) -> dict[InbandDetector, Heard]:
    """
    Take in G.711 packets of many legs: each its detector, payload and timestamp.

    A leg may have several, in their order. Told are those where something was found.
    """
    rounds: list[dict[InbandDetector, Stretch]] = []
    turn: dict[InbandDetector, int] = {}
    for detector, payload, timestamp in packets:
        number = turn[detector] = turn.get(detector, -1) + 1
        if number == len(rounds):
            rounds.append({})
        if (stretch := detector.follow(payload, timestamp, now)) is not None:
            rounds[number][detector] = stretch
    for each in rounds:
        by_length: dict[int, list[tuple[InbandDetector, Stretch]]] = {}
        for detector, stretch in each.items():
            by_length.setdefault(len(stretch[0]), []).append((detector, stretch))
        for group in by_length.values():
            _listen(group)
    return {detector: detector.walk.take() for detector in turn if detector.walk.news}


def _listen(group: list[tuple[InbandDetector, Stretch]]) -> None:
    """Step each detector over its windows; all have as many samples."""
    audio: npt.NDArray[np.float32] = np.array([one for _, (one, _) in group], np.float32)
    legs, length = audio.shape
    count = _windows_in(group[0][1][0])
    # Windows overlap: a view of the samples with strides of its own, nothing is copied.
    windows = np.ndarray((legs, count, WINDOW), np.float32, audio, 0, (4 * length, 4 * HOP, 4))
    before = np.array([detector.before for detector, _ in group])
    known = np.array([detector.known for detector, _ in group])
    keys, spectrum = tones.listen(windows, before, known)
    any_key = keys.max(axis=1) != NO_KEY
    for at, (detector, (_, place)) in enumerate(group):
        detector.before, detector.known = spectrum[at], True
        if any_key[at] or not detector.walk.idle:
            detector.walk.step(keys[at].tolist(), place)


def _windows_in(audio: Samples) -> int:
    return (len(audio) - WINDOW) // HOP + 1
