"""The account of a leg, from what its reception and the other side's RTCP say."""

import msgspec
import pytest

from cti_server.media.extended_reports import ExtendedReport, VoipMetrics
from cti_server.media.quality import Playing, account, voip_metrics
from cti_server.media.reception import Reception
from cti_server.media.rtcp import ReceptionBlock, RemoteView, Report
from cti_server.media.worker_reports import LegQuality

OURS, FIRST, SENT = 5, 100, 1000
NEVER_PLAYED = Playing()


def stream(lost: set[int], packets: int = 1000) -> Reception:
    """A stream of 20 ms packets in order, without these."""
    reception = Reception()
    for number in range(packets):
        if number not in lost:
            reception.place(number, 160 * number, 7, 0.02 * number)
    return reception


def measured(
    lost: set[int], view: RemoteView | None = None, playing: Playing = NEVER_PLAYED
) -> LegQuality:
    return account(
        stream(lost),
        view or RemoteView(),
        codec="PCMU",
        sent=SENT,
        rejected=2,
        playing=playing,
    )


def told(*, lost: int = 0, jitter: int = 0) -> RemoteView:
    """Of all that we sent, so much is lost there."""
    view = RemoteView()
    block = ReceptionBlock(OURS, 0, lost, FIRST + SENT - 1, jitter, 0, 0)
    view.receive(Report(9, None, (block,)), ours=OURS, first=FIRST, sent=SENT, ntp=0, now=1.0)
    return view


def test_a_clean_stream_is_worth_what_g_711_can_be() -> None:
    quality = measured(set())

    assert (quality.packets_received, quality.packets_lost, quality.loss) == (1000, 0, 0.0)
    assert (quality.burst_density, quality.burst_ms, quality.gap_ms) == (0.0, 0.0, 20_000.0)
    assert quality.mos == pytest.approx(4.40, abs=0.01)
    assert quality.rating == pytest.approx(92.5, abs=0.1)
    assert quality.remote_mos is None


def test_the_same_loss_sounds_worse_in_bursts() -> None:
    spread = measured(set(range(10, 1000, 20)))
    rows = measured({n for start in range(100, 1000, 200) for n in range(start, start + 10)})

    assert spread.packets_lost == rows.packets_lost == 50
    assert (rows.burst_density, rows.burst_ms) == (1.0, 200.0)
    assert spread.burst_ms == 0
    assert spread.mos is not None
    assert rows.mos is not None
    assert rows.mos < spread.mos < 4.2


def test_what_our_jitter_buffer_discarded_is_not_heard_either() -> None:
    discarded = measured(set(), playing=Playing(discarded=100, delay_ms=60.0))

    assert (discarded.packets_discarded, discarded.packets_lost) == (100, 0)
    assert discarded.mos is not None
    assert discarded.mos < 3.6


def test_how_the_other_side_hears_us_comes_from_its_reports() -> None:
    clean, lossy = measured(set(), told()), measured(set(), told(lost=100, jitter=160))

    assert (clean.remote_loss, clean.remote_mos) == (0.0, 4.4)
    assert (lossy.remote_loss, lossy.remote_jitter_ms) == (0.1, 20.0)
    assert lossy.remote_mos is not None
    assert lossy.remote_mos < 3.6
    assert lossy.mos == clean.mos


def test_what_the_other_side_works_out_itself_is_believed() -> None:
    view = told(lost=10)
    own = VoipMetrics(
        ssrc=OURS, loss=0.25, discarded=0.125, burst_density=0.5, gap_density=0.125,
        rating=61, mos=3.1,
    )  # fmt: skip
    view.receive_extended(ExtendedReport(9, (own,)), ours=OURS, ntp=0, now=1.0)
    quality = measured(set(), view)

    assert (quality.remote_rating, quality.remote_mos) == (61.0, 3.1)
    assert (quality.remote_discarded, quality.remote_loss) == (0.125, 0.01)
    assert (quality.remote_burst_density, quality.remote_gap_density) == (0.5, 0.125)


def test_before_any_packet_there_is_no_opinion() -> None:
    quality = account(Reception(), RemoteView(), codec="OPUS", sent=3, rejected=0)

    assert quality == LegQuality(packets_sent=3)


def test_the_account_that_is_sent_is_the_account_that_is_kept() -> None:
    quality = measured(set(range(10, 1000, 20)))
    metrics = voip_metrics(quality, 77)

    assert metrics.ssrc == 77
    assert (metrics.loss, metrics.gap_density) == (quality.loss, quality.gap_density)
    assert (metrics.rating, metrics.mos) == (round(quality.rating or 0), round(quality.mos or 0, 1))
    assert voip_metrics(LegQuality(), 1) == VoipMetrics(ssrc=1)


def test_an_account_survives_the_way_to_the_control_process() -> None:
    quality = measured({5, 6})

    assert msgspec.msgpack.decode(msgspec.msgpack.encode(quality), type=LegQuality) == quality
