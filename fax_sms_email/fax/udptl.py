"""
UDPTL: how T.38's packets (IFP) travel in datagrams (ITU-T T.38 §9.1, Annex A). Pure.

A datagram carries one packet and, in case these were lost, the few that went before it.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from .errors import BadDatagram

REDUNDANCY: Final = 3
"""Packets that are sent once more with each."""
LARGEST: Final = 400
"""Octets of a datagram that we say we take (T38FaxMaxDatagram); larger ones are taken as well."""
_OF_PACKETS: Final = 0x00  # error-recovery: secondary-ifp-packets
_LONG: Final = 0x80
_FRAGMENTED: Final = 0xC0
_WORD: Final = 0x10000


@dataclass(frozen=True, slots=True)
class Datagram:
    """``earlier``: the packets before ``packet``, the latest first; none, or parity (FEC): none."""

    sequence: int
    packet: bytes
    earlier: tuple[bytes, ...] = ()


def write(datagram: Datagram) -> bytes:
    written = bytearray(datagram.sequence.to_bytes(2, "big"))
    written += _open_type(datagram.packet)
    written.append(_OF_PACKETS)
    written += _length(len(datagram.earlier))
    for packet in datagram.earlier:
        written += _open_type(packet)
    return bytes(written)


def read(data: bytes) -> Datagram:
    """Raises BadDatagram. Parity is passed over: the packet itself is there."""
    if len(data) < 4:
        raise BadDatagram("is too short")
    sequence = int.from_bytes(data[:2], "big")
    packet, at = _taken(data, 2)
    if at >= len(data) or data[at] & _LONG:
        return Datagram(sequence, packet)  # some leave out what is empty
    count, at = _count(data, at + 1)
    earlier = []
    for _ in range(count):
        one, at = _taken(data, at)
        earlier.append(one)
    return Datagram(sequence, packet, tuple(earlier))


class Outgoing:
    """Numbers what is sent, and remembers the last few packets."""

    def __init__(self, redundancy: int = REDUNDANCY, largest: int = LARGEST) -> None:
        """``largest``: octets of a datagram that the other side takes; what is too much is left."""
        self._next = 0
        self._sent: deque[bytes] = deque(maxlen=redundancy)
        self._largest = largest

    def datagram(self, packet: bytes) -> bytes:
        """A packet that is sent several times is in the same datagram each time."""
        earlier: Sequence[bytes] = tuple(self._sent)
        data = write(Datagram(self._next, packet, tuple(earlier)))
        while len(data) > self._largest and earlier:
            earlier = earlier[:-1]
            data = write(Datagram(self._next, packet, tuple(earlier)))
        self._next = (self._next + 1) % _WORD
        self._sent.appendleft(packet)
        return data


class Incoming:
    """Finds each packet once, in order; one that was lost in none of its copies is missing."""

    def __init__(self) -> None:
        self._expected: int | None = None
        self.lost = 0
        """Packets that came in no datagram."""
        self.recovered = 0
        """Packets whose own datagram was lost."""

    def receive(self, datagram: Datagram) -> list[tuple[int, bytes]]:
        """The packets that are new, with their numbers."""
        if self._expected is None:
            self._expected = datagram.sequence
        ahead = _distance(datagram.sequence, self._expected)
        if ahead < 0:
            return []  # a copy, or one that was overtaken by what contained it
        there = datagram.earlier[:ahead]
        self.recovered += len(there)
        self.lost += ahead - len(there)
        numbers = range(datagram.sequence - len(there), datagram.sequence + 1)
        self._expected = (datagram.sequence + 1) % _WORD
        packets = (*reversed(there), datagram.packet)
        return [(number % _WORD, one) for number, one in zip(numbers, packets, strict=True)]


def _distance(sequence: int, expected: int) -> int:
    """How far ahead it is; half the circle counts as behind."""
    return (sequence - expected + _WORD // 2) % _WORD - _WORD // 2


def _open_type(octets: bytes) -> bytes:
    return _length(len(octets)) + octets


def _length(length: int) -> bytes:
    """A length of aligned PER (X.691 §11.9), below 16384."""
    if length < _LONG:
        return bytes((length,))
    return (length | _LONG << 8).to_bytes(2, "big")


def _taken(data: bytes, at: int) -> tuple[bytes, int]:
    length, at = _count(data, at)
    if at + length > len(data):
        raise BadDatagram("ends in the midst of a packet")
    return data[at : at + length], at + length


def _count(data: bytes, at: int) -> tuple[int, int]:
    """A length, and where what it counts begins."""
    if at >= len(data):
        raise BadDatagram("ends before a length")
    first = data[at]
    if first < _LONG:
        return first, at + 1
    if first >= _FRAGMENTED or at + 1 >= len(data):
        raise BadDatagram("has a length that no datagram can have")
    return (first & ~_LONG) << 8 | data[at + 1], at + 2
