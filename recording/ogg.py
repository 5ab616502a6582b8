"""
Ogg pages (RFC 3533) of one logical stream, put together and taken apart. Pure.

Packets are whole on their pages: those of speech are small, and no others are written here. A file
of somebody else's whose packets go on over pages is refused.
"""

import struct
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .errors import CaptureDamaged
from .sealing import Block

FIRST, LAST = 2, 4  # flags of a page
SEGMENTS = 255  # of a page

_CONTINUED = 1
_SEGMENT = 255  # bytes
_HEAD = struct.Struct("<4sBBqIIIB")
_SUM = slice(22, 26)
_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


@dataclass(frozen=True, slots=True)
class Page:
    """``granule``: how far time is when its last packet has been heard."""

    packets: tuple[bytes, ...]
    granule: int
    flags: int = 0


def segments(packet: bytes) -> int:
    """How many of its page's it takes."""
    return len(packet) // _SEGMENT + 1


def written(page: Page, serial: int, number: int) -> bytes:
    """The page as it is in a file: the so manieth of its stream."""
    table = b"".join(
        bytes([_SEGMENT]) * (len(packet) // _SEGMENT) + bytes([len(packet) % _SEGMENT])
        for packet in page.packets
    )
    head = _HEAD.pack(b"OggS", 0, page.flags, page.granule, serial, number, 0, len(table))
    whole = bytearray(b"".join((head, table, *page.packets)))
    whole[_SUM] = _checksum(whole).to_bytes(4, "little")
    return bytes(whole)


def pages(blocks: Iterable[Block]) -> Iterator[Page]:
    """The pages of a file, in constant memory. Raises CaptureDamaged."""
    waiting, whole = bytearray(), False
    for block in blocks:
        waiting += block
        while (size := _size(waiting)) is not None:
            page = _read(waiting[:size])
            whole = bool(page.flags & LAST)
            yield page
            del waiting[:size]
    if waiting or not whole:
        raise CaptureDamaged("it ends too early")


def _size(data: bytearray) -> int | None:
    """Of the page that it begins with; None if that is not whole yet."""
    if len(data) < _HEAD.size:
        return None
    if data[:5] != b"OggS\0":
        raise CaptureDamaged("it is no Ogg file")
    body = _HEAD.size + data[_HEAD.size - 1]
    size = body + sum(data[_HEAD.size : body])
    return size if len(data) >= max(size, body) else None


def _read(data: bytearray) -> Page:
    _, _, flags, granule, _, _, checksum, count = _HEAD.unpack_from(data)
    data[_SUM] = bytes(4)
    if _checksum(data) != checksum:
        raise CaptureDamaged("a page's checksum is wrong")
    table = data[_HEAD.size : _HEAD.size + count]
    if flags & _CONTINUED or table[-1:] == bytes([_SEGMENT]):
        raise CaptureDamaged("a packet goes over a page's end")
    place, packets, packet = _HEAD.size + count, list[bytes](), bytearray()
    for size in table:
        packet += data[place : place + size]
        place += size
        if size < _SEGMENT:
            packets.append(bytes(packet))
            packet.clear()
    return Page(tuple(packets), granule, flags)


def _checksum(page: bytearray) -> int:
    """
    CRC-32 by 0x04c11db7, from the highest bit on, from 0.

    zlib's is by the same polynomial, from the lowest bit on: so the bits are turned around.
    """
    turned = zlib.crc32(page.translate(_REVERSED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int.from_bytes(turned.to_bytes(4, "little").translate(_REVERSED), "big")
