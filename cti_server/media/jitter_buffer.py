"""
Puts one sender's packets back in order and in time, for legs that are decoded. Pure.

Delay is what a conversation can afford least, so none is added beforehand: audio begins as soon as
it is there, and what comes later than it is due moves everything after it. The delay that the
latest packets needed (nearly all of them) is the target; whoever takes the audio shortens it
where :meth:`JitterBuffer.excess` says that there is more. Times are seconds of the caller's
clock; durations are ticks of the RTP clock.
"""

import enum
from collections import deque
from typing import Final, NamedTuple

from .rtp import CLOCK_RATE, signed16, signed32

LONGEST_DELAY: Final = 0.2  # seconds; what is later than this is given up
_WINDOW: Final = 256  # packets whose delays are remembered: 5 s of 20 ms
_MEASURED_EVERY: Final = 32  # packets
_QUANTILE: Final = 0.98  # of the packets come within the target
# A path that became this much faster, or timestamps that jumped: the past tells nothing any more.
_NEW_PATH: Final = 0.1  # seconds
_JUMP_PROOF: Final = 3  # packets that all come far too late prove a jump of the timestamps
_SEEN: Final = 128  # sequence numbers that are remembered
_LONGEST_LOSS: Final = 0.5  # seconds; a larger hole in the timestamps is taken for a pause
_CAPACITY: Final = 64  # packets, should nobody take them
_SHORTEST_PAUSE: Final = 0.0025  # seconds; less is not worth a piece of its own


class Kind(enum.Enum):
    """What the next piece of a stream is."""

    AUDIO = "audio"
    NOISE = "noise"  # comfort noise begins, or changes; takes no time
    LOST = "lost"  # audio is missing here
    PAUSE = "pause"  # the sender said nothing


class Piece(NamedTuple):
    """The next piece, in ticks of the RTP clock."""

    kind: Kind
    duration: int
    payload: bytes = b""
    """Of a loss: the payload that follows it."""


class _Packet(NamedTuple):
    seq: int
    duration: int
    payload: bytes
    kind: Kind


