import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cti_server.media.rtcp import (
    RECEIVER_REPORT,
    SENDER_REPORT,
    ReceptionBlock,
    RemoteView,
    Report,
    SenderInfo,
    compose,
    is_rtcp,
    middle,
    ntp_time,
    parse,
)

word = st.integers(0, 0xFFFFFFFF)
blocks = st.builds(
    ReceptionBlock,
    ssrc=word,
    fraction_lost=st.integers(0, 255),
    lost=st.integers(-0x800000, 0x7FFFFF),
    highest=word,
    jitter=word,
    last_report=word,
    delay=word,
)
senders = st.builds(
    SenderInfo,
    ntp=st.integers(0, 0xFFFFFFFFFFFFFFFF),
    timestamp=word,
    packets=word,
    octets=word,
)
reports = st.builds(
    Report,
    ssrc=word,
    sender=st.none() | senders,
    blocks=st.lists(blocks, max_size=3).map(tuple),
)


@settings(deadline=None)
@given(reports, st.text(max_size=40), st.booleans())
def test_what_is_written_is_read(report: Report, cname: str, goodbye: bool) -> None:
    packet = compose(report, cname, goodbye=goodbye)

    assert parse(packet) == [report]
    assert len(packet) % 4 == 0
    assert is_rtcp(packet, len(packet))


@settings(deadline=None)
@given(st.binary(max_size=120) | reports.map(lambda report: compose(report, "x")[:-3]))
def test_garbage_and_cut_packets_are_passed_over(packet: bytes) -> None:
    parse(packet)


@settings(deadline=None)
@given(reports, st.integers(0, 60), st.integers(0, 255))
def test_a_broken_octet_never_raises(report: Report, at: int, value: int) -> None:
    packet = bytearray(compose(report, "hotline"))
    packet[at % len(packet)] = value
    parse(bytes(packet))


def test_a_sender_report_is_as_the_rfc_draws_it() -> None:
    info = SenderInfo(ntp=0x0102030405060708, timestamp=9, packets=10, octets=11)
    packet = compose(Report(0xAABBCCDD, info, ()), "ab")

    assert packet[:28] == bytes.fromhex(
        "80c80006 aabbccdd 01020304 05060708 00000009 0000000a 0000000b"
    )
    assert packet[28:] == bytes.fromhex("81ca0003 aabbccdd 01026162 00000000")
    assert packet[1] == SENDER_REPORT
    assert compose(Report(1, None, ()), "")[1] == RECEIVER_REPORT


def test_the_round_trip_is_what_is_left_without_the_other_sides_delay() -> None:
    """RFC 3550 figure 2: A - LSR - DLSR."""
    view = RemoteView()
    sent = ntp_time(1_000_000.0)
    block = ReceptionBlock(
        ssrc=5, fraction_lost=0, lost=10, highest=199, jitter=0,
        last_report=middle(sent), delay=2 * 65536,
    )  # fmt: skip
    view.receive(
        Report(9, None, (block,)), ours=5, first=100, sent=100, ntp=ntp_time(1_000_002.125), now=3.0
    )

    assert view.round_trip == pytest.approx(0.125, abs=1e-4)
    assert view.loss == pytest.approx(0.1)


def test_reports_on_somebody_else_and_clocks_that_go_backwards_say_nothing() -> None:
    view = RemoteView()
    other = ReceptionBlock(6, 128, 50, 100, 0, 0, 0)
    backwards = ReceptionBlock(5, 0, 0, 100, 0, middle(ntp_time(2000.0)), 0)
    for block in (other, backwards):
        view.receive(
            Report(9, None, (block,)), ours=5, first=1, sent=100, ntp=ntp_time(1000.0), now=1.0
        )

    assert (view.round_trip, view.loss) == (None, 0.0)


def test_our_next_report_names_their_last_one_and_its_age() -> None:
    view = RemoteView()
    assert view.last_report(1.0) == (0, 0)
    info = SenderInfo(ntp=0x1111_2222_3333_4444, timestamp=0, packets=0, octets=0)
    view.receive(Report(9, info, ()), ours=5, first=0, sent=0, ntp=0, now=10.0)

    assert view.last_report(10.5) == (0x2222_3333, 32768)
