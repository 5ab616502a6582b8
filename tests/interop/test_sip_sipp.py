"""SIPp as caller and as callee: named situations, losses at 100 calls a second, TCP."""

from pathlib import Path

import pytest

from .sip_process import HOST, SCENARIOS, server, sipp, sipp_answering

pytestmark = pytest.mark.interop

SERVER, PEER = 15160, 15161
TARGET = f"{HOST}:{SERVER}"

SITUATIONS = sorted(path.name for path in SCENARIOS.glob("uac-*.xml") if "no-ack" not in path.name)


@pytest.mark.parametrize("scenario", SITUATIONS)
def test_sipp_gets_what_it_expects(scenario: str, tmp_path: Path) -> None:
    with server(SERVER, "--answer-after", "0.3") as ours:
        sipp(tmp_path, scenario, PEER, 5, TARGET, "-s", "1000", "-r", "20")
    assert ours.left_behind == (0, 0)


def test_a_caller_who_never_acknowledges_gets_a_bye(tmp_path: Path) -> None:
    with server(SERVER) as ours:
        sipp(tmp_path, "uac-no-ack-expect-bye.xml", PEER, 5, TARGET, "-r", "20")
    assert ours.counts == {"arrived": 5, "ended ack-timeout": 5}
    assert ours.left_behind == (0, 0)


@pytest.mark.alone
def test_a_tenth_of_a_second_apart_two_thousand_calls_come_in_with_losses_and_none_fails(
    tmp_path: Path,
) -> None:
    with server(SERVER) as ours:
        screen = sipp(tmp_path, "uac", PEER, 2000, TARGET, "-r", "100", "-d", "200", "-lost", "5")
    assert "2000" in screen
    assert ours.counts["arrived"] == 2000
    # SIPp takes a repeated 200 of the INVITE for the one of its BYE, which may have been lost:
    # then nobody hangs up, and the answer's repetitions end that call a little later than this.
    assert ours.counts["ended bye"] >= 1990
    assert ours.report["retransmissions"] > 0


@pytest.mark.alone
def test_two_thousand_calls_go_out_with_losses_and_none_fails(tmp_path: Path) -> None:
    rate = ("--calls", "2000", "--rate", "100")
    with (
        sipp_answering(tmp_path, "uas-lossy.xml", PEER, 2000, "-lost", "5"),
        server(SERVER, "--call", f"sip:x@{HOST}:{PEER}", *rate) as ours,
    ):
        ours.finish(80)
    assert ours.counts == {"answered": 2000, "hung up": 2000}
    assert ours.left_behind == (0, 0)
    assert ours.report["retransmissions"] > 0


@pytest.mark.parametrize(
    ("scenario", "counts"),
    [
        ("uas-busy.xml", {"failed 486": 20}),
        ("uas-hangs-up.xml", {"answered": 20, "ended bye": 20}),
    ],
)
def test_a_callee_may_refuse_or_hang_up(
    scenario: str, counts: dict[str, int], tmp_path: Path
) -> None:
    to_peer = ("--call", f"sip:x@{HOST}:{PEER}", "--calls", "20", "--hold", "5")
    with (
        sipp_answering(tmp_path, scenario, PEER, 20),
        server(SERVER, *to_peer) as ours,
    ):
        ours.finish(30)
    assert ours.counts == counts
    assert ours.left_behind == (0, 0)


@pytest.mark.parametrize("connections", ["t1", "tn"])
def test_calls_come_in_by_tcp_on_one_connection_or_many(connections: str, tmp_path: Path) -> None:
    with server(SERVER) as ours:
        sipp(
            tmp_path, "uac", PEER, 100, TARGET, "-r", "50", "-d", "200", "-t", connections,
            "-max_socket", "150",
        )  # fmt: skip
    assert ours.counts == {"arrived": 100, "confirmed": 100, "ended bye": 100}
    assert ours.report["retransmissions"] == 0


def test_calls_go_out_by_tcp(tmp_path: Path) -> None:
    command = f"sip:x@{HOST}:{PEER};transport=tcp"
    with (
        sipp_answering(tmp_path, "uas", PEER, 50, "-t", "t1"),
        server(SERVER, "--call", command, "--calls", "50") as ours,
    ):
        ours.finish(30)
    assert ours.counts == {"answered": 50, "hung up": 50}
