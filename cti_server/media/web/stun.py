"""
STUN messages as ICE uses them (RFC 8489, RFC 8445 §16.1): Binding, short-term credentials. Pure.

Partial: only Binding; MESSAGE-INTEGRITY is HMAC-SHA1, which is what ICE has (RFC 8445 §7.2.2), and
nobody is sent an ALTERNATE-SERVER. What is malformed reads as None: it was no STUN then.
"""

import enum
import hmac
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final

MAGIC: Final = 0x2112A442
HEADER_SIZE: Final = 20
BINDING: Final = 0x001

_HEADER = struct.Struct("!HHI12s")
_ATTRIBUTE = struct.Struct("!HH")
_INTEGRITY_SIZE = 4 + 20
_FINGERPRINT_SIZE = 4 + 4
_FINGERPRINT_MASK = 0x5354554E
_UNDERSTOOD_FROM = 0x8000  # attributes from here on may be passed over (RFC 8489 §14)
_MOST_ATTRIBUTES = 32

Address = tuple[str, int]


class Kind(enum.IntEnum):
    """The class of a message (RFC 8489 §5)."""

    REQUEST = 0b00
    INDICATION = 0b01
    SUCCESS = 0b10
    ERROR = 0b11


class Attribute(enum.IntEnum):
    """The attributes that are understood here."""

    USERNAME = 0x0006
    MESSAGE_INTEGRITY = 0x0008
    ERROR_CODE = 0x0009
    UNKNOWN_ATTRIBUTES = 0x000A
    XOR_MAPPED_ADDRESS = 0x0020
    PRIORITY = 0x0024
    USE_CANDIDATE = 0x0025
    FINGERPRINT = 0x8028
    ICE_CONTROLLED = 0x8029
    ICE_CONTROLLING = 0x802A


_KNOWN = frozenset(map(int, Attribute))


@dataclass(frozen=True, slots=True)
class Message:
    """One message. ``attributes`` are in order; of two alike the first counts (§14)."""

    kind: Kind
    transaction: bytes
    attributes: tuple[tuple[int, bytes], ...]
    data: bytes  # as it came
    integrity_at: int | None  # where MESSAGE-INTEGRITY begins
    method: int = BINDING

    def attribute(self, name: Attribute) -> bytes | None:
        for known, value in self.attributes:
            if known == name:
                return value
        return None

    @property
    def username(self) -> str | None:
        value = self.attribute(Attribute.USERNAME)
        return None if value is None else value.decode("utf-8", "replace")

    @property
    def unknown(self) -> tuple[int, ...]:
        """What the sender insists on and we do not understand."""
        return tuple(
            name for name, _ in self.attributes if name < _UNDERSTOOD_FROM and name not in _KNOWN
        )

    @property
    def error(self) -> int | None:
        """The number of an error response."""
        value = self.attribute(Attribute.ERROR_CODE)
        return None if value is None or len(value) < 4 else 100 * (value[2] & 7) + value[3]

    @property
    def mapped_address(self) -> Address | None:
        """Where the other side saw our request come from."""
        value = self.attribute(Attribute.XOR_MAPPED_ADDRESS)
        if value is None or (len(value), value[1:2]) not in ((8, b"\1"), (20, b"\2")):
            return None
        port = int.from_bytes(value[2:4], "big") ^ (MAGIC >> 16)
        mask = MAGIC.to_bytes(4, "big") + self.transaction
        host = bytes(a ^ b for a, b in zip(value[4:], mask, strict=False))
        return str(ip_address(host)), port

    def authentic(self, password: str) -> bool:
        """Whether its MESSAGE-INTEGRITY was made with this password."""
        if self.integrity_at is None:
            return False
        at = self.integrity_at
        expected = _integrity(self.data[:at], password)
        return hmac.compare_digest(expected, self.data[at + 4 : at + _INTEGRITY_SIZE])


def is_stun(data: bytes) -> bool:
    """Whether a datagram looks like STUN, by its first octets (RFC 7983 §7)."""
    return len(data) >= HEADER_SIZE and data[0] < 4 and data[4:8] == b"\x21\x12\xa4\x42"


