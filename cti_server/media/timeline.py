"""
Where on a recording's time line a leg's audio belongs. Pure: bytes and numbers.

Positions are samples since the capture began. The RTP timestamps order the audio; the arrival time
only says where a stream begins, and holds its clock to ours.
"""

from typing import Final

from .packets import Line
from .rtp import CLOCK_RATE, signed32

# A packet further than this from its time of arrival shows a jump of the timestamps (a hold that
# stopped the sender's clock, a new source), not a slow network.
JUMP: Final = 2 * CLOCK_RATE
# How far a sender's clock may fall behind ours, or run ahead, before the time line is moved:
# forward by silence, which harms nothing, or back over what was heard last, which costs it.
BEHIND_LIMIT: Final = CLOCK_RATE // 25
AHEAD_LIMIT: Final = CLOCK_RATE // 10
# Audio that comes after its place was taken is lost; when that lasts, the sender's clock stood
# still while it was silent.
STALE_LIMIT: Final = CLOCK_RATE // 10
# How far a silent leg's time line is kept behind the present, so that a late burst finds its place.
SILENCE_LAG: Final = CLOCK_RATE // 2
# Kept back for packets that come out of order: 100 ms.
TAIL: Final = CLOCK_RATE // 10
_DRIFT_WINDOW = 6  # flushes


