"""What one leg is sent: one SSRC, one sequence, one clock, whoever speaks (RFC 3550 §5.1)."""

import random
from typing import Final

from .digits import reclocked
from .packets import Send, StreamOut, Way
from .rtp import CLOCK_RATE, MARKER, TICK, VERSION

# A receiver that loses the packets around an early wrap of the sequence can't decrypt SRTP any
# more (RFC 3711 §3.3.1 counts the wraps), so the first number is in the lower half.
FIRST_SEQUENCE_BELOW: Final = 0x8000
UNHEARD_PAUSE: Final = 0.03  # seconds: from a relay to what is sent at the tick, or back


class RtpSender(StreamOut):
    """
    The numbers of the stream that goes to one leg, continuous over prompts and bridges.

    ``at`` is when the audio of ``timestamp`` is due: after a pause the timestamps go on by the
    time that passed. A relay writes its packets by itself and settles afterwards.
    """

    __slots__ = (
        "clock_rate", "comfort_noise", "dtmf_clock_rate", "dtmf_payload_type", "first",
        "octets_before", "sent_before",
    )  # fmt: skip

    def __init__(self, chance: random.Random) -> None:
        super().__init__()
        self.renew(chance)
        self.head = VERSION
        self.dtmf_payload_type: int | None = None
        self.clock_rate = CLOCK_RATE  # of the timestamps
        self.dtmf_clock_rate = CLOCK_RATE  # of the events' durations
        self.comfort_noise = False  # whether it is understood

    def renew(self, chance: random.Random) -> None:
        """For another receiver: a stream that has nothing to do with the one before."""
        self.ssrc = chance.getrandbits(32)
        self.first = self.sequence = chance.randrange(FIRST_SEQUENCE_BELOW)  # of the next packet
        self.timestamp = chance.getrandbits(32)  # of the next packet
        self.marker_due = True
        self.sent_before, self.octets_before = self.sent, self.octets

    def speaks(
        self,
        payload_type: int,
        dtmf_payload_type: int | None,
        clock_rate: int = CLOCK_RATE,
        dtmf_clock_rate: int = CLOCK_RATE,
    ) -> None:
        self.clock_rate, self.tick = clock_rate, round(clock_rate * TICK)
        self.head = VERSION | payload_type
        self.dtmf_payload_type, self.dtmf_clock_rate = dtmf_payload_type, dtmf_clock_rate

    def lead_to(self, send: Send | None, fd: int = -1, way: Way | None = None) -> None:
        """Where packets go; ``fd`` if that is a connected socket and nothing else is to be done."""
        self.send, self.fd, self.way = send, fd, way

    def timestamp_at(self, now: float) -> int:
        """The timestamp of what is sent now."""
        passed = max(0, round((now - self.at) * self.clock_rate)) if self.at else 0
        return (self.timestamp + passed) & 0xFFFFFFFF

    def begin(self, now: float) -> None:
        """A talkspurt begins: catch up with the time and mark its first packet."""
        self.timestamp = self.timestamp_at(now)
        self.at = now
        self.marker_due = True

    def resume(self, now: float) -> None:
        """Somebody else speaks from here on, without a pause if it was none to speak of."""
        if self.at and now - self.at < UNHEARD_PAUSE:
            self.at = now
        else:
            self.begin(now)

    def settle(self, sequence: int, timestamp: int, at: float) -> None:
        """A relay ended: these are the numbers after its last packet, due at ``at``."""
        self.sequence = sequence & 0xFFFF
        self.timestamp = timestamp & 0xFFFFFFFF
        self.at = at

    def send_payload(self, payload: bytes, ticks: int) -> None:
        """A packet of so many timestamp units."""
        head = self.head
        if self.marker_due:
            head |= MARKER
            self.marker_due = False
        self.send_packet(head, self.timestamp, payload)
        self.timestamp = (self.timestamp + ticks) & 0xFFFFFFFF
        self.at += ticks / self.clock_rate

    def send_event(self, payload: bytes, age: int, *, marker: bool) -> None:
        """
        An event packet, of an event that began ``age`` samples ago, and 20 ms pass.

        There is one line of timestamps, the codec's, whatever clock measures the events: a receiver
        knows an event by its timestamp, and places it among the audio (RFC 4733 §2.1, §2.5.1).
        """
        if self.dtmf_payload_type is not None:
            age *= self.clock_rate // CLOCK_RATE
            payload = reclocked(payload, CLOCK_RATE, self.dtmf_clock_rate)
            head = VERSION | self.dtmf_payload_type | (MARKER if marker else 0)
            self.send_packet(head, (self.timestamp - age) & 0xFFFFFFFF, payload)
        self.pass_time()
