"""Telephone events in RTP, both ways (RFC 4733). Pure: no clock, no sockets."""

import struct
from collections import deque
from dataclasses import dataclass
from typing import Final

from .rtp import CLOCK_RATE, TICK_SAMPLES, signed32

KEYS: Final = "0123456789*#ABCD"
EVENT: Final = struct.Struct("!BBH")  # event, E R volume, duration
END: Final = 0x80
VOLUME: Final = 10  # -10 dBm0
END_COPIES: Final = 3  # RFC 4733 §2.5.1.4
# Steps that may wait to be sent: a minute. Whoever presses keys without end (we pass them on at
# their claimed length) is not to fill the memory.
LONGEST_QUEUE: Final = 3000
GIVEN_UP_AFTER: Final = 0.2  # seconds without a packet: the end was lost
_REMEMBERED = 4  # ended events, by stream and timestamp
_NEARLY_FULL = 0xFFFF - 2400  # samples; 300 ms before a segment's end


@dataclass(frozen=True, slots=True)
class Pressed:
    """A key that was pressed and released."""

    digit: str
    duration_ms: int


class DigitDetector:
    """
    Finds the keys in one leg's event packets, each once.

    An event is known by its timestamp (§2.2), so copies and repeated ends are the same event; that
    another stream's has the same one says nothing (SIPp begins each string of keys so). When
    the ends are lost, the next event or :meth:`handle_timer` closes it. A key held for more than
    8.2 s comes in segments whose timestamps follow on one another (§2.5.1.3): they are one key.
    """

    __slots__ = ("_closed", "_event", "_heard", "_length", "_length_before", "_start", "_stream")

    def __init__(self) -> None:
        self._event = -1  # no key is down
        self._start = 0  # timestamp of the segment
        self._length = 0  # samples in this segment
        self._length_before = 0  # samples in the segments before
        self._heard = 0.0
        self._stream = -1  # the SSRC; none was told
        self._closed: deque[tuple[int, int]] = deque(maxlen=_REMEMBERED)  # the latest events

    @property
    def deadline(self) -> float | None:
        """When to call :meth:`handle_timer`; None while no key is down."""
        return self._heard + GIVEN_UP_AFTER if self._event >= 0 else None

    @property
    def down(self) -> bool:
        return self._event >= 0

    def receive(
        self, payload: bytes, timestamp: int, now: float, *, marker: bool = False
    ) -> list[Pressed]:
        """Take in one event packet's payload; what it ends is returned."""
        if len(payload) < EVENT.size:
            return []
        event, flags, length = EVENT.unpack_from(payload)
        if (self._stream, timestamp) in self._closed or event >= len(KEYS):
            return []
        ended = []
        if self._event < 0:
            self._begin(event, timestamp, 0)
        elif timestamp != self._start:
            age = signed32(timestamp - self._start)
            if age < 0:
                return self._overtaken(event, timestamp, length)
            if event == self._event and not marker and age <= self._reach():
                self._closed.append((self._stream, self._start))
                self._begin(event, timestamp, self._length_before + age)
            else:
                ended.append(self._close())
                self._begin(event, timestamp, 0)
        self._length = max(self._length, length)
        self._heard = now
        if flags & END:
            ended.append(self._close())
        return ended

    def handle_timer(self, now: float) -> list[Pressed]:
        """Close an event whose end packets were lost, if it is time."""
        if self.deadline is None or now < self.deadline:
            return []
        return [self._close()]

    def break_off(self, ssrc: int) -> list[Pressed]:
        """Another stream begins, with timestamps of its own: close an event that is under way."""
        ended = [self._close()] if self.down else []
        self._stream = ssrc
        return ended

    def _overtaken(self, event: int, timestamp: int, length: int) -> list[Pressed]:
        """A packet of an earlier event: of one that was told, or the only one that came of it."""
        stream, told = self._closed[-1] if self._closed else (None, 0)
        if stream == self._stream and signed32(timestamp - told) < 0:
            return []  # too late: what came after it was told already
        self._closed.append((self._stream, timestamp))
        return [Pressed(KEYS[event], 1000 * length // CLOCK_RATE)]

    def _reach(self) -> int:
        """How far this segment may go; the last updates of a full one may be lost."""
        return 0xFFFF if self._length > _NEARLY_FULL else self._length

    def _begin(self, event: int, timestamp: int, length_before: int) -> None:
        self._event, self._start = event, timestamp
        self._length, self._length_before = 0, length_before

    def _close(self) -> Pressed:
        samples = self._length_before + self._length
        pressed = Pressed(KEYS[self._event], 1000 * samples // CLOCK_RATE)
        self._closed.append((self._stream, self._start))
        self._event = -1
        return pressed


@dataclass(frozen=True, slots=True)
class EventPacket:
    """One event packet to send; ``age`` is how many samples ago its event began."""

    payload: bytes
    age: int
    marker: bool


def reclocked(payload: bytes, clock_rate: int, to: int) -> bytes:
    """An event whose duration is in ticks of one clock, for another one (RFC 4733 §2.1)."""
    if clock_rate == to or len(payload) < EVENT.size:
        return payload
    event, flags, length = EVENT.unpack_from(payload)
    return EVENT.pack(event, flags, min(length * to // clock_rate, 0xFFFF))


class DigitSequence:
    """Keys to be sent, one step every 20 ms: an event packet, or None in a gap."""

    __slots__ = ("_steps",)

    def __init__(self) -> None:
        self._steps: deque[EventPacket | None] = deque()

    def __bool__(self) -> bool:
        return bool(self._steps)

    def append(self, digits: str, duration_ms: int, gap_ms: int) -> None:
        """
        Queue these keys; what is no key is left out, and what is behind a full queue.

        Times are rounded to 20 ms.
        """
        length = max(1, min(round(duration_ms / 20), 0xFFFF // TICK_SAMPLES))
        # The copies of the end go out in the gap (§2.5.1.4), and one step more parts two keys.
        gap = max(END_COPIES, round(gap_ms / 20))
        for digit in digits.upper():
            if digit in KEYS and len(self._steps) < LONGEST_QUEUE:
                self._steps += _packets(KEYS.index(digit), length)
                self._steps += [None] * (gap - END_COPIES + 1)

    def next(self) -> EventPacket | None:
        """What to send now. Only while the sequence is true."""
        return self._steps.popleft()


def _packets(event: int, length: int) -> list[EventPacket]:
    """One key of ``length`` steps: an update every step, the last one an end, sent three times."""
    packets = []
    for step in range(1, length + END_COPIES):
        flags = VOLUME | (END if step >= length else 0)
        samples = min(step, length) * TICK_SAMPLES
        # Packets leave at the end of what they report, all with the time of the beginning.
        payload = EVENT.pack(event, flags, samples)
        packets.append(EventPacket(payload, (step - 1) * TICK_SAMPLES, step == 1))
    return packets
