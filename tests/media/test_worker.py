"""A worker in a thread of the test, so that it can be given errors of its own."""

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest

from cti_server.media import captures, latch, worker
from cti_server.media.frames import Frames, frame
from cti_server.media.plays import Plays
from cti_server.media.ports import PortRange
from cti_server.media.prompts import Prompts
from cti_server.media.protocol import (
    CloseLeg,
    Command,
    OpenLeg,
    Play,
    SetRemote,
    Shutdown,
    StartCapture,
    StopCapture,
)
from cti_server.media.rtp_port import RtpPort
from cti_server.media.worker_reports import (
    CaptureClosed,
    CaptureFailed,
    LegClosed,
    LegOpened,
    LegQuality,
    LegRefused,
    PlayEnded,
    Report,
)
from tests.ports import port_range

from .phone import HOST, packet

PORTS = port_range(20)
_REPORTS = msgspec.msgpack.Decoder(Report)


class Office:
    """The control process' end."""

    def __init__(self) -> None:
        self._socket, theirs = socket.socketpair()
        self._socket.settimeout(5)
        self._frames = Frames()
        self._thread = threading.Thread(target=worker.Worker(theirs, HOST, *PORTS).run, daemon=True)
        self._thread.start()

    def tell(self, *commands: Command) -> None:
        """All in one write, so they come in one read."""
        self._socket.sendall(b"".join(frame(msgspec.msgpack.encode(one)) for one in commands))

    def hear(self, count: int) -> list[Report]:
        reports: list[Report] = []
        while len(reports) < count:
            if not (data := self._socket.recv(65536)):
                raise EOFError(reports)
            reports += [_REPORTS.decode(body) for body in self._frames.receive(data)]
        return reports

    def close(self) -> None:
        with suppress(BrokenPipeError):  # it has ended already
            self.tell(Shutdown())
        self._thread.join(10)
        self._socket.close()
        assert not self._thread.is_alive()


@pytest.fixture
def office() -> Iterator[Office]:
    office = Office()
    yield office
    office.close()


def remote(leg: str, host: str = HOST, port: int = 9) -> SetRemote:
    return SetRemote(
        leg=leg, host=host, port=port, codec="PCMU", payload_type=0, dtmf_payload_type=101
    )


def kinds(reports: Sequence[Report]) -> list[type]:
    return [type(report) for report in reports]


def broken(name: str) -> Callable[..., None]:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError(name)

    return fail


def test_each_play_is_told_to_have_ended_once_whatever_else_goes_on(
    office: Office, tmp_path: Path
) -> None:
    sounds = {"music": 160, "voice": 800}
    for name, octets in sounds.items():
        (tmp_path / name).write_bytes(b"\x20" * octets)
    music, voice = (str(tmp_path / name) for name in sounds)
    office.tell(OpenLeg(leg="a"), remote("a"), OpenLeg(leg="b"), remote("b"))
    office.hear(2)
    office.tell(
        Play(leg="a", play=1, files=[voice], over=True),
        Play(leg="a", play=2, files=[music], repeat=True),
    )
    [read] = office.hear(1)
    office.tell(Play(leg="b", play=3, files=[voice]))
    [meanwhile] = office.hear(1)
    office.tell(CloseLeg(leg="a"))
    [stopped, closed] = office.hear(2)

    assert read == PlayEnded(leg="a", play=1, outcome="finished")
    assert meanwhile == PlayEnded(leg="b", play=3, outcome="finished")
    assert stopped == PlayEnded(leg="a", play=2, outcome="stopped")
    assert isinstance(closed, LegClosed)


def test_a_command_that_fails_is_answered_and_those_behind_it_are_obeyed(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Prompts, "load", broken("load"))
    office.tell(
        OpenLeg(leg="a"),
        remote("a"),
        Play(leg="a", play=1, files=["file"]),
        OpenLeg(leg="b"),
        CloseLeg(leg="b"),
    )
    opened, play, second, closed = office.hear(4)

    assert isinstance(opened, LegOpened)
    assert play == PlayEnded(leg="a", play=1, outcome="failed")
    assert isinstance(second, LegOpened)
    assert isinstance(closed, LegClosed)


