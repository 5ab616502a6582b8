"""The stream of a browser's phone in both directions, unprotected: tone, keys, reports. No IO."""

import random
import time
from collections.abc import Callable, Iterator
from typing import Final

from cti_server.media import rtcp
from cti_server.media.digits import DigitSequence
from cti_server.media.g711 import SILENCE, encode
from cti_server.media.protocol import Codec
from cti_server.media.rtp import CLOCK_RATE, HEADER_SIZE, TICK_SAMPLES
from cti_server.media.sender import RtpSender

from .audio import Sound
from .heard import Address, Heard, RtpFigures

REPORT_EVERY: Final = 2.0  # seconds, as browsers do it


class WebMedia:
    """One packet at every tick of 20 ms; ``send`` takes it. ``now`` is the loop's clock."""

    def __init__(self, now: Callable[[], float], send: Callable[[bytes], int]) -> None:
        self.heard = Heard(now)
        self._now = now
        self._chance = random.Random()
        self._sender = RtpSender(self._chance)
        self._sender.send = lambda packet: send(bytes(packet))
        self._codec: Codec = "PCMU"
        self._payloads: Iterator[bytes] | None = None
        self._digits = DigitSequence()
        self._view = rtcp.RemoteView()
        self._report_at = 0.0
        self.speaking = True
        """Whether anything is sent; a browser sends silence while it is muted."""

    @property
    def figures(self) -> RtpFigures:
        reception = self.heard.reception
        return RtpFigures(
            sent=self._sender.sent,
            received=reception.received,
            lost=reception.lost,
            out_of_order=reception.out_of_order,
            copies=reception.copies,
            jitter_ms=1000 * reception.jitter,
        )

    @property
    def round_trip(self) -> float | None:
        """Seconds, from the other side's reports."""
        return self._view.round_trip

    @property
    def typing(self) -> bool:
        return bool(self._digits)

    def agree(self, codec: Codec, payload_type: int, dtmf_payload_type: int | None) -> None:
        self._codec = codec
        self._sender.speaks(payload_type, dtmf_payload_type)
        self.heard.expect_events(dtmf_payload_type)

    def begin_at(self, sequence: int) -> None:
        """Number the packets from here on."""
        self._sender.first = self._sender.sequence = sequence & 0xFFFF

    def say(self, sound: Sound | None) -> None:
        """Send this from now on; None is silence."""
        self._payloads = None if sound is None else (encode(one, self._codec) for one in sound)

    def say_payloads(self, payloads: Iterator[bytes] | None) -> None:
        """Send audio that is encoded already, which is cheaper."""
        self._payloads = payloads

    def press(self, digits: str, duration_ms: int, gap_ms: int) -> None:
        self._digits.append(digits, duration_ms, gap_ms)

    def tick(self, now: float) -> None:
        """Send what is due."""
        if not self.speaking:
            self._sender.pass_time()
            return
        if self._sender.sent == 0:
            self._sender.begin(now)
        if self._digits:
            step = self._digits.next()
            if step is None:
                self._sender.pass_time()
            else:
                self._sender.send_event(step.payload, step.age, marker=step.marker)
            return
        payload = next(self._payloads, None) if self._payloads is not None else None
        self._sender.send_audio(payload or bytes([SILENCE[self._codec]]) * TICK_SAMPLES)

    def receive(self, packet: bytes, source: Address) -> None:
        self.heard.receive(packet, len(packet), source)

    def receive_report(self, packet: bytes, now: float) -> None:
        for report in rtcp.parse(packet):
            self._view.receive(
                report,
                ours=self._sender.ssrc,
                first=self._sender.first,
                sent=self._sender.sent,
                ntp=rtcp.ntp_time(time.time()),
                now=now,
            )

    def report(self, now: float) -> bytes | None:
        """A compound RTCP packet, if it is time for one."""
        if now < self._report_at:
            return None
        self._report_at = now + REPORT_EVERY * (0.5 + self._chance.random())
        sender = self._sender
        info = rtcp.SenderInfo(
            ntp=rtcp.ntp_time(time.time()),
            timestamp=sender.timestamp_at(now),
            packets=sender.sent,
            octets=sender.octets - HEADER_SIZE * sender.sent,
        )
        report = rtcp.Report(sender.ssrc, info if sender.sent else None, self._blocks(now))
        return rtcp.compose(report, "web-phone")

    def _blocks(self, now: float) -> tuple[rtcp.ReceptionBlock, ...]:
        reception = self.heard.reception
        if reception.ssrc < 0:
            return ()
        last_report, delay = self._view.last_report(now)
        return (
            rtcp.ReceptionBlock(
                ssrc=reception.ssrc,
                fraction_lost=min(255, int(256 * reception.fraction_lost())),
                lost=reception.current_lost,
                highest=reception.highest,
                jitter=int(reception.jitter * CLOCK_RATE),
                last_report=last_report,
                delay=delay,
            ),
        )
