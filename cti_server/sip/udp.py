"""
SIP over UDP (RFC 3261 §18): our own socket, because asyncio's datagram protocol is slow.

asyncio reads each datagram into a fresh buffer of 256 KiB; here one buffer is used again and again.
"""

import asyncio
import contextlib
import socket

from .errors import SipParseError
from .limits import Limits
from .message import parse
from .transport import Flow, Listen, Receiver

RECEIVE_BUFFER = 4 << 20  # bytes; holds some thousand messages while the loop is busy
REMEMBERED = 4096  # peers
BATCH = 64  # datagrams taken in before timers and other sockets get their turn
SMALLEST = 20  # bytes; less is a keep-alive (RFC 5626 §3.5) or noise

_FORCE = {socket.SO_RCVBUF: 33, socket.SO_SNDBUF: 32}  # SO_RCVBUFFORCE, SO_SNDBUFFORCE on Linux


class UdpTransport:
    """One bound socket, read whenever it is ready, written to directly."""

    name = "udp"

    def __init__(self, bound: socket.socket, receiver: Receiver, limits: Limits) -> None:
        self._socket = bound
        self._receiver = receiver
        self._limits = limits
        self._buffer = memoryview(bytearray(65536))
        self._loop = asyncio.get_running_loop()
        host, port = bound.getsockname()[:2]
        self.address: tuple[str, int] = (host, port)
        self._flows: dict[tuple[str, int], Flow] = {}
        self.unsent = 0
        """Datagrams that the kernel had no room for; the transaction sends them again."""
        self._loop.add_reader(bound, self._drain)

    def send(self, data: bytes, flow: Flow) -> None:
        try:
            self._socket.sendto(data, (flow.host, flow.port))
        except (BlockingIOError, InterruptedError):
            self.unsent += 1
        except OSError:
            self._loop.call_soon(self._receiver.failed, flow)

    def has(self, flow: Flow) -> bool:
        return flow.transport == self.name and flow.local == self.address

    async def close(self) -> None:
        self._loop.remove_reader(self._socket)
        self._socket.close()

    def _drain(self) -> None:
        buffer = self._buffer
        for _ in range(BATCH):
            try:
                size, address = self._socket.recvfrom_into(buffer)
            except (BlockingIOError, InterruptedError):
                return
            except OSError:
                continue  # an ICMP error of an earlier datagram; the socket is still good
            if size >= SMALLEST:
                self._receive(bytes(buffer[:size]), address)

    def _receive(self, data: bytes, address: tuple[str, int]) -> None:
        flow = self._flows.get(address) or self._new_flow(address)
        try:
            message = parse(data, self._limits)
        except SipParseError as error:
            self._receiver.rejected(error, flow)
        else:
            self._receiver.received(message, flow)

    def _new_flow(self, address: tuple[str, int]) -> Flow:
        if len(self._flows) >= REMEMBERED:
            self._flows.clear()
        flow = self._flows[address] = Flow("udp", address[0], address[1], self.address)
        return flow


async def open_udp(listen: Listen, receiver: Receiver, limits: Limits) -> UdpTransport:
    """Bind the socket. Raises OSError."""
    family = socket.AF_INET6 if ":" in listen.host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_DGRAM)
    try:
        bound.setblocking(False)
        _enlarge(bound, socket.SO_RCVBUF)
        _enlarge(bound, socket.SO_SNDBUF)
        bound.bind((listen.host, listen.port))
    except OSError:
        bound.close()
        raise
    return UdpTransport(bound, receiver, limits)


def _enlarge(bound: socket.socket, option: int) -> None:
    """Beyond the system's limit if we may, else up to it."""
    with contextlib.suppress(OSError):
        bound.setsockopt(socket.SOL_SOCKET, option, RECEIVE_BUFFER)
    with contextlib.suppress(OSError):
        bound.setsockopt(socket.SOL_SOCKET, _FORCE[option], RECEIVE_BUFFER)
