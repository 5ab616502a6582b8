"""
One press of a key is one digit, whatever ways it is told by. Pure: digits and times.

A phone may send an RFC 4733 event, let the tone sound in the audio as well, and send a SIP INFO on
top. Each way tells a press when it likes: an INFO when the key goes down or when it is up, an event
when it is up, or when its last packets are given up as lost, a tone a moment after it.
"""

import enum
from collections import deque
from dataclasses import dataclass, field
from typing import Final

# How far the same press may be apart in two ways, beyond its own length: an INFO that is resent
# once or twice over a bad network (RFC 3261 T1 is 0.5 s), an event given up after 0.2 s.
APART: Final = 1.0  # seconds
LONGEST: Final = 10.0  # seconds that a key is held; what is said to be longer is not believed
REMEMBERED: Final = 32  # presses


class Way(enum.IntEnum):
    """How a press was told; the best first."""

    EVENT = 1  # RFC 4733 telephone-event
    INFO = 2  # SIP INFO, application/dtmf-relay
    TONE = 3  # heard in the audio


@dataclass(slots=True)
class _Press:
    digit: str
    began: float
    ended: float
    told_by: set[Way] = field(default_factory=set)


class KeyPresses:
    """
    The presses of one party's keys, each once.

    The first way that tells a press counts; every other way may tell that press once more and is
    passed over. The same way never tells a press twice, so a digit dialled twice is two. A tone is
    heard, which can be mistaken, while an event is said: who sends events is not listened to any
    more. (Speech holds a digit hardly ever, a badly suppressed tone its beginning often.)
    """

    __slots__ = ("_presses", "_says_events")

    def __init__(self) -> None:
        self._presses: deque[_Press] = deque(maxlen=REMEMBERED)
        self._says_events = False

    def start_over(self) -> None:
        """Another phone may be there from now on, with ways of its own."""
        self._says_events = False

    def tell(self, way: Way, digit: str, duration_ms: int, now: float) -> bool:
        """
        Whether this is a press that was not told before.

        ``now`` is when it was told, ``duration_ms`` how long the key was down, as far as the way
        knows.
        """
        if way is Way.EVENT:
            self._says_events = True
        length = min(duration_ms / 1000, LONGEST)
        told = self._told_already(way, digit, now - length, now)
        if told is not None:
            told.told_by.add(way)
            told.began, told.ended = min(told.began, now - length), max(told.ended, now)
            return False
        if way is Way.TONE and self._says_events:
            return False
        self._presses.append(_Press(digit, now - length, now, {way}))
        return True

    def _told_already(self, way: Way, digit: str, began: float, ended: float) -> _Press | None:
        """The press that this way has not told yet, of those it can be the first one."""
        for press in self._presses:
            if way in press.told_by or press.digit != digit:  # who tells by one way has no others
                continue
            if began - APART <= press.ended and press.began <= ended + APART:
                return press
        return None
