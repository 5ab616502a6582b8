"""What one leg is sent: one SSRC, one sequence, one clock, whoever speaks (RFC 3550 §5.1)."""

import random
from typing import Final

from .packets import Send, StreamOut
from .rtp import CLOCK_RATE, HEADER, MARKER, TICK, TICK_SAMPLES, VERSION

# A receiver that loses the packets around an early wrap of the sequence can't decrypt SRTP any
# more (RFC 3711 §3.3.1 counts the wraps), so the first number is in the lower half.
FIRST_SEQUENCE_BELOW: Final = 0x8000


class RtpSender(StreamOut):
    """
    The numbers of the stream that goes to one leg, continuous over prompts and bridges.

    ``at`` is when the audio of ``timestamp`` is due: after a pause the timestamps go on by the
    time that passed. A relay writes its packets by itself and settles afterwards.
    """

    __slots__ = (
        "at", "dtmf_payload_type", "first", "marker_due", "sequence", "timestamp",
    )  # fmt: skip

    def __init__(self, chance: random.Random) -> None:
        super().__init__()
        self.ssrc = chance.getrandbits(32)
        self.first = self.sequence = chance.randrange(FIRST_SEQUENCE_BELOW)  # of the next packet
        self.timestamp = chance.getrandbits(32)  # of the next packet
        self.at = 0.0
        self.head = VERSION
        self.dtmf_payload_type: int | None = None
        self.marker_due = True

    def speaks(self, payload_type: int, dtmf_payload_type: int | None) -> None:
        self.head = VERSION | payload_type
        self.dtmf_payload_type = dtmf_payload_type

    def lead_to(self, send: Send | None, fd: int = -1) -> None:
        """Where packets go; ``fd`` if that is a connected socket and nothing else is to be done."""
        self.send, self.fd = send, fd

    def timestamp_at(self, now: float) -> int:
        """The timestamp of what is sent now."""
        passed = max(0, round((now - self.at) * CLOCK_RATE)) if self.at else 0
        return (self.timestamp + passed) & 0xFFFFFFFF

    def begin(self, now: float) -> None:
        """A talkspurt begins: catch up with the time and mark its first packet."""
        self.timestamp = self.timestamp_at(now)
        self.at = now
        self.marker_due = True

    def settle(self, sequence: int, timestamp: int, at: float) -> None:
        """A relay ended: these are the numbers after its last packet, due at ``at``."""
        self.sequence = sequence & 0xFFFF
        self.timestamp = timestamp & 0xFFFFFFFF
        self.at = at

    def send_audio(self, payload: bytes) -> None:
        """One packet of 20 ms."""
        head = self.head
        if self.marker_due:
            head |= MARKER
            self.marker_due = False
        self._send(head, self.timestamp, payload)
        self.pass_time()

    def send_event(self, payload: bytes, age: int, *, marker: bool) -> None:
        """An event packet, of an event that began ``age`` samples ago, and 20 ms pass."""
        if self.dtmf_payload_type is not None:
            head = VERSION | self.dtmf_payload_type | (MARKER if marker else 0)
            self._send(head, (self.timestamp - age) & 0xFFFFFFFF, payload)
        self.pass_time()

    def pass_time(self) -> None:
        """20 ms of silence, or of something that was sent."""
        self.timestamp = (self.timestamp + TICK_SAMPLES) & 0xFFFFFFFF
        self.at += TICK

    def _send(self, head: int, timestamp: int, payload: bytes) -> None:
        if self.send is None:
            return
        packet = HEADER.pack(head, self.sequence, timestamp, self.ssrc) + payload
        self.sequence = (self.sequence + 1) & 0xFFFF
        # ECONNREFUSED and its like: nobody is there yet, or not any more; RTP goes on regardless.
        try:
            self.send(packet)
        except OSError:
            return
        self.sent += 1
        self.octets += len(packet)
