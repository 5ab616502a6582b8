"""One leg's RTCP: when its reports are due, what is in them, and what the other side's said."""

import random
import time
from collections.abc import Callable
from typing import Final

from . import rtcp
from .extended_reports import ExtendedReport, ReferenceTime, ReportBlock
from .incoming import Incoming
from .protocol import LegQuality
from .quality import voip_metrics
from .rtp import HEADER_SIZE
from .sender import RtpSender

CNAME: Final = "hotline"


class RtcpSession:
    """
    The reports of one leg, which its transport carries.

    ``relayed_from`` is the stream that is relayed to this leg, if one is: what is sent has its time
    line then.
    """

    def __init__(
        self,
        incoming: Incoming,
        sender: RtpSender,
        account: Callable[[], LegQuality],
        now: float,
        chance: random.Random,
    ) -> None:
        """``account`` tells how the leg does at this moment."""
        self.view = rtcp.RemoteView()
        self.relayed_from: Incoming | None = None
        self._incoming = incoming
        self._sender = sender
        self._account = account
        self._chance = chance
        self._due_at = now + rtcp.INTERVAL * (0.25 + chance.random() / 2)

    def receive(self, data: bytes, now: float) -> bool:
        """Take in a compound packet; whether there was a report in it."""
        ntp = rtcp.ntp_time(time.time())
        reports = rtcp.parse(data)
        for report in reports:
            self.view.receive(
                report,
                ours=self._sender.ssrc,
                first=self._sender.first,
                sent=self._sender.sent,
                ntp=ntp,
                now=now,
            )
        for extended in rtcp.parse_extended(data):
            self.view.receive_extended(extended, ours=self._sender.ssrc, ntp=ntp, now=now)
        return bool(reports)

    def due(self, now: float) -> bool:
        """Whether to send a report; true about every 5 s (RFC 3550 §6.2)."""
        if now < self._due_at:
            return False
        self._due_at = now + rtcp.INTERVAL * (0.5 + self._chance.random())
        return True

    def report(self, now: float, *, goodbye: bool = False) -> bytes:
        report = rtcp.Report(self._sender.ssrc, self._sender_info(now), self._reception_blocks(now))
        return rtcp.compose(report, CNAME, extended=self._extended(now), goodbye=goodbye)

    def _extended(self, now: float) -> ExtendedReport | None:
        """For those who send extended reports themselves: others need not know what to do."""
        if not self.view.speaks_extended:
            return None
        blocks: list[ReportBlock] = [*self.view.answer(now)]
        if self._sender.sent == 0:  # else the sender report measures the round trip
            blocks.append(ReferenceTime(rtcp.ntp_time(time.time())))
        if self._incoming.ssrc >= 0:
            blocks.append(voip_metrics(self._account(), self._incoming.ssrc))
        return ExtendedReport(self._sender.ssrc, tuple(blocks))

    def _sender_info(self, now: float) -> rtcp.SenderInfo | None:
        sender, source = self._sender, self.relayed_from
        if sender.sent == 0:
            return None
        timestamp = sender.timestamp_at(now)
        if source is not None and (relayed := source.relayed_timestamp) is not None:
            timestamp = relayed + round((now - source.heard) * source.clock_rate)
        return rtcp.SenderInfo(
            ntp=rtcp.ntp_time(time.time()),
            timestamp=timestamp & 0xFFFFFFFF,
            packets=sender.sent,
            octets=sender.octets - HEADER_SIZE * sender.sent,
        )

    def _reception_blocks(self, now: float) -> tuple[rtcp.ReceptionBlock, ...]:
        incoming = self._incoming
        if incoming.ssrc < 0:
            return ()
        last_report, delay = self.view.last_report(now)
        return (
            rtcp.ReceptionBlock(
                ssrc=incoming.ssrc,
                fraction_lost=min(255, int(256 * incoming.fraction_lost())),
                lost=incoming.current_lost,
                highest=incoming.highest,
                jitter=int(incoming.jitter * incoming.clock_rate),
                last_report=last_report,
                delay=delay,
            ),
        )
