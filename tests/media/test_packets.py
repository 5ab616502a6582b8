import contextlib
import random
import socket
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from types import ModuleType

import pytest
from structlog.testing import capture_logs

from cti_server.media import packets, visits
from cti_server.media.incoming import Incoming
from cti_server.media.packets import PacketLoop
from cti_server.media.rtp import TICK
from cti_server.media.sender import RtpSender
from cti_server.media.web import datagrams

from .phone import packet


class Ticks:
    """Stops the loop after so many ticks."""

    def __init__(self, count: int) -> None:
        self.at: list[float] = []
        self.loop = PacketLoop(self.tick)
        self.loop.ticking = True
        self._count = count

    def tick(self, now: float) -> None:
        self.at.append(now)
        self.loop.stopped = len(self.at) >= self._count


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    one.setblocking(False)
    other.setblocking(False)
    yield one, other
    one.close()
    other.close()


def test_ticks_are_due_every_20_ms_whatever_the_loop_does() -> None:
    ticks = Ticks(5)
    ticks.loop.run()
    ticks.loop.close()

    steps = [after - before for before, after in zip(ticks.at, ticks.at[1:], strict=False)]
    assert steps == pytest.approx([TICK] * 4, abs=1e-6)


def test_an_error_of_ours_costs_one_step_and_is_logged(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    one, other = pair
    ticks, calls = Ticks(3), 0

    def fail() -> None:
        nonlocal calls
        calls += 1
        one.recv(100)
        raise RuntimeError("ours")

    ticks.loop.watch(one.fileno(), fail)
    other.send(b"x")
    other.send(b"y")
    with capture_logs() as logs:
        ticks.loop.run()
    ticks.loop.close()

    assert calls == 2
    assert len(ticks.at) == 3
    assert [entry["event"] for entry in logs] == ["media.step_failed"] * 2


@pytest.mark.parametrize("translated", [False, True])
@pytest.mark.parametrize("connected", [False, True])
def test_the_short_way_and_the_long_way_of_a_packet_lead_to_the_same(
    pair: tuple[socket.socket, socket.socket], translated: bool, connected: bool
) -> None:
    """The loop deals with plain packets by itself; everything must be as if it did not."""
    one, other = pair
    near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    sent: list[list[bytes]] = []
    streams = []
    for by_loop in (True, False):
        stream, to, out = Incoming(_no_key, _no_rtcp), RtpSender(random.Random(1)), list[bytes]()
        stream.speaks("PCMU", 0, 101)
        to.speaks(8 if translated else 0, 101)
        if connected:
            to.lead_to(near.send, near.fileno())
        else:
            to.lead_to(partial(_keep, out))
        stream.relay(to, "PCMA" if translated else "PCMU")
        sent.append(out)
        streams.append((stream, to))
        numbers = [0, 1, 2, 5, 4, 6, 7, 7, 8]
        arriving = [packet(bytes([n]) * 160, 65_530 + n, 160 * n) for n in numbers]
        if by_loop:
            _feed(stream, arriving, one, other)
        else:
            for data in arriving:
                buffer = bytearray(data) + bytearray(20)
                stream.receive(buffer, len(data), 1.0)
        if connected:
            out += _waiting(far)
    near.close()
    far.close()

    (short, short_to), (long, long_to) = streams
    assert sent[0] == sent[1]
    assert len(sent[0]) == 8
    assert (short.received, short.lost, short.out_of_order, short.copies) == (8, 1, 1, 1)
    assert (long.received, long.lost, long.out_of_order, long.copies) == (8, 1, 1, 1)
    assert (short_to.sent, short_to.octets) == (long_to.sent, long_to.octets) == (8, 8 * 172)


@pytest.mark.parametrize("module", [packets, visits, datagrams])
def test_what_is_compiled_is_what_is_written(module: ModuleType) -> None:
    compiled = Path(module.__file__ or "")
    source = compiled.with_name(compiled.name.partition(".")[0] + ".py")

    assert compiled.suffix == ".so", "run make setup: it compiles the packets' path"
    assert compiled.stat().st_mtime >= source.stat().st_mtime, f"{source} changed: run make setup"


def test_it_does_the_same_uncompiled() -> None:
    """The rest of this file, and the browsers' port, in a process that has no compiled module."""
    web = Path(__file__).parent / "web"
    files = [__file__, str(web / "test_datagrams.py"), str(web / "test_port.py")]
    run = subprocess.run(
        [sys.executable, "-c", UNCOMPILED, *files], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr


UNCOMPILED = """
import importlib
import sys
import pytest
from importlib.machinery import SOURCE_SUFFIXES, FileFinder, SourceFileLoader

hook = FileFinder.path_hook((SourceFileLoader, SOURCE_SUFFIXES))

MODULES = tuple(
    "cti_server.media." + name for name in ("packets", "visits", "web.datagrams")
)

class OfSource:
    def find_spec(name, path=None, target=None):
        if name in MODULES:
            return hook(path[0]).find_spec(name)

sys.meta_path.insert(0, OfSource)
for name in MODULES:
    assert importlib.import_module(name).__file__.endswith(".py")
sys.exit(pytest.main(["-q", "-p", "no:cacheprovider", "-k", "not compiled", *sys.argv[1:]]))
"""


def _keep(out: list[bytes], data: bytes | bytearray | memoryview) -> int:
    out.append(bytes(data))
    return len(data)


def _waiting(far: socket.socket) -> list[bytes]:
    far.setblocking(False)
    found = []
    with contextlib.suppress(BlockingIOError):
        while True:
            found.append(far.recv(2048))
    return found


def _feed(
    stream: Incoming, arriving: list[bytes], one: socket.socket, other: socket.socket
) -> None:
    ticks = Ticks(3)
    ticks.loop.watch_stream(one.fileno(), stream)
    for data in arriving:
        other.send(data)
    ticks.loop.run()
    ticks.loop.close()


def _no_key(pressed: object, down: bool) -> None: ...


def _no_rtcp(data: bytes) -> None: ...
