import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cti_server.media.extended_reports import (
    DelaySince,
    ExtendedReport,
    ReferenceTime,
    VoipMetrics,
    compose,
    read,
)
from cti_server.media.rtcp import (
    RemoteView,
    Report,
    is_rtcp,
    middle,
    ntp_time,
    parse,
    parse_extended,
)
from cti_server.media.rtcp import compose as compose_compound

word = st.integers(0, 0xFFFFFFFF)
octets = st.integers(0, 255)
fraction = octets.map(lambda value: value / 256)
ms = st.integers(0, 0xFFFF)
opinion = st.none() | st.integers(10, 50).map(lambda value: value / 10)
metrics = st.builds(
    VoipMetrics,
    ssrc=word,
    loss=fraction,
    discarded=fraction,
    burst_density=fraction,
    gap_density=fraction,
    burst_ms=ms,
    gap_ms=ms,
    round_trip_ms=ms,
    end_system_ms=ms,
    signal_level=st.none() | st.integers(-128, 126),
    noise_level=st.none() | st.integers(-128, 126),
    echo_return_loss=st.none() | st.integers(0, 126),
    gmin=octets,
    rating=st.none() | st.integers(0, 100),
    outer_rating=st.none() | st.integers(0, 100),
    listening_mos=opinion,
    mos=opinion,
    buffer_ms=ms,
    buffer_most_ms=ms,
    buffer_limit_ms=ms,
)
references = st.builds(ReferenceTime, ntp=st.integers(0, 0xFFFFFFFFFFFFFFFF))
delays = st.builds(DelaySince, ssrc=word, last_reference=word, delay=word)
reports = st.builds(
    ExtendedReport,
    ssrc=word,
    blocks=st.lists(metrics | references | delays, max_size=4).map(tuple),
)


@settings(deadline=None)
@given(reports, st.booleans())
def test_what_is_written_is_read(report: ExtendedReport, goodbye: bool) -> None:
    plain = Report(report.ssrc, None, ())
    packet = compose_compound(plain, "hotline", extended=report, goodbye=goodbye)

    assert parse_extended(packet) == [report]
    assert parse(packet) == [plain]
    assert len(packet) % 4 == 0
    assert is_rtcp(packet, len(packet))


@settings(deadline=None)
@given(reports, st.integers(0, 200), octets)
def test_a_broken_octet_never_raises(report: ExtendedReport, at: int, value: int) -> None:
    packet = bytearray(compose(report))
    packet[at % len(packet)] = value
    parse_extended(bytes(packet))
    parse_extended(bytes(packet[: at % len(packet)]))


def test_voip_metrics_are_as_the_rfc_draws_them() -> None:
    """RFC 3611 §4.7, octet by octet."""
    body = bytes.fromhex(
        "000000aa 07000008 00000005"  # whose, block head, of whom
        "40201008"  # loss, discard, burst, gap
        "0064 1388 0078 003c"  # burst, gap, round trip, end system
        "ec c8 7f 10"  # -20, -56 dBm0, no echo figure, Gmin
        "50 7f 29 28"  # R 80, no external one, MOS-LQ 4.1, MOS-CQ 4.0
        "f0 00 003c 0050 00f0"  # configuration, reserved, jitter buffer
    )

    assert read(body) == ExtendedReport(
        0xAA,
        (
            VoipMetrics(
                ssrc=5, loss=0.25, discarded=0.125, burst_density=0.0625, gap_density=0.03125,
                burst_ms=100, gap_ms=5000, round_trip_ms=120, end_system_ms=60,
                signal_level=-20, noise_level=-56, echo_return_loss=None, gmin=16,
                rating=80, outer_rating=None, listening_mos=4.1, mos=4.0,
                buffer_ms=60, buffer_most_ms=80, buffer_limit_ms=240,
            ),
        ),
    )  # fmt: skip


def test_blocks_of_other_types_are_passed_over() -> None:
    """A statistics summary (type 6) before a reference time."""
    body = bytes(4) + b"\x06\x00\x00\x01" + bytes(4) + b"\x04\x00\x00\x02" + bytes(7) + b"\x09"

    assert read(body) == ExtendedReport(0, (ReferenceTime(9),))
    assert read(b"\x00\x00\x00") is None


@pytest.mark.parametrize("head", ["04000001", "05000002", "07000007"])
def test_a_block_of_the_wrong_length_says_nothing(head: str) -> None:
    block = bytes.fromhex(head)
    body = bytes(4) + block + bytes(4 * block[3])

    assert read(body) == ExtendedReport(0, ())


def test_a_receiver_that_never_sends_learns_the_round_trip_by_its_reference_time() -> None:
    """RFC 3611 §4.4, §4.5: they send RRT, we answer DLRR, and the other way round."""
    ours, theirs = RemoteView(), RemoteView()
    sent = ntp_time(1_000_000.0)
    ours.receive_extended(
        ExtendedReport(9, (ReferenceTime(sent),)), ours=5, ntp=ntp_time(1_000_000.05), now=10.0
    )
    answer = ExtendedReport(5, ours.answer(11.0))
    theirs.receive_extended(answer, ours=9, ntp=ntp_time(1_000_001.125), now=21.0)

    assert ours.speaks_extended
    assert answer.blocks == (DelaySince(9, middle(sent), 65536),)
    assert theirs.round_trip == pytest.approx(0.125, abs=1e-4)


def test_answers_and_metrics_for_somebody_else_say_nothing() -> None:
    view = RemoteView()
    blocks = (DelaySince(6, 1, 0), VoipMetrics(ssrc=6, loss=0.5))
    view.receive_extended(ExtendedReport(9, blocks), ours=5, ntp=1 << 17, now=1.0)

    assert (view.round_trip, view.extended) == (None, None)
    assert view.answer(2.0) == ()
