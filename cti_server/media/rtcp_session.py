"""One leg's RTCP: when its reports are due, what is in them, and what the other side's said."""

import random
import time
from collections.abc import Callable
from typing import Final

from . import rtcp
from .extended_reports import ExtendedReport, ReferenceTime, ReportBlock
from .incoming import Incoming
from .quality import voip_metrics
from .rtp import HEADER_SIZE
from .sender import RtpSender
from .worker_reports import LegQuality

CNAME: Final = "hotline"

Interval = tuple[float, float]  # seconds between two reports, at least and at most
EVERY: Final[Interval] = (0.5 * rtcp.INTERVAL, 1.5 * rtcp.INTERVAL)  # RFC 3550 §6.3.1


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
        every: Interval = EVERY,
    ) -> None:
        """``account`` tells how the leg does at this moment."""
        self.view = rtcp.RemoteView()
        self.relayed_from: Incoming | None = None
        self.received = 0  # compound packets with reports in them
        self._incoming = incoming
        self._sender = sender
        self._account = account
        self._chance = chance
        self._every = every
        self.due_at = now + chance.uniform(*every) / 2

    def receive(self, data: bytes, now: float) -> bool:
        """Take in a compound packet; whether there was a report in it."""
        ntp = rtcp.ntp_time(time.time())
        reports = rtcp.parse(data)
        for report in reports:
            self.view.receive(
                report,
                ours=self._sender.ssrc,
                first=self._sender.first,
                sent=self._sender.sent - self._sender.sent_before,
                ntp=ntp,
                now=now,
                clock_rate=self._sender.clock_rate,
            )
        for extended in rtcp.parse_extended(data):
            self.view.receive_extended(extended, ours=self._sender.ssrc, ntp=ntp, now=now)
        self.received += bool(reports)
        return bool(reports)

    def due(self, now: float) -> bool:
        """Whether to send a report."""
        if now < self.due_at:
            return False
        self.due_at = now + self._chance.uniform(*self._every)
        return True

    def renew(self, now: float) -> None:
        """Somebody else is at the other side, of whom nothing is known."""
        self.view = rtcp.RemoteView()
        self.due_at = now + self._chance.uniform(*self._every) / 2

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
        sent = sender.sent - sender.sent_before
        if sent == 0:
            return None
        timestamp = sender.timestamp_at(now)
        if source is not None and (relayed := source.relayed_timestamp) is not None:
            timestamp = relayed + round((now - source.heard) * source.clock_rate)
        return rtcp.SenderInfo(
            ntp=rtcp.ntp_time(time.time()),
            timestamp=timestamp & 0xFFFFFFFF,
            packets=sent,
            octets=sender.octets - sender.octets_before - HEADER_SIZE * sent,
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
