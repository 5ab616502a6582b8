"""
RTCP (RFC 3550 §6): the reports of one leg, written and read. Pure.

Partial: SR, RR, SDES CNAME, BYE and of the extended reports (RFC 3611) what
:mod:`.extended_reports` has; no feedback (RFC 4585).
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from . import extended_reports
from .extended_reports import (
    EXTENDED_REPORT,
    DelaySince,
    ExtendedReport,
    ReferenceTime,
    VoipMetrics,
)
from .rtp import CLOCK_RATE

SENDER_REPORT: Final = 200
RECEIVER_REPORT: Final = 201
SOURCE_DESCRIPTION: Final = 202
GOODBYE: Final = 203
INTERVAL: Final = 5.0  # seconds, halved to doubled at random (§6.2)

_NTP_EPOCH = 2_208_988_800  # 1970 in seconds since 1900
_HEAD = struct.Struct("!BBHI")  # V P count, type, length in words less one, SSRC
_SENDER = struct.Struct("!QIII")  # NTP time, RTP time, packets, octets
_BLOCK = struct.Struct("!IIIIII")


@dataclass(frozen=True, slots=True)
class ReceptionBlock:
    """What one side says about how it hears the other (§6.4.1)."""

    ssrc: int  # who is heard
    fraction_lost: int  # 1/256
    lost: int  # cumulative, may be negative
    highest: int
    jitter: int  # timestamp units
    last_report: int  # middle 32 bits of the NTP time of the latest SR, 0 if none came
    delay: int  # since that, in 1/65536 s


@dataclass(frozen=True, slots=True)
class SenderInfo:
    """What a sender says about itself; ``ntp`` is a 64-bit NTP time."""

    ntp: int
    timestamp: int
    packets: int
    octets: int


@dataclass(frozen=True, slots=True)
class Report:
    """A sender report, or a receiver report where ``sender`` is None."""

    ssrc: int
    sender: SenderInfo | None
    blocks: tuple[ReceptionBlock, ...]


def ntp_time(unix: float) -> int:
    """64-bit NTP time of seconds since 1970."""
    return int((unix + _NTP_EPOCH) * (1 << 32)) & 0xFFFFFFFFFFFFFFFF


def middle(ntp: int) -> int:
    """The middle 32 bits, in 1/65536 s (§4)."""
    return ntp >> 16 & 0xFFFFFFFF


def compose(
    report: Report, cname: str, *, extended: ExtendedReport | None = None, goodbye: bool = False
) -> bytes:
    """A compound packet: the report, the CNAME, more if it is wanted, BYE at the end of a leg."""
    packet = _report(report) + _description(report.ssrc, cname)
    if extended is not None:
        packet += extended_reports.compose(extended)
    if goodbye:
        packet += _HEAD.pack(0x81, GOODBYE, 1, report.ssrc)
    return packet


def _report(report: Report) -> bytes:
    body = b""
    if report.sender is not None:
        sender = report.sender
        body = _SENDER.pack(
            sender.ntp, sender.timestamp, sender.packets & 0xFFFFFFFF, sender.octets & 0xFFFFFFFF
        )
    for block in report.blocks:
        lost = max(-0x800000, min(block.lost, 0x7FFFFF)) & 0xFFFFFF
        body += _BLOCK.pack(
            block.ssrc,
            block.fraction_lost << 24 | lost,
            block.highest,
            block.jitter,
            block.last_report,
            block.delay,
        )
    kind = RECEIVER_REPORT if report.sender is None else SENDER_REPORT
    return _HEAD.pack(0x80 | len(report.blocks), kind, 1 + len(body) // 4, report.ssrc) + body


def _description(ssrc: int, cname: str) -> bytes:
    text = cname.encode()[:255]
    chunk = struct.pack("!I", ssrc) + bytes([1, len(text)]) + text
    chunk += bytes(4 - len(chunk) % 4)  # at least one null ends the items (§6.5)
    return struct.pack("!BBH", 0x81, SOURCE_DESCRIPTION, len(chunk) // 4) + chunk


def is_rtcp(packet: bytes | bytearray, size: int) -> bool:
    """Whether a datagram on the RTP port is RTCP after all (RFC 5761 §4)."""
    return size >= 8 and packet[0] >> 6 == 2 and 192 <= packet[1] <= 223


def parse(packet: bytes) -> list[Report]:
    """The reports in a compound packet, as far as it can be read; the rest is passed over."""
    reports = []
    for kind, count, body in _parts(packet):
        if kind == SENDER_REPORT and len(body) >= 4 + _SENDER.size:
            sender = SenderInfo(*_SENDER.unpack_from(body, 4))
            blocks = _blocks(body[4 + _SENDER.size :], count)
        elif kind == RECEIVER_REPORT and len(body) >= 4:
            sender, blocks = None, _blocks(body[4:], count)
        else:
            continue
        reports.append(Report(int.from_bytes(body[:4], "big"), sender, blocks))
    return reports


def parse_extended(packet: bytes) -> list[ExtendedReport]:
    """The extended reports in a compound packet; what can't be read is passed over."""
    found = (
        extended_reports.read(body) for kind, _, body in _parts(packet) if kind == EXTENDED_REPORT
    )
    return [report for report in found if report is not None]