def parse(data: bytes) -> Message | None:
    """
    Read a message with a FINGERPRINT, which ICE always has; None if it is none.

    Attributes after MESSAGE-INTEGRITY are not vouched for and passed over (RFC 8489 §14.5).
    """
    if not is_stun(data):
        return None
    head, length, _, transaction = _HEADER.unpack_from(data)
    if length % 4 or HEADER_SIZE + length != len(data) or not _fingerprinted(data):
        return None
    attributes: list[tuple[int, bytes]] = []
    integrity_at = None
    at, end = HEADER_SIZE, len(data) - _FINGERPRINT_SIZE
    while at < end:
        name, size = _ATTRIBUTE.unpack_from(data, at)
        start, at_next = at + 4, at + 4 + size + (-size % 4)
        if at_next > end or len(attributes) == _MOST_ATTRIBUTES:
            return None
        if name == Attribute.MESSAGE_INTEGRITY:
            if size != _INTEGRITY_SIZE - 4:
                return None
            integrity_at = at
            break
        attributes.append((name, data[start : start + size]))
        at = at_next
    return Message(
        Kind((head >> 7 & 2) | (head >> 4 & 1)),
        transaction,
        tuple(attributes),
        data,
        integrity_at,
        (head >> 2 & 0xF80) | (head >> 1 & 0x70) | (head & 0xF),
    )


def compose(
    kind: Kind,
    transaction: bytes,
    attributes: Sequence[tuple[int, bytes]],
    password: str | None,
) -> bytes:
    """A Binding message with MESSAGE-INTEGRITY, if there is a password, and FINGERPRINT."""
    body = b"".join(
        _ATTRIBUTE.pack(name, len(value)) + value + bytes(-len(value) % 4)
        for name, value in attributes
    )
    head = (kind & 2) << 7 | (kind & 1) << 4 | BINDING
    data = _HEADER.pack(head, len(body), MAGIC, transaction) + body
    if password is not None:
        mark = _integrity(data, password)
        data += _ATTRIBUTE.pack(Attribute.MESSAGE_INTEGRITY, len(mark)) + mark
    data = _with_length(data, len(data) - HEADER_SIZE + _FINGERPRINT_SIZE)
    check = (zlib.crc32(data) ^ _FINGERPRINT_MASK).to_bytes(4, "big")
    return data + _ATTRIBUTE.pack(Attribute.FINGERPRINT, 4) + check


def success(request: Message, source: Address, password: str) -> bytes:
    """The answer to a check: from where it was seen to come (RFC 8445 §7.3)."""
    mapped = _xor_address(source, request.transaction)
    attributes = [(Attribute.XOR_MAPPED_ADDRESS, mapped)]
    return compose(Kind.SUCCESS, request.transaction, attributes, password)


def refusal(request: Message, code: int, reason: str, password: str) -> bytes:
    """An error response (RFC 8489 §14.8)."""
    value = bytes([0, 0, code // 100, code % 100]) + reason.encode()
    attributes = [(Attribute.ERROR_CODE, value)]
    if code == 420:
        names = struct.pack(f"!{len(request.unknown)}H", *request.unknown)
        attributes.append((Attribute.UNKNOWN_ATTRIBUTES, names))
    return compose(Kind.ERROR, request.transaction, attributes, password)


def _with_length(data: bytes, length: int) -> bytes:
    return data[:2] + length.to_bytes(2, "big") + data[4:]


def _integrity(before: bytes, password: str) -> bytes:
    """The HMAC over all before it, the length counting it in (RFC 8489 §14.5)."""
    covered = _with_length(before, len(before) - HEADER_SIZE + _INTEGRITY_SIZE)
    return hmac.digest(password.encode(), covered, "sha1")


def _fingerprinted(data: bytes) -> bool:
    if len(data) < HEADER_SIZE + _FINGERPRINT_SIZE:
        return False
    name, size = _ATTRIBUTE.unpack_from(data, len(data) - _FINGERPRINT_SIZE)
    if (name, size) != (Attribute.FINGERPRINT, 4):
        return False
    check = zlib.crc32(data[:-_FINGERPRINT_SIZE]) ^ _FINGERPRINT_MASK
    return check == int.from_bytes(data[-4:], "big")


def _xor_address(source: Address, transaction: bytes) -> bytes:
    host = ip_address(source[0].partition("%")[0])
    mask = MAGIC.to_bytes(4, "big") + transaction
    hidden = bytes(a ^ b for a, b in zip(host.packed, mask, strict=False))
    return struct.pack("!BBH", 0, 1 if host.version == 4 else 2, source[1] ^ (MAGIC >> 16)) + hidden
