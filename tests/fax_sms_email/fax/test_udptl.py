"""UDPTL (T.38 §9.1): datagrams, and what is found in them where some are lost."""

import contextlib
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fax_sms_email.fax.errors import BadDatagram
from fax_sms_email.fax.udptl import Datagram, Incoming, Outgoing, read, write

packets = st.binary(max_size=300)
datagrams = st.builds(
    Datagram,
    st.integers(0, 0xFFFF),
    packets,
    st.lists(packets, max_size=5).map(tuple),
)


@given(datagrams)
def test_a_datagram_is_read_as_it_was_written(datagram: Datagram) -> None:
    assert read(write(datagram)) == datagram


@given(st.binary(max_size=400))
def test_whatever_comes_is_a_datagram_or_refused(data: bytes) -> None:
    with contextlib.suppress(BadDatagram):
        read(data)


def test_the_octets_are_those_of_the_standard() -> None:
    """As dissected by others: number, packet, no parity, one packet from before."""
    written = write(Datagram(0x0102, b"\x06", (b"\xc0\x01",)))
    assert written == bytes.fromhex("0102 01 06 00 01 02 c001")


def test_parity_instead_of_packets_is_passed_over() -> None:
    assert read(bytes.fromhex("0007 01 06 80 01 03 01 02 aabb")) == Datagram(7, b"\x06")


def test_what_is_lost_is_found_in_what_follows() -> None:
    out, into = Outgoing(3), Incoming()
    sent = [bytes([number]) for number in range(10)]
    found = []
    for number, packet in enumerate(sent):
        data = out.datagram(packet)
        if number not in (3, 4, 5):
            found += into.receive(read(data))
    assert found == list(enumerate(sent))
    assert (into.lost, into.recovered) == (0, 3)


def test_what_was_lost_too_often_is_counted() -> None:
    out, into = Outgoing(3), Incoming()
    data = [out.datagram(bytes([number])) for number in range(7)]
    found = [into.receive(read(data[number])) for number in (0, 6)]
    assert found[1] == [(3, b"\x03"), (4, b"\x04"), (5, b"\x05"), (6, b"\x06")]
    assert (into.lost, into.recovered) == (2, 3)


def test_each_packet_comes_once_whatever_is_repeated_or_overtaken() -> None:
    chance = random.Random(7)
    out, into = Outgoing(3), Incoming()
    data = [out.datagram(number.to_bytes(3, "big")) for number in range(70_000)]
    shuffled = sorted(range(70_000), key=lambda number: number + chance.uniform(0, 1.9))
    found = [
        packet
        for number in shuffled
        for copy in range(2)
        for _, packet in into.receive(read(data[number]))
    ]
    assert found == sorted(set(found))
    assert len(found) == 70_000


def test_no_datagram_is_larger_than_the_other_side_takes() -> None:
    out = Outgoing(3, largest=100)
    assert all(len(out.datagram(bytes(40))) <= 100 for _ in range(5))
    assert len(read(out.datagram(bytes(40))).earlier) == 1


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "too short"),
        (bytes.fromhex("0001 05 06"), "too short|in the midst"),
        (bytes.fromhex("0001 05 0600"), "in the midst"),
        (bytes.fromhex("0001 c1 0600"), "no datagram can have"),
        (bytes.fromhex("0001 01 06 00"), "before a length"),
        (bytes.fromhex("0001 01 06 00 02 01 06"), "before a length"),
    ],
)
def test_what_is_no_datagram_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(BadDatagram, match=why):
        read(data)
