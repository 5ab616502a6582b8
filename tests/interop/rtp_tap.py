"""What comes to an RTP port of another process, as it is on the loopback."""

import asyncio
import ctypes
import socket
import struct
from types import TracebackType
from typing import Final, Self

import numpy as np

from cti_server.media.g711 import decode
from tests.audio import Samples

SO_ATTACH_FILTER: Final = 26  # Linux
HEADERS: Final = 20 + 8 + 12  # bytes of IP, UDP and RTP
PCMU: Final = 0  # payload type


class Tap:
    """
    Mu-law in the order in which it comes, until the ``with`` block ends; pauses are left out.

    It needs the right to open raw sockets, as SIPp does to press keys.
    """

    def __init__(self, port: int) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP)
        self._socket.setblocking(False)
        only_to(self._socket, port)
        self._socket.bind(("127.0.0.1", 0))
        self._payloads: list[bytes] = []

    def __enter__(self) -> Self:
        asyncio.get_running_loop().add_reader(self._socket, self._readable)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        asyncio.get_running_loop().remove_reader(self._socket)
        self._socket.close()

    def heard(self) -> Samples:
        return decode(b"".join(self._payloads), "PCMU").astype(np.float64)

    def _readable(self) -> None:
        packet = self._socket.recv(2048)
        if len(packet) > HEADERS and packet[29] & 0x7F == PCMU:
            self._payloads.append(packet[HEADERS:])


def only_to(raw: socket.socket, port: int) -> None:
    """Have the kernel pass on what goes to this UDP port, by a classic BPF program."""
    program = (
        (0xB1, 0, 0, 0),  # X: the length of the IP header
        (0x48, 0, 0, 2),  # A: the half-word at X + 2
        (0x15, 0, 1, port),  # is it this port?
        (0x06, 0, 0, 0xFFFF),  # then all of it
        (0x06, 0, 0, 0),  # else nothing
    )
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in program))
    filter_ = struct.pack("HL", len(program), ctypes.addressof(code))
    raw.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, filter_)
