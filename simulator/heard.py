"""What came to a phone: the audio on its time line, the keys, the figures of the stream."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from cti_server.media.digits import DigitDetector
from cti_server.media.g711 import SILENCE, Linear, decode, translation
from cti_server.media.protocol import Codec
from cti_server.media.reception import Place, Reception
from cti_server.media.rtp import CLOCK_RATE, payload_bounds
from cti_server.media.timeline import Timeline

from . import audio

_STATIC: dict[int, Codec] = {0: "PCMU", 8: "PCMA"}
Address = tuple[str, int]

_LOOK = 0.05  # seconds from one moment that is looked at to the next


@dataclass(frozen=True, slots=True)
class RtpFigures:
    """One phone's stream in both directions. Jitter as RFC 3550 §6.4.1 has it, in milliseconds."""

    sent: int
    received: int
    lost: int
    out_of_order: int
    copies: int
    jitter_ms: float


class Heard:
    """Packets in, sound out. ``now`` is the time of the event loop in seconds."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.digits = ""
        """The keys that came as RTP events (RFC 4733), in order."""
        self.sources: set[Address] = set()
        self.began_at: float | None = None
        """When the first audio packet came."""
        self.sounded_at: float | None = None
        """When the first audio packet came that is not silent."""
        self.reception = Reception()
        self._now = now
        self._opened_at = now()
        self._codec: Codec = "PCMU"
        self._line: Timeline | None = None
        self._events = DigitDetector()
        self._event_payload_type: int | None = 101

    def expect_events(self, payload_type: int | None) -> None:
        """The payload type that telephone-events were agreed to have."""
        self._event_payload_type = payload_type

    def receive(self, packet: bytes | bytearray, size: int, source: Address) -> None:
        """Take in one datagram; what is no RTP of an agreed kind is passed over."""
        bounds = payload_bounds(packet, size)
        if bounds is None:
            return
        kind = packet[1] & 0x7F
        if kind not in _STATIC and kind != self._event_payload_type:
            return
        self.sources.add(source)
        payload = bytes(packet[bounds[0] : bounds[1]])
        timestamp = int.from_bytes(packet[4:8], "big")
        is_event = kind == self._event_payload_type
        if not self._place(packet, timestamp, timed=not is_event):
            return
        if is_event:
            marker = packet[1] >= 0x80
            for pressed in self._events.receive(payload, timestamp, self._now(), marker=marker):
                self.digits += pressed.digit
        else:
            self._take_audio(payload, timestamp, _STATIC[kind])

    def look_at_the_clock(self) -> None:
        """Call about once a second: silence goes on, and so do keys whose ends were lost."""
        for pressed in self._events.handle_timer(self._now()):
            self.digits += pressed.digit
        if self._line is not None:
            self._line.keep_up(self._position(self._now()))

    def samples(self, begin: float, end: float) -> Linear:
        """The audio between two times of the loop's clock; silence where nothing came."""
        length = max(0, round((end - begin) * CLOCK_RATE))
        if self._line is None:
            return np.zeros(length, np.int16)
        start = self._position(begin)
        head = min(length, max(0, -start))
        known = bytes(self._line.buffer[max(0, start) : max(0, start) + length - head])
        found = decode(known, self._codec)
        return np.pad(found, (head, length - head - len(found)))

    def everything(self) -> Linear:
        """All audio from the first packet to the last."""
        if self.began_at is None or self._line is None:
            return np.zeros(0, np.int16)
        return decode(bytes(self._line.buffer[self._position(self.began_at) :]), self._codec)

    def frequency(self, last: float = 1.0) -> float | None:
        """The strongest frequency of the last so many seconds in Hz; None for silence."""
        now = self._now()
        return audio.frequency(self.samples(now - last, now))

    def sounded(self, hz: float, since: float, *, span: float, tolerance: float) -> bool:
        """
        Whether ``span`` seconds sounded like this tone, up to now or to any moment since then.

        Whoever was kept from looking for a while does not miss a short tone that came meanwhile.
        """
        now = self._now()
        for back in range(1 + int((now - since) / _LOOK)):
            end = now - back * _LOOK
            found = audio.frequency(self.samples(end - span, end))
            if found is not None and abs(found - hz) <= tolerance:
                return True
        return False

    def loudness(self, last: float = 1.0) -> float:
        """Of the last so many seconds, in dB of full scale."""
        now = self._now()
        return audio.loudness(self.samples(now - last, now))

    def _place(self, packet: bytes | bytearray, timestamp: int, *, timed: bool) -> bool:
        sequence = int.from_bytes(packet[2:4], "big")
        ssrc = int.from_bytes(packet[8:12], "big")
        place = self.reception.place(sequence, timestamp, ssrc, self._now(), timed=timed)
        if place is Place.FIRST and self._line is not None:
            self._line.restart()
        return place not in (Place.COPY, Place.UNPROVEN)

    def _take_audio(self, payload: bytes, timestamp: int, codec: Codec) -> None:
        now = self._now()
        if self._line is None:
            self.began_at = now
            self._codec = codec
            self._line = Timeline(SILENCE[codec])
        if codec != self._codec and (table := translation(codec, self._codec)) is not None:
            payload = payload.translate(table)
        if self.sounded_at is None and audio.loudness(decode(payload, self._codec)) > audio.FAINT:
            self.sounded_at = now
        self._line.place(timestamp, payload, self._position(now))

    def _position(self, at: float) -> int:
        return round((at - self._opened_at) * CLOCK_RATE)
