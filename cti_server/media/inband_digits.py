"""Keys that are heard as tones in the audio (ITU-T Q.24). Pure: no clock, no sockets."""

from collections.abc import Iterable
from typing import Final

import numpy as np
import numpy.typing as npt

from . import tones
from .digits import GIVEN_UP_AFTER, Pressed
from .g711 import decode
from .key_walk import Heard, KeyWalk
from .protocol import Codec
from .rtp import CLOCK_RATE, signed32
from .tones import HOP, KEYPAD, NO_KEY, WINDOW, Samples, Spectrum

# A key whose packets are missing for longer has ended, as one without any (:meth:`handle_timer`).
LONGEST_HOLE: Final = round(GIVEN_UP_AFTER * CLOCK_RATE)

Stretch = tuple[Samples, int]  # to listen to, and where its first window ends
_NO_AUDIO: Final[Samples] = np.empty(0, np.int16)
_NO_SPECTRUM: Final[Spectrum] = np.zeros(len(KEYPAD) // 2, np.complex64)


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

    @property
    def following(self) -> int | None:
        """The timestamp after the last sample that came."""
        return self._following

    def speaks(self, codec: Codec) -> None:
        """What the other side sends from now on."""
        self._codec = codec

    def receive(self, payload: bytes, timestamp: int, now: float) -> Heard:
        """Take in a G.711 packet. One that comes late is passed over."""
        stretch = self.follow(payload, timestamp, now)
        if stretch is not None and self._loud(stretch):
            _listen([(self, stretch)])
        return self.take()

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

    def take(self) -> Heard:
        """What was found since this was last asked."""
        return self.walk.take(self._place)

    def handle_timer(self, now: float) -> list[Pressed]:
        """Nothing comes any more: end the key, if it is time."""
        if self.deadline is None or now < self.deadline:
            return []
        self.walk.forget()
        return self.take().pressed

    def _append(self, samples: Samples, now: float) -> Stretch | None:
        self._heard_at = now
        self._place += len(samples)
        audio = np.concatenate((self._audio, samples))
        count = _windows_in(audio)
        self._audio = audio[max(0, count) * HOP :]
        return (audio, self._place - len(audio) + WINDOW) if count > 0 else None

    def _loud(self, stretch: Stretch) -> bool:
        """Whether there can be a key in it; if not, it is dealt with."""
        audio, _ = stretch
        if max(int(audio.max()), -int(audio.min())) >= tones.LOWEST_AMPLITUDE:
            return True
        self.known = False
        self.walk.pause(_windows_in(audio))
        return False

    def _pass_over(self, missing: int) -> None:
        """A hole in the audio, or a jump of the timestamps."""
        self._audio = _NO_AUDIO
        self.known = False
        if 0 < missing <= LONGEST_HOLE:
            self._place += missing
            self.walk.lose()
        else:
            self.walk.forget()


Arrived = tuple[InbandDetector, bytes | None, int]  # payload and timestamp; None: a new stream


def receive_all(packets: Iterable[Arrived], now: float) -> dict[InbandDetector, Heard]:
    """
    Take in G.711 packets of many legs.

    A leg may have several, in their order. Told are those where a key sounds, or has ended.
    """
    rounds: list[list[Arrived]] = []
    turn: dict[InbandDetector, int] = {}
    for arrived in packets:
        number = turn[arrived[0]] = turn.get(arrived[0], -1) + 1
        if number == len(rounds):
            rounds.append([])
        rounds[number].append(arrived)
    for each in rounds:
        by_length: dict[int, list[tuple[InbandDetector, Stretch]]] = {}
        for detector, payload, timestamp in each:
            if payload is None:
                detector.restart()
            elif (stretch := detector.follow(payload, timestamp, now)) is not None:
                by_length.setdefault(len(stretch[0]), []).append((detector, stretch))
        for group in by_length.values():
            _listen(group)
    return {detector: detector.take() for detector in turn if detector.walk.news}


def _listen(group: list[tuple[InbandDetector, Stretch]]) -> None:
    """Step each detector over its windows; all have as many samples."""
    audio: npt.NDArray[np.float32] = np.array([one for _, (one, _) in group], np.float32)
    legs, length = audio.shape
    count = _windows_in(group[0][1][0])
    # Windows overlap: a view of the samples with strides of its own, nothing is copied.
    windows = np.ndarray((legs, count, WINDOW), np.float32, audio, 0, (4 * length, 4 * HOP, 4))
    before = np.array([detector.before for detector, _ in group])
    known = np.array([detector.known for detector, _ in group])
    keys, spectra = tones.listen(windows, before, known)
    latest = spectra[:, -1]
    any_key = keys.max(axis=1) != NO_KEY
    for at, (detector, (_, place)) in enumerate(group):
        detector.before, detector.known = latest[at], True
        if any_key[at] or not detector.walk.idle:
            detector.walk.step(keys[at].tolist(), spectra[at], place)


def _windows_in(audio: Samples) -> int:
    return (len(audio) - WINDOW) // HOP + 1
