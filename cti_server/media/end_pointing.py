"""
When a caller begins to speak, and when they have done. Pure: frames of sound in, answers out.

Whether a frame of 20 ms is speech is WebRTC's detector's to say, and it has to be louder than what
a quiet line carries. Speech begins once most of the last frames are of that kind, so a click does
not; it ends when there was none for a while, so a pause between two words does not.

Not what :mod:`.speech_watch` goes by: that learns a line's noise, and takes the first seconds of it
for speech (2 s of white noise at -38 dBov; here 0.1 s, which begins nothing). A message is none
the worse for that. Here it would interrupt the prompt and be recognised as an answer.
"""

import enum
from collections import deque
from typing import Final

import numpy as np
import webrtcvad  # type: ignore[import-untyped]

from .g711 import decode
from .protocol import Codec
from .rtp import CLOCK_RATE

FRAME: Final = CLOCK_RATE // 50  # samples
STRICTEST: Final = 3  # of the detector's four modes: the one that takes least for speech
QUIETEST: Final = 160.0  # root mean square of 16-bit samples, -46 dB of full scale
BEGUN_BY: Final = 6  # of speech among the last
ONSET: Final = 10  # frames
KEPT_BEFORE: Final = ONSET + 15  # frames: a soft first sound comes before it is sure
KEPT_AFTER: Final = 15  # frames of the silence that ended it


class Heard(enum.Enum):
    """What a frame has brought."""

    NOTHING = enum.auto()
    BEGUN = enum.auto()
    ENDED = enum.auto()


class EndPointer:
    """One utterance: fed in any pieces, it keeps what belongs to it."""

    def __init__(self, codec: Codec, silence_ms: int, longest_ms: int) -> None:
        """
        ``silence_ms`` of which end it; ``longest_ms`` after its beginning it is over all the same.
        """
        self._codec = codec
        self._enough_silence = silence_ms // 20
        self._longest = longest_ms // 20 + KEPT_BEFORE
        self._detector = webrtcvad.Vad(STRICTEST)
        self._rest = b""
        self._latest: deque[bool] = deque(maxlen=ONSET)
        self._before: deque[bytes] = deque(maxlen=KEPT_BEFORE)
        self._kept: list[bytes] | None = None
        self._silent = 0  # frames

    @property
    def begun(self) -> bool:
        return self._kept is not None

    def take(self) -> bytes:
        """The utterance, with a little of the line around it; empty if nothing was said."""
        kept = self._kept or []
        return b"".join(kept[: len(kept) - max(0, self._silent - KEPT_AFTER)])

    def feed(self, sound: bytes) -> Heard:
        """G.711 as it comes; what follows its end is passed over."""
        held = self._rest + sound
        whole = len(held) - len(held) % FRAME
        self._rest = held[whole:]
        found = Heard.NOTHING
        for at in range(0, whole, FRAME):
            match self._frame(held[at : at + FRAME]):
                case Heard.ENDED:
                    return Heard.ENDED
                case Heard.BEGUN:
                    found = Heard.BEGUN
        return found

    def _frame(self, frame: bytes) -> Heard:
        speech = self._is_speech(frame)
        if self._kept is None:
            return self._await(frame, speech)
        self._kept.append(frame)
        self._silent = 0 if speech else self._silent + 1
        over = self._silent >= self._enough_silence or len(self._kept) >= self._longest
        return Heard.ENDED if over else Heard.NOTHING

    def _await(self, frame: bytes, speech: bool) -> Heard:
        self._latest.append(speech)
        self._before.append(frame)
        if sum(self._latest) < BEGUN_BY:
            return Heard.NOTHING
        self._kept = list(self._before)
        return Heard.BEGUN

    def _is_speech(self, frame: bytes) -> bool:
        samples = decode(frame, self._codec)
        loudness = float(np.sqrt(np.mean(np.square(samples, dtype=np.float32))))
        return loudness >= QUIETEST and self._detector.is_speech(samples.tobytes(), CLOCK_RATE)