def _parts(packet: bytes) -> Iterator[tuple[int, int, bytes]]:
    at = 0
    while at + 4 <= len(packet) and packet[at] >> 6 == 2:
        length = 4 + 4 * int.from_bytes(packet[at + 2 : at + 4], "big")
        if at + length > len(packet):
            return
        yield packet[at + 1], packet[at] & 0x1F, packet[at + 4 : at + length]
        at += length


def _blocks(body: bytes, count: int) -> tuple[ReceptionBlock, ...]:
    found = []
    for at in range(0, min(count, len(body) // _BLOCK.size) * _BLOCK.size, _BLOCK.size):
        ssrc, loss, highest, jitter, last_report, delay = _BLOCK.unpack_from(body, at)
        lost = loss & 0xFFFFFF
        lost -= (lost & 0x800000) << 1
        found.append(ReceptionBlock(ssrc, loss >> 24, lost, highest, jitter, last_report, delay))
    return tuple(found)


class RemoteView:
    """What a leg's other side says by RTCP: how it hears us, and how far away it is."""

    __slots__ = (
        "_last_report", "_last_report_at", "_reference", "_reference_at", "_reference_of",
        "extended", "jitter", "loss", "round_trip", "speaks_extended",
    )  # fmt: skip

    def __init__(self) -> None:
        self.loss: float | None = None  # fraction 0..1 of all that we sent
        self.jitter: float | None = None  # seconds, as it hears us
        self.round_trip: float | None = None  # seconds
        self.extended: VoipMetrics | None = None  # how it hears us, by its own account
        self.speaks_extended = False  # and so understands extended reports of ours
        self._last_report = 0
        self._last_report_at = 0.0
        self._reference = self._reference_of = 0
        self._reference_at = 0.0

    def receive(
        self,
        report: Report,
        *,
        ours: int,
        first: int,
        sent: int,
        ntp: int,
        now: float,
        clock_rate: int = CLOCK_RATE,
    ) -> None:
        """
        Take in one report; ``ours`` is our SSRC, ``first`` the first sequence number that we sent.

        ``ntp`` and ``now`` are the time of arrival, in the two kinds that RTCP needs;
        ``clock_rate`` is that of what we send.
        """
        if report.sender is not None:
            self._last_report = middle(report.sender.ntp)
            self._last_report_at = now
        for block in report.blocks:
            if block.ssrc != ours:
                continue
            expected = (block.highest - first + 1) & 0xFFFFFFFF
            if 0 < expected <= max(sent, 1) + 0x8000:
                self.loss = min(1.0, max(0.0, block.lost / expected))
                self.jitter = block.jitter / clock_rate
            self._measure(block.last_report, block.delay, ntp)

    def receive_extended(self, report: ExtendedReport, *, ours: int, ntp: int, now: float) -> None:
        """Take in an extended report; the arguments are those of :meth:`receive`."""
        self.speaks_extended = True
        for block in report.blocks:
            match block:
                case ReferenceTime(ntp=reference):
                    self._reference, self._reference_of = middle(reference), report.ssrc
                    self._reference_at = now
                case DelaySince(ssrc=ssrc, last_reference=last, delay=delay) if ssrc == ours:
                    self._measure(last, delay, ntp)
                case VoipMetrics(ssrc=ssrc) if ssrc == ours:
                    self.extended = block

    def last_report(self, now: float) -> tuple[int, int]:
        """LSR and DLSR for our next report block."""
        if not self._last_report_at:
            return 0, 0
        return self._last_report, _units(now - self._last_report_at)

    def answer(self, now: float) -> tuple[DelaySince, ...]:
        """What our next extended report says to their reference time, if one came."""
        if not self._reference_at:
            return ()
        delay = _units(now - self._reference_at)
        return (DelaySince(self._reference_of, self._reference, delay),)

    def _measure(self, reference: int, delay: int, ntp: int) -> None:
        """The round trip: what went by since our ``reference``, without their delay (§6.4.1)."""
        if not reference:
            return
        trip = (middle(ntp) - reference - delay) & 0xFFFFFFFF
        if trip < 60 << 16:  # a wrong clock there makes it huge or negative
            self.round_trip = trip / 65536


def _units(seconds: float) -> int:
    return int(seconds * 65536) & 0xFFFFFFFF
