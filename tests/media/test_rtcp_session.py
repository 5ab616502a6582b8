"""What a leg says by RTCP to those who understand extended reports, and to those who do not."""

import random

from cti_server.media.extended_reports import DelaySince, ExtendedReport, ReferenceTime, VoipMetrics
from cti_server.media.incoming import Incoming
from cti_server.media.rtcp import ReceptionBlock, Report, compose, parse, parse_extended
from cti_server.media.rtcp_session import RtcpSession
from cti_server.media.sender import RtpSender
from cti_server.media.worker_reports import LegQuality

THEIRS = 9


def session() -> tuple[RtcpSession, RtpSender]:
    """Of a leg that has heard a stream of two packets and sent none."""
    chance = random.Random(1)
    incoming = Incoming(lambda pressed, down: None, lambda data: None)
    incoming.speaks("PCMU", 0, None)
    for number in range(2):
        incoming.place(number, 160 * number, THEIRS, 0.02 * number)
    sender = RtpSender(chance)
    account = LegQuality(packets_received=2, loss=0.0, rating=92.4, mos=4.39)
    return RtcpSession(incoming, sender, lambda: account, 0.0, chance), sender


def test_whoever_sends_no_extended_report_gets_none() -> None:
    rtcp, _ = session()
    assert rtcp.receive(compose(Report(THEIRS, None, ()), "x"), 1.0)

    assert parse_extended(rtcp.report(2.0)) == []


def test_whoever_sends_one_is_told_how_well_it_is_heard_and_how_far_away_it_is() -> None:
    rtcp, sender = session()
    asked = ExtendedReport(THEIRS, (ReferenceTime(0x1111_2222_3333_4444),))
    rtcp.receive(compose(Report(THEIRS, None, ()), "x", extended=asked), 1.0)
    packet = rtcp.report(1.5)
    (report,) = parse_extended(packet)
    answer, question, metrics = report.blocks

    assert len(parse(packet)) == 1
    assert report.ssrc == sender.ssrc
    assert answer == DelaySince(THEIRS, 0x2222_3333, 32768)
    assert isinstance(question, ReferenceTime)
    assert metrics == VoipMetrics(ssrc=THEIRS, rating=92, mos=4.4)


def test_jitter_is_told_in_the_units_of_what_is_sent() -> None:
    """Opus counts 48000 a second."""
    rtcp, sender = session()
    sender.speaks(111, None, 48_000)
    block = ReceptionBlock(sender.ssrc, 0, 0, sender.first, 960, 0, 0)
    rtcp.receive(compose(Report(THEIRS, None, (block,)), "x"), 1.0)

    assert rtcp.view.jitter == 0.02


def test_who_sends_has_no_need_to_ask_for_the_round_trip() -> None:
    rtcp, sender = session()
    rtcp.receive(compose(Report(THEIRS, None, ()), "x", extended=ExtendedReport(THEIRS, ())), 1.0)
    sender.send = len
    sender.send_audio(bytes(160))
    (report,) = parse_extended(rtcp.report(1.5))

    assert [type(block) for block in report.blocks] == [VoipMetrics]