class JitterBuffer:
    """
    One stream's packets, from arrival until they are due.

    Give it every audio and comfort-noise packet by :meth:`put`, tell it other packets of the
    stream by :meth:`skip`, and take pieces in order by :meth:`get` until the tick is full.
    """

    __slots__ = (
        "_at", "_base", "_begins", "_jumped", "_latest", "_longest", "_packets", "_rate", "_seen",
        "_since_measured", "_taken", "_taken_seq", "_transits", "_waited", "copies", "dropped",
        "late", "target",
    )  # fmt: skip

    def __init__(
        self,
        clock_rate: int = CLOCK_RATE,
        *,
        expected_jitter: float = 0.0,
        longest: float = LONGEST_DELAY,
    ) -> None:
        """``expected_jitter`` in seconds, if something is known of the stream already."""
        self._rate = clock_rate
        self._longest = longest
        self.late = 0  # came after their time
        self.copies = 0
        self.dropped = 0  # given up, to keep the delay within its limit
        self.target = min(expected_jitter, longest)
        """The delay, in seconds after the fastest packets, that nearly all packets need."""
        self._forget()

    def restart(self) -> None:
        """Another stream begins: a new SSRC, or a sequence that started over."""
        self._forget()

    def _forget(self) -> None:
        self._packets: dict[int, _Packet] = {}  # by extended timestamp
        self._seen = [-1] * _SEEN
        self._latest: int | None = None  # the highest extended timestamp
        self._at = 0  # the extended timestamp that is due next
        self._taken = -1  # of the packet that was taken last
        self._taken_seq = 0
        self._begins = True  # whatever is taken next begins after a pause
        self._waited = 0  # ticks that passed since the buffer ran empty
        self._forget_delays()

    def _forget_delays(self) -> None:
        self._base = float("inf")  # arrival minus timestamp, of the fastest packet
        self._transits: deque[float] = deque(maxlen=_WINDOW)
        self._since_measured = 0
        self._jumped: list[tuple[float, int]] = []

    def put(
        self,
        seq: int,
        timestamp: int,
        payload: bytes,
        now: float,
        *,
        duration: int,
        kind: Kind = Kind.AUDIO,
    ) -> None:
        """A packet came. Copies and what is too late are dropped here."""
        slot = seq % _SEEN
        if self._seen[slot] == seq:
            self.copies += 1
            return
        self._seen[slot] = seq
        if self._latest is None:
            # Far from zero, so that what came before the first packet has a number as well.
            self._latest = self._at = timestamp + (1 << 32)
        extended = self._latest + signed32(timestamp - self._latest)
        if self._jumps(seq, extended, now):
            self._rebase(extended)
        self._note_delay(now - extended / self._rate)
        if self._begins and extended > self._taken:
            self._at = min(self._at, extended)
        if extended <= self._taken or extended + max(duration, 1) <= self._at:
            self.late += 1
            self._measure()
            return
        if extended in self._packets:
            self.copies += 1
            return
        self._packets[extended] = _Packet(seq, duration, payload, kind)
        self._latest = max(self._latest, extended)
        if len(self._packets) > _CAPACITY:
            self._drop(min(self._packets))

    def skip(self, seq: int) -> None:
        """A packet of the stream that holds no audio (an event): its number is not lost."""
        self._seen[seq % _SEEN] = seq

    def get(self, now: float, wanted: int, held: int = 0) -> Piece | None:
        """
        The next piece; None if there is nothing, and ``wanted`` ticks have to be made up.

        ``held`` ticks were taken before and are still to be played. A piece that is no packet is
        never longer than ``wanted``.
        """
        packets = self._packets
        if not packets:
            self._waited += wanted
            return None
        first = min(packets) if len(packets) > 1 else next(iter(packets))
        delay = now + (held - first) / self._rate - self._base
        while delay > self._longest and len(packets) > 1:
            first = self._drop(first)
            delay = now + (held - first) / self._rate - self._base
        if first > self._at or self._begins:
            piece = self._before(first, delay, wanted)
            if piece is not None:
                return piece
        packet = packets.pop(first)
        self._taken, self._taken_seq = first, packet.seq
        self._at = first + packet.duration
        self._waited = 0
        self._begins = False
        return Piece(packet.kind, packet.duration, packet.payload)

    @property
    def ready(self) -> bool:
        """Whether the packet that is due next has come."""
        return self._at in self._packets

    def excess(self, now: float, held: int = 0) -> int:
        """Ticks by which what comes next is delayed more than the target asks for."""
        if self._latest is None:
            return 0
        delay = now + (held - self._at) / self._rate - self._base
        return int((delay - self.target) * self._rate)

    def _drop(self, first: int) -> int:
        """Give up the packet that is due first; return the next one."""
        del self._packets[first]
        self.dropped += 1
        self._at = min(self._packets)
        return self._at

    def _before(self, first: int, delay: float, wanted: int) -> Piece | None:
        """What comes before this packet; None if it is due now."""
        packet, gap = self._packets[first], first - self._at
        if self._begins or gap > _LONGEST_LOSS * self._rate or self._nothing_lost(packet.seq):
            # A pause may be longer or shorter than it was: the target is met here for nothing.
            missing = self.target - delay
            if missing < _SHORTEST_PAUSE:
                return None
            return Piece(Kind.PAUSE, min(int(missing * self._rate), wanted))
        passed = min(self._waited, gap)
        self._at += passed
        self._waited = 0
        lost = min(gap - passed, wanted)
        if lost <= 0:
            return None
        if delay < self.target:
            self._waited = lost  # by the latest measure it may still come
        else:
            self._at += lost
        whole = gap - passed == packet.duration
        return Piece(Kind.LOST, lost, packet.payload if whole else b"")

    def _nothing_lost(self, seq: int) -> bool:
        """Whether all packets between the one taken last and this one came, whatever they held."""
        between = (seq - self._taken_seq - 1) & 0xFFFF
        if between >= _SEEN:
            return False
        numbers = ((self._taken_seq + 1 + step) & 0xFFFF for step in range(between))
        return all(self._seen[number % _SEEN] == number for number in numbers)

    def _note_delay(self, transit: float) -> None:
        if transit < self._base - _NEW_PATH:
            self._transits.clear()
        self._base = min(self._base, transit)
        self._transits.append(transit)
        self._since_measured += 1
        if self._since_measured >= _MEASURED_EVERY:
            self._measure()

    def _measure(self) -> None:
        self._since_measured = 0
        ordered = sorted(self._transits)
        self._base = ordered[0]
        slow = ordered[int(_QUANTILE * (len(ordered) - 1) + 0.999)]
        self.target = min(slow - self._base, self._longest)

    def _jumps(self, seq: int, extended: int, now: float) -> bool:
        """
        Whether the sender's timestamps stepped back, or its clock stood still.

        Packets that were held up somewhere look like it, but they come all at once, or are older
        than what was taken already.
        """
        if signed16(seq - self._taken_seq) <= 0 and not self._begins:
            return False
        if now - extended / self._rate - self._base <= self._longest:
            if self._jumped:
                self._jumped.clear()
            return False
        self._jumped.append((now, extended))
        if len(self._jumped) < _JUMP_PROOF:
            return False
        since, start = self._jumped[0]
        return now - since >= 0.5 * (extended - start) / self._rate > 0

    def _rebase(self, extended: int) -> None:
        self._forget_delays()
        self._packets.clear()
        self._latest = self._at = extended
        self._taken = extended - 1
        self._begins = True
        self._waited = 0
