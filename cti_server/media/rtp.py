"""RTP's fixed header (RFC 3550 §5.1) and the arithmetic of its numbers. Pure."""

import struct
from typing import Final

HEADER: Final = struct.Struct("!HHII")  # V P X CC M PT as one word, sequence, timestamp, SSRC
VERSION: Final = 0x8000
MARKER: Final = 0x0080
HEADER_SIZE: Final = 12
CLOCK_RATE: Final = 8000  # G.711 and telephone-event, samples a second
TICK: Final = 0.02  # seconds of audio in a packet of ours
TICK_SAMPLES: Final = 160
COMFORT_NOISE: Final = 13  # RFC 3389
# 200 ms of G.711, far above any packetisation in use; what is longer is not a voice packet.
PACKET_LIMIT: Final = 1612


def payload_bounds(packet: bytearray | bytes, size: int) -> tuple[int, int] | None:
    """
    Where the payload of an RTP packet of ``size`` octets begins and ends; None if malformed.

    Looks through contributing sources, one header extension and padding (RFC 3550 §5.1, §5.3.1).
    """
    if size < HEADER_SIZE or packet[0] >> 6 != 2:
        return None
    first = packet[0]
    start, end = HEADER_SIZE + 4 * (first & 0x0F), size
    if first & 0x10:
        if start + 4 > size:
            return None
        start += 4 + 4 * int.from_bytes(packet[start + 2 : start + 4], "big")
    if first & 0x20:
        padding = packet[size - 1]
        if padding == 0:
            return None
        end -= padding
    return (start, end) if start < end else None


def signed16(difference: int) -> int:
    """The distance between two sequence numbers, the short way round."""
    return ((difference + 0x8000) & 0xFFFF) - 0x8000


def signed32(difference: int) -> int:
    """The distance between two timestamps, the short way round."""
    return ((difference + 0x80000000) & 0xFFFFFFFF) - 0x80000000
