"""
What is known of one incoming RTP stream: order, loss, jitter (RFC 3550 §6.4.1, A.1, A.3, A.8),
and how the losses are spread (:mod:`.bursts`).

Pure. The packet loop does by itself what a packet in its proper place needs (it counts ``next``
up and keeps the jitter); every other packet comes here.
"""

import enum
from typing import Final

from .bursts import Bursts
from .packets import StreamIn
from .rtp import CLOCK_RATE, signed16

MAX_DROPOUT: Final = 3000  # RFC 3550 A.1: a gap above this is a restart
REMEMBERED_GAPS: Final = 512  # missing packets that may still come late
LONGEST_TRANSIT_STEP: Final = 10.0  # seconds; a larger one is a timestamp jump, not jitter


class Place(enum.Enum):
    """Where a packet stands in its stream."""

    FIRST = "first"  # of a new stream: a new SSRC, or a sequence that started over
    NEXT = "next"  # in its place, or after a gap
    LATE = "late"  # fills a gap
    COPY = "copy"  # was here before, or is too old to tell
    UNPROVEN = "unproven"  # far from where the stream is; the next one will tell


class Reception(StreamIn):
    """The order, loss and jitter of what one leg sends, over all its SSRCs."""

    __slots__ = (
        "_bad_next",
        "_base",
        "_gaps",
        "_missing",
        "_past_expected",
        "_past_missing",
        "_reported_expected",
        "_reported_missing",
        "bursts",
        "clock_rate",
        "copies",
        "out_of_order",
    )  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self.clock_rate = CLOCK_RATE  # timestamp units a second
        self.out_of_order = 0
        self.copies = 0
        self.bursts = Bursts()
        self._base = 0
        self._bad_next = -1
        self._gaps: dict[int, None] = {}  # ordered: the oldest is forgotten first
        self._missing = 0
        self._past_expected = self._past_missing = 0
        self._reported_expected = self._reported_missing = 0

    @property
    def expected(self) -> int:
        return self._past_expected + self.next - self._base

    @property
    def lost(self) -> int:
        return self._past_missing + self._missing

    @property
    def received(self) -> int:
        """Without the copies."""
        return self.expected - self.lost

    @property
    def heard(self) -> float:
        """When the latest packet in order came; 0 or less before any."""
        return self.transit + self.timestamp / self.clock_rate

    @property
    def highest(self) -> int:
        """The extended highest sequence number, as a receiver report wants it."""
        return (self.next - 1) & 0xFFFFFFFF

    @property
    def current_lost(self) -> int:
        """Lost of the SSRC that sends now, as a receiver report wants it."""
        return self._missing

    def expect_another(self) -> None:
        """Whatever comes next is a new stream, even under the same SSRC."""
        self.ssrc = -1

    def change_clock(self, rate: int) -> None:
        """Timestamps are of another clock from now on; when it was :attr:`heard` stays as it is."""
        heard = self.heard
        self.clock_rate = rate
        self.transit = heard - self.timestamp / rate

    def place(
        self, seq: int, timestamp: int, ssrc: int, now: float, *, timed: bool = True
    ) -> Place:
        """
        Take in a packet that is not simply the next one.

        ``timed`` is false for events: they keep the time of their beginning, and show no jitter.
        """
        if ssrc != self.ssrc:
            self._start(seq, ssrc)
            self._arrive(timestamp, now, timed=False)
            return Place.FIRST
        distance = signed16(seq - self.next)
        if 0 <= distance < MAX_DROPOUT:
            self._skip(distance)
            self._arrive(timestamp, now, timed=timed)
            return Place.NEXT
        if -REMEMBERED_GAPS <= distance < 0:
            return self._look_back(self.next + distance)
        if seq != self._bad_next:
            self._bad_next = (seq + 1) & 0xFFFF
            return Place.UNPROVEN
        self._start(seq, ssrc)
        self._arrive(timestamp, now, timed=False)
        return Place.FIRST

    def fraction_lost(self) -> float:
        """Of what was expected since this was last asked (RFC 3550 A.3)."""
        expected = self.expected - self._reported_expected
        lost = self.lost - self._reported_missing
        self._reported_expected, self._reported_missing = self.expected, self.lost
        return max(0.0, lost / expected) if expected > 0 else 0.0

    def _start(self, seq: int, ssrc: int) -> None:
        self._past_expected, self._past_missing = self.expected, self.lost
        self._missing = 0
        self._gaps.clear()
        self.bursts.restart()
        self._bad_next = -1
        self.ssrc = ssrc
        self._base = seq
        self.next = seq + 1

    def _skip(self, count: int) -> None:
        self._bad_next = -1
        if count == 0:
            self.next += 1
            return
        self._missing += count
        self.bursts.missed(self.next, count)
        for number in range(self.next + max(0, count - REMEMBERED_GAPS), self.next + count):
            self._gaps[number] = None
        while len(self._gaps) > REMEMBERED_GAPS:
            del self._gaps[next(iter(self._gaps))]
        self.next += count + 1

    def _look_back(self, number: int) -> Place:
        if number not in self._gaps:
            self.copies += 1
            return Place.COPY
        del self._gaps[number]
        self.bursts.came_late(number)
        self._missing -= 1
        self.out_of_order += 1
        return Place.LATE

    def _arrive(self, timestamp: int, now: float, *, timed: bool) -> None:
        transit = now - timestamp / self.clock_rate
        step = abs(transit - self.transit)
        if timed and step < LONGEST_TRANSIT_STEP:
            self.jitter += (step - self.jitter) / 16
        self.transit = transit
        self.timestamp = timestamp
