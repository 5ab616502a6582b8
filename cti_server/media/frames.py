"""The frames of the control socket: a four-byte big-endian length, then that many octets. Pure."""

import struct
from typing import Final

from .errors import BadFrame

LENGTH: Final = struct.Struct("!I")
LONGEST: Final = 1 << 20


def frame(body: bytes) -> bytes:
    return LENGTH.pack(len(body)) + body


class Frames:
    """Cuts a stream into the frames' bodies."""

    def __init__(self) -> None:
        self._held = bytearray()

    def receive(self, data: bytes) -> list[bytes]:
        """What is complete now; raises BadFrame when the stream can't be followed."""
        held = self._held
        held += data
        bodies, at = [], 0
        while len(held) - at >= LENGTH.size:
            (length,) = LENGTH.unpack_from(held, at)
            if length > LONGEST:
                raise BadFrame(f"a frame of {length} octets")
            stop = at + LENGTH.size + length
            if stop > len(held):
                break
            bodies.append(bytes(held[at + LENGTH.size : stop]))
            at = stop
        del held[:at]
        return bodies