def test_a_prompt_whose_path_can_not_be_fails_and_the_next_is_played(
    office: Office, tmp_path: Path
) -> None:
    good = tmp_path / "good.ulaw"
    good.write_bytes(b"\1" * 160)
    office.tell(OpenLeg(leg="a"), remote("a"), Play(leg="a", play=1, files=["no\0file"]))
    assert office.hear(2)[1] == PlayEnded(leg="a", play=1, outcome="failed")
    office.tell(Play(leg="a", play=2, files=[str(good)]))

    assert office.hear(1) == [PlayEnded(leg="a", play=2, outcome="finished")]


def test_a_leg_that_can_not_be_opened_is_refused_and_gives_its_port_back(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(RtpPort, "_listen", broken("listen"))
        office.tell(*(OpenLeg(leg=f"a{n}") for n in range(10)))
        assert kinds(office.hear(10)) == [LegRefused] * 10
    office.tell(*(OpenLeg(leg=f"a{n}") for n in range(10)))

    assert kinds(office.hear(10)) == [LegOpened] * 10


def test_a_leg_that_can_not_be_closed_properly_is_closed_all_the_same(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.tell(OpenLeg(leg="a"))
    office.hear(1)
    with monkeypatch.context() as patch:
        patch.setattr(Plays, "clear", broken("clear"))
        office.tell(CloseLeg(leg="a"), OpenLeg(leg="b"), OpenLeg(leg="a"))
        closed, *opened = office.hear(3)

    assert closed == LegClosed(leg="a", quality=LegQuality())
    assert kinds(opened) == [LegOpened, LegOpened]


@pytest.mark.parametrize("failing", ["account", "RtcpSession.report"])
def test_a_leg_whose_last_figures_fail_gives_its_port_back_once(
    office: Office, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    office.tell(*(OpenLeg(leg=f"a{n}") for n in range(10)), *(remote(f"a{n}") for n in range(10)))
    office.hear(10)
    with monkeypatch.context() as patch:
        patch.setattr(f"cti_server.media.leg.{failing}", broken(failing))
        office.tell(*(CloseLeg(leg=f"a{n}") for n in range(10)))
        assert kinds(office.hear(10)) == [LegClosed] * 10
    office.tell(*(OpenLeg(leg=f"a{n}") for n in range(11)))

    assert kinds(office.hear(11)) == [LegOpened] * 10 + [LegRefused]


def test_what_is_captured_of_legs_that_can_not_be_closed_properly_is_whole(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.tell(OpenLeg(leg="a"), OpenLeg(leg="b"))
    office.hear(2)
    office.tell(StartCapture(capture="c", folder=str(tmp_path / "c"), caller="a", agent="b"))
    with monkeypatch.context() as patch:
        patch.setattr(Plays, "clear", broken("clear"))
        office.tell(CloseLeg(leg="a"), CloseLeg(leg="b"))
        assert set(kinds(office.hear(3))) == {LegClosed, CaptureClosed}


def test_a_worker_that_ends_writes_its_captures_whatever_fails_before_that(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.tell(OpenLeg(leg="a"), OpenLeg(leg="b"))
    office.hear(2)
    office.tell(StartCapture(capture="c", folder=str(tmp_path / "c"), caller="a", agent="b"))
    monkeypatch.setattr(Plays, "clear", broken("clear"))
    monkeypatch.setattr(captures.Captures, "leg_closed", broken("leg closed"))
    office.tell(Shutdown())

    assert kinds(office.hear(1)) == [CaptureClosed]


def test_an_error_in_what_is_played_does_not_stop_the_rest_of_the_tick(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed = threading.Event()
    monkeypatch.setattr(Plays, "tick", broken("tick"))
    monkeypatch.setattr(captures.Captures, "flush", lambda *_: flushed.set())
    office.tell(OpenLeg(leg="a"))

    assert flushed.wait(5)


def test_an_error_of_ours_is_in_the_log_with_the_place_where_it_happened(tmp_path: Path) -> None:
    program = (
        "from cti_server.media.packets import guarded\n"
        "from cti_server.media.worker import Worker, main\n"
        "Worker.run = lambda worker: guarded(worker._obey)\n"
        "main()\n"
    )
    path = tmp_path / "control"
    with socket.socket(socket.AF_UNIX) as control:
        control.bind(str(path))
        control.listen()
        ran = subprocess.run(
            [sys.executable, "-c", program, "--socket", path, "--host", HOST, "--ports", "28520-1"],
            capture_output=True,
            check=True,
            timeout=30,
        )

    *_, line = map(msgspec.json.decode, ran.stderr.splitlines())
    assert (line["event"], line["step"]) == ("media.step_failed", "Worker._obey")
    assert "packets.py" in line["exception"]


def test_a_capture_that_can_not_be_begun_or_ended_has_failed(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.tell(OpenLeg(leg="a"), OpenLeg(leg="b"))
    office.hear(2)
    start = StartCapture(capture="c", folder=str(tmp_path / "c"), caller="a", agent="b")
    with monkeypatch.context() as patch:
        patch.setattr(captures, "Capture", broken("capture"))
        office.tell(start, OpenLeg(leg="c"))
        assert kinds(office.hear(2)) == [CaptureFailed, LegOpened]
    with monkeypatch.context() as patch:
        patch.setattr(captures.Captures, "stop", broken("stop"))
        office.tell(start, StopCapture(capture="c"), OpenLeg(leg="d"))
        assert kinds(office.hear(2)) == [CaptureFailed, LegOpened]
    again = StartCapture(capture="again", folder=str(tmp_path / "d"), caller="a", agent="b")
    office.tell(again, StopCapture(capture="again"))
    assert kinds(office.hear(1)) == [CaptureClosed]


def test_a_folder_that_can_not_be_fails_its_capture_and_no_other(
    office: Office, tmp_path: Path
) -> None:
    office.tell(
        OpenLeg(leg="a"),
        OpenLeg(leg="b"),
        StartCapture(capture="bad", folder="no\0folder", caller="a", agent="b"),
    )
    assert kinds(office.hear(3)) == [LegOpened, LegOpened, CaptureFailed]
    office.tell(
        StartCapture(capture="good", folder=str(tmp_path / "c"), caller="a", agent="b"),
        StopCapture(capture="good"),
    )

    (ended,) = office.hear(1)
    assert isinstance(ended, CaptureClosed)


def test_after_the_probation_nobody_reads_the_listener_any_more(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped = threading.Event()
    stop_listening = RtpPort._stop_listening  # noqa: SLF001

    def told(self: RtpPort) -> None:
        stop_listening(self)
        stopped.set()

    monkeypatch.setattr(RtpPort, "_stop_listening", told)
    monkeypatch.setattr(latch, "PROBATION", 0.3)
    monkeypatch.setattr(latch, "PROOF_TIME", 0.0)
    office.tell(OpenLeg(leg="a"), remote("a", host="192.0.2.1"))
    (opened,) = office.hear(1)
    assert isinstance(opened, LegOpened)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
        before = time.monotonic()
        for number in range(6):
            phone.sendto(packet(b"\1" * 160, number, 160 * number), (HOST, opened.port))
        assert stopped.wait(3)
        assert time.monotonic() - before >= 0.3
        phone.sendto(packet(b"\1" * 160, 6, 960), (HOST, opened.port))
        office.tell(CloseLeg(leg="a"))
        (closed,) = office.hear(1)

    assert isinstance(closed, LegClosed)
    quality = closed.quality
    assert (quality.packets_received, quality.packets_rejected) == (3, 4)


def test_when_no_socket_can_be_connected_the_phone_is_heard_by_the_listener(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.tell(OpenLeg(leg="a"))
    (opened,) = office.hear(1)
    assert isinstance(opened, LegOpened)

    def full(*_: object, **__: object) -> None:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(PortRange, "bind", full)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
        phone.bind((HOST, 0))
        phone.settimeout(5)
        office.tell(remote("a", port=phone.getsockname()[1]))
        for number in range(5):
            phone.sendto(packet(b"\1" * 160, number, 160 * number), (HOST, opened.port))
        key = bytes([5, 0x80, 0, 160])
        phone.sendto(packet(key, 5, 800, payload_type=101), (HOST, opened.port))
        office.hear(1)  # the key
        office.tell(CloseLeg(leg="a"))
        (closed,) = office.hear(1)

    assert isinstance(closed, LegClosed)
    assert closed.quality.packets_received == 6
