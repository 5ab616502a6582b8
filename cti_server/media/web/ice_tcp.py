"""
ICE over TCP, passive (RFC 6544): each packet behind its length (RFC 4571). No IO.

For networks that block UDP. The same checks, DTLS and SRTP run in it as over UDP.
"""

from collections.abc import Iterator
from typing import Final

from ..errors import MediaError

LONGEST_PACKET: Final = 2048  # octets; nothing of ours or a browser's is longer
# Half a second of audio. Behind that the network is stuck, and old audio is worth nothing.
BACKLOG_LIMIT: Final = 8192
PROVEN_WITHIN: Final = 10.0  # seconds for a connection to become a path; a stranger is cut off


class FramingBroken(MediaError):
    """What comes on this connection is not framed; close it."""


class Framing:
    """Both directions of one connection."""

    def __init__(self) -> None:
        self.unsent = bytearray()  # write this, then tell :meth:`sent`
        self.dropped = 0
        self._read = bytearray()

    def receive(self, data: bytes) -> Iterator[bytes]:
        """The packets that are complete now; raises FramingBroken."""
        self._read += data
        while len(self._read) >= 2:
            end = 2 + int.from_bytes(self._read[:2], "big")
            if end > 2 + LONGEST_PACKET:
                raise FramingBroken(f"a packet of {end - 2} octets")
            if len(self._read) < end:
                return
            packet = bytes(self._read[2:end])
            del self._read[:end]
            if packet:
                yield packet

    def send(self, packet: bytes) -> bool:
        """Put a packet behind what is unsent, as a whole or not at all."""
        if len(self.unsent) + len(packet) > BACKLOG_LIMIT or len(packet) > LONGEST_PACKET:
            self.dropped += 1
            return False
        self.unsent += len(packet).to_bytes(2, "big") + packet
        return True

    def sent(self, octets: int) -> None:
        del self.unsent[:octets]
