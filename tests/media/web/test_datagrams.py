"""The browsers' one socket, with browsers that are a socket and their keys."""

import random
import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

import pytest

from cti_server.media.incoming import Incoming
from cti_server.media.packets import COMPILED
from cti_server.media.sender import RtpSender
from cti_server.media.web.datagrams import AT_ONCE, Lane, SharedSocket, address_of, name_of
from cti_server.media.web.srtp import PROFILES, Srtp

HOST = "127.0.0.1"
KEYING = bytes(range(60))[: PROFILES[0].keying]
RTCP = bytes.fromhex("80c9000100000007") + bytes(20)
STUN = bytes.fromhex("000100002112a442") + bytes(20)
PORT_0 = (HOST, 0)  # the kernel refuses to send there

only_compiled = pytest.mark.skipif(not COMPILED, reason="there are no lanes")


class Browser:
    """Its own socket, and both ends' keys."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((HOST, 0))
        self.socket.settimeout(2)
        self.address: tuple[str, int] = self.socket.getsockname()
        self.keys = Srtp(PROFILES[0], KEYING, client=True)
        self.ours = Srtp(PROFILES[0], KEYING, client=False)

    def say(self, shared: socket.socket, *packets: bytes | None) -> None:
        for packet in packets:
            self.socket.sendto(packet or b"", shared.getsockname())

    def hear(self) -> bytes:
        packet = self.keys.unprotect(self.socket.recv(2048))
        assert packet is not None
        return packet


@dataclass
class Speaker:
    lane: Lane | None = None


@dataclass
class Path:
    peer: Speaker = field(default_factory=Speaker)
    heard: list[float] = field(default_factory=list)

    def hear(self, now: float) -> None:
        self.heard.append(now)


@pytest.fixture
def port() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as port:
        port.bind((HOST, 0))
        port.setblocking(False)
        yield port


@pytest.fixture
def browsers() -> Iterator[list[Browser]]:
    made = [Browser(), Browser()]
    yield made
    for one in made:
        one.socket.close()


def rtp(number: int, payload: bytes = bytes(160)) -> bytes:
    return struct.pack("!BBHII", 0x80, 0, number, 160 * number, 7) + payload


def stream() -> Incoming:
    made = Incoming(lambda pressed, down: None, lambda data: None)
    made.speaks("PCMU", 0, 101)
    return made


def lane_to(shared: SharedSocket, browser: Browser, address: tuple[str, int]) -> Lane:
    lane = shared.lane(browser.ours, stream())
    assert lane is not None
    lane.lead_to(address)
    return lane


@only_compiled
def test_what_lanes_are_given_arrives_in_order_at_the_next_flush(
    port: socket.socket, browsers: list[Browser]
) -> None:
    shared = SharedSocket(port, {})
    senders = []
    for browser in browsers:
        sender = RtpSender(random.Random(1))
        sender.speaks(0, 101)
        lane = lane_to(shared, browser, browser.address)
        sender.lead_to(lane.send, way=lane)
        senders.append(sender)

    said = [bytes([number]) * 160 for number in range(AT_ONCE)]  # by both: twice what goes at once
    for payload in said:
        for sender in senders:
            sender.send_audio(payload)
    for sender in senders:
        assert sender.send is not None
        sender.send(rtp(sender.sequence, b"by the long way"))
    shared.flush()

    for browser, sender in zip(browsers, senders, strict=True):
        heard = [browser.hear() for _ in range(AT_ONCE + 1)]
        assert [packet[12:] for packet in heard] == [*said, b"by the long way"]
        assert sender.sent == AT_ONCE


@only_compiled
def test_one_who_can_t_be_sent_to_costs_nobody_else_a_packet(
    port: socket.socket, browsers: list[Browser]
) -> None:
    shared = SharedSocket(port, {})
    lost, good = browsers
    lanes = [lane_to(shared, lost, PORT_0), lane_to(shared, good, good.address)]
    for number in range(3):
        for lane in lanes:
            lane.send(rtp(number))
    shared.flush()

    assert [good.hear() for _ in range(3)] == [rtp(number) for number in range(3)]


@only_compiled
def test_a_number_is_protected_once_and_nothing_that_has_no_room(
    port: socket.socket, browsers: list[Browser]
) -> None:
    shared = SharedSocket(port, {})
    lane = lane_to(shared, browsers[0], browsers[0].address)

    assert lane.send(rtp(1)) == 172
    assert [lane.send(packet) for packet in (rtp(1), rtp(2)[:11], rtp(3, bytes(2000)))] == [0] * 3
    assert lane.send(rtp(4)) == 172
    shared.flush()
    assert [browsers[0].hear() for _ in range(2)] == [rtp(1), rtp(4)]


@only_compiled
def test_audio_takes_the_lane_and_all_else_is_handed_out(
    port: socket.socket, browsers: list[Browser]
) -> None:
    speaker, silent = browsers
    path, other = Path(), Path()
    shared = SharedSocket(port, {speaker.address: path, silent.address: other})
    incoming, out = stream(), list[bytes]()
    path.peer.lane = shared.lane(speaker.ours, incoming)
    to = RtpSender(random.Random(1))
    to.speaks(8, 101)
    to.lead_to(partial(_keep, out))
    incoming.relay(to, "PCMU")

    packets = [speaker.keys.protect(rtp(number)) for number in range(2 * AT_ONCE + 3)]
    forged = bytearray(packets[-1] or b"")
    forged[20] ^= 1
    speaker.say(port, RTCP, STUN, *packets[:-1], bytes(forged), packets[3], b"", b"\x80")
    silent.say(port, packets[-1])
    others = shared.read(5.0)

    assert others == [
        (RTCP, speaker.address),
        (STUN, speaker.address),
        (b"", speaker.address),
        (b"\x80", speaker.address),
        (packets[-1], silent.address),
    ]
    assert len(out) == incoming.received == 2 * AT_ONCE + 2
    assert path.heard == [5.0] * len(out)
    assert (incoming.lost, incoming.copies, other.heard) == (0, 0, [])


def test_who_has_no_lane_is_handed_out_datagram_by_datagram(
    port: socket.socket, browsers: list[Browser]
) -> None:
    one, other = browsers
    shared = SharedSocket(port, {one.address: Path()})
    for number in range(AT_ONCE):
        one.say(port, rtp(number))
        other.say(port, STUN + bytes([number]))
    others = shared.read(5.0)

    assert [data for data, source in others if source == one.address] == [
        rtp(number) for number in range(AT_ONCE)
    ]
    assert [data[-1] for data, source in others if source == other.address] == [*range(AT_ONCE)]
    assert shared.read(6.0) == []


@pytest.mark.parametrize(
    ("address", "family"),
    [
        (("127.0.0.1", 1), socket.AF_INET),
        (("203.0.113.77", 65535), socket.AF_INET),
        (("::1", 40000), socket.AF_INET6),
        (("fe80::1:2%1", 40000), socket.AF_INET6),
    ],
)
def test_an_address_is_what_the_kernel_calls_it(
    address: tuple[str, int], family: socket.AddressFamily
) -> None:
    assert address_of(name_of(address, family)) == address


def test_a_name_is_no_address() -> None:
    with pytest.raises(OSError, match="Name or service not known"):
        name_of(("localhost", 1), socket.AF_INET)


def _keep(out: list[bytes], data: bytes | bytearray | memoryview) -> int:
    out.append(bytes(data))
    return len(data)