class Timeline(Line):
    """
    One channel of a capture.

    ``buffer`` holds what was not taken yet and begins at position ``taken``; a packet whose
    timestamp is ``next_timestamp`` is simply appended to it, by the packet loop itself.
    """

    __slots__ = (
        "_gaps", "_lags", "_muted_until", "_silence", "_stale_since", "taken",
    )  # fmt: skip

    def __init__(self, silence: int) -> None:
        self._silence = bytes([silence])
        super().__init__()
        self.taken = 0
        self._gaps: list[tuple[int, int]] = []  # silence that late packets may still fill
        self._muted_until = -1  # position; below it nothing is heard
        self._lags: list[int] = []
        self._stale_since = -1

    @property
    def end(self) -> int:
        """The position after the last sample."""
        return self.taken + len(self.buffer)

    def restart(self) -> None:
        """The next packet is of another stream: place it by its arrival."""
        self.next_timestamp = -1

    def place(self, timestamp: int, payload: bytes | memoryview, arrival: int) -> None:
        """Put audio where its timestamp says; ``arrival`` is the present position."""
        if self.next_timestamp < 0:
            self._anchor(timestamp, arrival)
        position = self._position(timestamp)
        if abs(position - arrival) > JUMP or self._stale(position + len(payload), arrival):
            self._anchor(timestamp, arrival)
            position = self.end
        if position >= self.end:
            self._extend(position)
            self.buffer += payload
            self.next_timestamp = (timestamp + len(payload)) & 0xFFFFFFFF
        else:
            self._fill(position, payload, timestamp)

    def mute(self, timestamp: int, samples: int, arrival: int) -> None:
        """Make this stretch silent, whatever came or comes there: a digit was pressed."""
        if self.next_timestamp < 0:
            self._anchor(timestamp, arrival)
        start = self._position(timestamp)
        if abs(start - arrival) > JUMP + samples:
            return
        stop = start + samples
        self._blank(start, stop)
        if stop > self.end:
            self._extend(max(start, self.end))
            self.buffer += self._silence * (stop - self.end)
            self.next_timestamp = (timestamp + samples) & 0xFFFFFFFF

    def strike(self, timestamp: int, samples: int) -> None:
        """Make silent what came in this stretch, as far as it was not taken yet."""
        if self.next_timestamp >= 0:
            start = self._position(timestamp)
            self._blank(start, min(start + samples, self.end))

    def keep_up(self, present: int) -> None:
        """
        Called about once a second: fill what has long been silent, hold the sender's clock to ours.

        A stream in order ends between one packet behind the present and just at it. When all the
        samples of the last seconds say otherwise, its clock drifts.
        """
        lag = present - self.end
        if lag > 2 * SILENCE_LAG:
            self._extend_keeping_time(present - SILENCE_LAG)
            self._lags.clear()
            return
        self._lags.append(lag)
        if len(self._lags) < _DRIFT_WINDOW or self.next_timestamp < 0:
            return
        least, most = min(self._lags), max(self._lags)
        self._lags.clear()
        if least > BEHIND_LIMIT:
            self._extend(self.end + least)
        elif most < -AHEAD_LIMIT:
            self._step_back(-most)

    def wait_no_longer(self, position: int) -> None:
        """What has not come up to there is silence."""
        if position > self.end:
            self._extend_keeping_time(position)

    def take(self, *, tail: int = TAIL) -> bytes:
        """Remove and return all but the last ``tail`` samples."""
        count = len(self.buffer) - tail
        if count <= 0:
            return b""
        data = bytes(self.buffer[:count])
        del self.buffer[:count]
        self.taken += count
        self._gaps = [gap for gap in self._gaps if gap[1] > self.taken]
        return data

    def finish(self, present: int) -> bytes:
        """What is left, filled with silence up to the present."""
        if present > self.end:
            self.buffer += self._silence * (present - self.end)
        return self.take(tail=0)

    def _position(self, timestamp: int) -> int:
        return self.end + signed32(timestamp - self.next_timestamp)

    def _stale(self, stop: int, arrival: int) -> bool:
        """Whether audio has come too late for so long that its place must be wrong."""
        if stop > self.taken or stop <= self._muted_until:
            self._stale_since = -1
        elif self._stale_since < 0:
            self._stale_since = arrival
        return self._stale_since >= 0 and arrival - self._stale_since >= STALE_LIMIT

    def _anchor(self, timestamp: int, arrival: int) -> None:
        """Begin a stream here: at its arrival, or after what is there already."""
        self._extend(max(arrival, self.end))
        self.next_timestamp = timestamp
        self._stale_since = -1
        self._lags.clear()

    def _extend(self, position: int) -> None:
        """Silence up to ``position``, which late packets may fill. The time stamps do not move."""
        if position > self.end:
            self._gaps.append((self.end, position))
            self.buffer += self._silence * (position - self.end)

    def _extend_keeping_time(self, position: int) -> None:
        samples = position - self.end
        self._extend(position)
        if self.next_timestamp >= 0:
            self.next_timestamp = (self.next_timestamp + samples) & 0xFFFFFFFF

    def _step_back(self, samples: int) -> None:
        """A fast sender: what comes next takes the place of the last few samples."""
        samples = min(samples, len(self.buffer))
        del self.buffer[len(self.buffer) - samples :]
        self._gaps = [(a, min(b, self.end)) for a, b in self._gaps if a < self.end]

    def _fill(self, position: int, payload: bytes | memoryview, timestamp: int) -> None:
        """A late packet goes into the gaps it was missed in; nothing is ever overwritten."""
        stop = position + len(payload)
        beyond = stop - self.end
        rest: list[tuple[int, int]] = []
        for start, end in self._gaps:
            a, b = max(start, position, self.taken, self._muted_until), min(end, stop)
            if a >= b:
                rest.append((start, end))
                continue
            self.buffer[a - self.taken : b - self.taken] = payload[a - position : b - position]
            rest += [gap for gap in ((start, a), (b, end)) if gap[0] < gap[1]]
        self._gaps = rest
        if beyond > 0:
            self.buffer += payload[len(payload) - beyond :]
            self.next_timestamp = (timestamp + len(payload)) & 0xFFFFFFFF

    def _blank(self, start: int, stop: int) -> None:
        """What is there is silence, and nothing that comes late is heard up to there."""
        self._muted_until = max(self._muted_until, stop)
        start, stop = max(start, self.taken), min(stop, self.end)
        if start < stop:
            blank = self._silence * (stop - start)
            self.buffer[start - self.taken : stop - self.taken] = blank
