import random
import socket
from collections.abc import Iterator

import pytest
from structlog.testing import capture_logs

from cti_server.media.incoming import Incoming
from cti_server.media.packets import PacketLoop
from cti_server.media.rtp import TICK
from cti_server.media.sender import RtpSender

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
def test_the_short_way_and_the_long_way_of_a_packet_lead_to_the_same(
    pair: tuple[socket.socket, socket.socket], translated: bool
) -> None:
    """The loop deals with plain packets by itself; everything must be as if it did not."""
    one, other = pair
    sent: list[list[bytes]] = []
    streams = []
    for by_loop in (True, False):
        stream, to, out = Incoming(_no_key, _no_rtcp), RtpSender(random.Random(1)), list[bytes]()
        stream.speaks("PCMU", 0, 101)
        to.speaks(8 if translated else 0, 101)
        to.send = lambda data, out=out: out.append(bytes(data)) or len(data)
        stream.relay(to, "PCMA" if translated else "PCMU")
        sent.append(out)
        streams.append((stream, to))
        numbers = [0, 1, 2, 5, 4, 6, 7, 7, 8]
        packets = [packet(bytes([n]) * 160, 65_530 + n, 160 * n) for n in numbers]
        if by_loop:
            _feed(stream, packets, one, other)
        else:
            for data in packets:
                buffer = bytearray(data) + bytearray(20)
                stream.receive(buffer, len(data), 1.0)

    (short, short_to), (long, long_to) = streams
    assert sent[0] == sent[1]
    assert len(sent[0]) == 8
    assert (short.received, short.lost, short.out_of_order, short.copies) == (8, 1, 1, 1)
    assert (long.received, long.lost, long.out_of_order, long.copies) == (8, 1, 1, 1)
    assert (short_to.sent, short_to.octets) == (long_to.sent, long_to.octets) == (8, 8 * 172)


def _feed(stream: Incoming, packets: list[bytes], one: socket.socket, other: socket.socket) -> None:
    ticks = Ticks(3)
    stream.recv_into = one.recv_into
    ticks.loop.watch_stream(one.fileno(), stream)
    for data in packets:
        other.send(data)
    ticks.loop.run()
    ticks.loop.close()


def _no_key(pressed: object, down: bool) -> None: ...


def _no_rtcp(data: bytes) -> None: ...
