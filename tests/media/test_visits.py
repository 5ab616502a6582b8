"""Streams that are read now and then, on real sockets."""

import random
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

import pytest

from cti_server.media.digits import Pressed
from cti_server.media.incoming import Incoming, OnKey
from cti_server.media.packets import COMPILED, PacketLoop
from cti_server.media.rtp import TICK
from cti_server.media.sender import RtpSender
from cti_server.media.visits import TURNS, Visits

from .phone import HOST, packet

pytestmark = pytest.mark.skipif(not COMPILED, reason="nothing is visited")


@dataclass
class Phone:
    """Two connected sockets, the stream between them, and the keys in it."""

    far: socket.socket
    near: socket.socket
    stream: Incoming
    keys: list[str]

    @classmethod
    def made(cls, on_key: OnKey | None = None) -> "Phone":
        far, near = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
        far.bind((HOST, 0))
        near.bind((HOST, 0))
        near.connect(far.getsockname())
        far.connect(near.getsockname())
        near.setblocking(False)
        keys: list[str] = []

        def pressed(ended: list[Pressed], down: bool) -> None:
            keys.extend(one.digit for one in ended)

        stream = Incoming(on_key or pressed, lambda data: None)
        stream.speaks("PCMU", 0, 101)
        return cls(far, near, stream, keys)

    def say(self, *numbers: int) -> None:
        for number in numbers:
            self.far.send(packet(bytes([number]) * 160, number, 160 * number))

    def press(self, number: int) -> None:
        """The end of a key, said once."""
        event = struct.pack("!BBH", 5, 0x80 | 10, 800)
        self.far.send(packet(event, number, 160 * number, payload_type=101))


@pytest.fixture
def loop() -> Iterator[PacketLoop]:
    loop = PacketLoop(lambda _: None)
    yield loop
    loop.close()


@pytest.fixture
def phone() -> Iterator[Phone]:
    phone = Phone.made()
    yield phone
    phone.far.close()
    phone.near.close()


def visited(loop: PacketLoop, *phones: Phone) -> Visits:
    visits = Visits(loop)
    for phone in phones:
        loop.watch_stream(phone.near.fileno(), phone.stream)
        assert visits.begin(phone.near.fileno(), phone.stream)
    return visits


def round_of(visits: Visits) -> None:
    for _ in range(TURNS):
        visits.tick()


def test_what_waited_is_read_once_within_a_round_with_its_keys(
    loop: PacketLoop, phone: Phone
) -> None:
    visits = visited(loop, phone)
    phone.say(1, 2, 4)
    phone.press(5)
    assert phone.stream.received == 0

    round_of(visits)
    assert (phone.stream.received, phone.stream.lost, phone.keys) == (4, 1, ["5"])

    round_of(visits)
    assert phone.stream.received == 4


def test_jitter_is_of_the_times_of_arrival(loop: PacketLoop, phone: Phone) -> None:
    """Read all at once they would seem to come at one moment, 20 ms and more from their places."""
    visits = visited(loop, phone)
    began = time.monotonic()
    for number in range(8):
        with suppress(TimeoutError):  # paced by a socket to which nobody speaks
            phone.far.settimeout(max(0.001, began + number * TICK - time.monotonic()))
            phone.far.recv(1)
        phone.say(number)
    said = time.monotonic()
    with suppress(TimeoutError):
        phone.far.settimeout(0.1)
        phone.far.recv(1)
    round_of(visits)

    assert phone.stream.received == 8
    assert phone.stream.jitter < TICK / 4
    assert phone.stream.heard == pytest.approx(said, abs=0.01)


def test_who_is_to_be_heard_is_read_before_and_watched_from_then_on(
    loop: PacketLoop, phone: Phone
) -> None:
    visits = visited(loop, phone)
    phone.stream.on_heard = lambda: visits.end(phone.near.fileno())
    out: list[bytes] = []

    def keep(data: bytes | bytearray | memoryview) -> int:
        out.append(bytes(data[12:13]))
        loop.stopped = True
        return len(data)

    to = RtpSender(random.Random(1))
    to.speaks(0, 101)
    to.lead_to(keep)
    phone.say(1, 2)
    phone.stream.relay(to, "PCMU")
    assert (phone.stream.received, out) == (2, [])

    phone.say(3)
    loop.ticking = True
    loop.run()
    assert out == [b"\3"]

    phone.say(4)
    round_of(visits)
    assert out == [b"\3"]


def test_a_key_may_make_another_stream_be_heard_in_the_middle_of_a_visit(
    loop: PacketLoop, phone: Phone
) -> None:
    other = Phone.made(lambda ended, down: visits.end(phone.near.fileno()))
    visits = visited(loop, phone, other)
    phone.say(1, 2, 3)
    other.say(1)
    other.press(2)
    other.say(3)

    round_of(visits)

    assert (phone.stream.received, phone.stream.lost) == (3, 0)
    assert (other.stream.received, other.stream.lost) == (3, 0)
    other.far.close()
    other.near.close()


def test_streams_are_spread_over_the_turns(loop: PacketLoop) -> None:
    phones = [Phone.made() for _ in range(2 * TURNS)]
    visits = visited(loop, *phones)
    for phone in phones:
        phone.say(1)

    heard = []
    for _ in range(TURNS):
        visits.tick()
        heard.append(sum(phone.stream.received for phone in phones))
    assert heard == [2 * turn for turn in range(1, TURNS + 1)]
    for phone in phones:
        phone.far.close()
        phone.near.close()
