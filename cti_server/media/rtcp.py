"""
RTCP (RFC 3550 §6): sender and receiver reports of one leg, written and read. Pure.

Partial: SR, RR, SDES CNAME and BYE; no extended reports (RFC 3611), no feedback (RFC 4585).
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

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


def compose(report: Report, cname: str, *, goodbye: bool = False) -> bytes:
    """A compound packet: the report, the CNAME, and BYE at the end of a leg."""
    packet = _report(report) + _description(report.ssrc, cname)
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

    __slots__ = ("_last_report", "_last_report_at", "loss", "round_trip")

    def __init__(self) -> None:
        self.loss: float | None = None  # fraction 0..1 of all that we sent
        self.round_trip: float | None = None  # seconds
        self._last_report = 0
        self._last_report_at = 0.0

    def receive(
        self, report: Report, *, ours: int, first: int, sent: int, ntp: int, now: float
    ) -> None:
        """
        Take in one report; ``ours`` is our SSRC, ``first`` the first sequence number that we sent.

        ``ntp`` and ``now`` are the time of arrival, in the two kinds that RTCP needs.
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
            if block.last_report:
                trip = (middle(ntp) - block.last_report - block.delay) & 0xFFFFFFFF
                if trip < 60 << 16:  # a wrong clock there makes it huge or negative
                    self.round_trip = trip / 65536

    def last_report(self, now: float) -> tuple[int, int]:
        """LSR and DLSR for our next report block."""
        if not self._last_report_at:
            return 0, 0
        return self._last_report, int((now - self._last_report_at) * 65536) & 0xFFFFFFFF
