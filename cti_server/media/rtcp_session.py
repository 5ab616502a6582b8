"""One leg's RTCP: when its reports are due, what is in them, and what the other side's said."""

import random
import time
from typing import Final

from . import rtcp
from .incoming import Incoming
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
        self, incoming: Incoming, sender: RtpSender, now: float, chance: random.Random
    ) -> None:
        self.view = rtcp.RemoteView()
        self.relayed_from: Incoming | None = None
        self._incoming = incoming
        self._sender = sender
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
        return bool(reports)

    def due(self, now: float) -> bool:
        """Whether to send a report; true about every 5 s (RFC 3550 §6.2)."""
        if now < self._due_at:
            return False
        self._due_at = now + rtcp.INTERVAL * (0.5 + self._chance.random())
        return True

    def report(self, now: float, *, goodbye: bool = False) -> bytes:
        report = rtcp.Report(self._sender.ssrc, self._sender_info(now), self._reception_blocks(now))
        return rtcp.compose(report, CNAME, goodbye=goodbye)

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
