"""One leg with its sockets, and a clock that the test moves."""

import random
import socket
import struct
from collections.abc import Iterator
from itertools import pairwise

import pytest

from cti_server.media import rtcp
from cti_server.media.leg import Leg
from cti_server.media.packets import PacketLoop
from cti_server.media.ports import PortRange
from cti_server.media.protocol import Direction, SetRemote
from cti_server.media.rtp_port import RtpPort
from cti_server.media.visits import Visits
from tests.ports import port_range

from .phone import HOST, packet

START = 1000.0
PORTS = port_range(2)
FAR_RTP, FAR_RTCP = port_range(2)


@pytest.fixture
def leg() -> Iterator[Leg]:
    ports = PortRange(HOST, *PORTS)
    loop = PacketLoop(lambda _: None)

    def port(leg: Leg) -> RtpPort:
        return RtpPort(
            leg.name,
            ports,
            loop,
            Visits(loop),
            leg.incoming,
            leg.sender,
            leg.rtcp.receive,
            leg.rewire,
        )

    leg = Leg("leg", 0, START, random.Random(7), port)
    yield leg
    leg.close(START)


def answered(leg: Leg, port: int = 9, *, direction: Direction = "sendrecv") -> None:
    remote = SetRemote(
        leg="leg",
        host=HOST,
        port=port,
        codec="PCMU",
        payload_type=0,
        dtmf_payload_type=101,
        direction=direction,
    )
    leg.set_remote(remote, START)


def hear(leg: Leg, number: int, at: float, *, payload_type: int = 0) -> None:
    data = packet(b"\1" * 160, number, 160 * number, payload_type=payload_type)
    leg.incoming.receive(bytearray(data.ljust(2048)), len(data), at)


def told(leg: Leg, until: float, *, since: float = START) -> list[tuple[float, float]]:
    """What is told of its silence, looked at every 0.2 s: when, and how many seconds."""
    looks = (since + 0.2 * step for step in range(round((until - since) / 0.2) + 1))
    return [
        (round(now - START, 1), round(seconds, 1))
        for now in looks
        if (seconds := leg.silence(now)) is not None
    ]


def test_a_leg_that_never_speaks_is_told_after_3_and_after_30_seconds_and_no_more(leg: Leg) -> None:
    answered(leg)

    assert told(leg, START + 600) == [(3.0, 3.0), (30.0, 30.0)]


def test_a_leg_that_was_heard_again_is_told_again_when_it_falls_silent(leg: Leg) -> None:
    answered(leg)
    hear(leg, 1, START + 10)
    assert told(leg, START + 50, since=START + 10) == [(13.0, 3.0), (40.0, 30.0)]
    assert not leg.resumed(START + 50)
    hear(leg, 2, START + 51)

    assert leg.resumed(START + 51.2)
    assert not leg.resumed(START + 51.4)
    assert told(leg, START + 100, since=START + 51.4)[0] == (54.0, 3.0)


def test_comfort_noise_announces_a_silence_of_less_than_30_seconds(leg: Leg) -> None:
    answered(leg)
    hear(leg, 1, START, payload_type=13)

    assert told(leg, START + 60) == [(30.0, 30.0)]


@pytest.mark.parametrize("direction", ["sendonly", "inactive"])
def test_a_leg_that_need_not_speak_is_not_told(leg: Leg, direction: Direction) -> None:
    answered(leg, direction=direction)

    assert told(leg, START + 60) == []


def test_reports_are_sent_every_five_seconds_or_so_as_long_as_the_leg_lives(leg: Leg) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
        phone.bind((HOST, FAR_RTCP))
        phone.setblocking(False)
        answered(leg, FAR_RTP)
        hear(leg, 1, START)
        hear(leg, 3, START + 0.04)
        sent: list[tuple[float, bytes]] = []
        for step in range(600):  # two minutes, looked at as the worker does
            now = START + 0.2 * step
            leg.report(now)
            try:
                sent.append((now - START, phone.recv(2048)))
            except BlockingIOError:
                continue

    times = [at for at, _ in sent]
    assert times[0] < 5
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert all(2.3 <= gap <= 7.8 for gap in gaps)  # RFC 3550 §6.3.1: half to one and a half
    assert len({round(gap, 1) for gap in gaps}) > 3
    assert 4.0 <= sum(gaps) / len(gaps) <= 6.2
    (report,) = rtcp.parse(sent[0][1])
    (block,) = report.blocks
    assert (report.ssrc, report.sender) == (leg.sender.ssrc, None)  # a receiver report
    assert (block.ssrc, block.lost, block.highest) == (0xABCD, 1, 3)
    assert block.fraction_lost == 85  # a third
    (later,) = rtcp.parse(sent[1][1])
    assert later.blocks[0].fraction_lost == 0  # since then
    assert struct.unpack_from("!B", sent[1][1], 1) == (201,)
