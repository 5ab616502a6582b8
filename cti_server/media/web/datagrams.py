# cython: annotation_typing=False, boundscheck=False, wraparound=False, initializedcheck=False
"""
The browsers' datagrams: all that wait in their one socket are read by one system call, and all that
are to go out through it are sent by one.

Audio goes from the socket to the stream, and from the relay to the socket, without Python in
between: this is compiled, as :mod:`..packets` is, with the types in ``datagrams.pxd``. Uncompiled
there are no lanes, and every datagram takes the long way.
"""

import socket
import struct
from collections.abc import Mapping
from typing import Any, Final, Protocol

import cython

from ..packets import BUFFER_SIZE, StreamIn, Way, guarded
from ..rtp import HEADER_SIZE
from .srtp import LONGEST_PLAIN, NATIVE, Srtp

if cython.compiled:
    from cython.cimports.cpython.bytearray import PyByteArray_AS_STRING
    from cython.cimports.cpython.bytes import (
        PyBytes_AS_STRING,
        PyBytes_FromStringAndSize,
    )
    from cython.cimports.cti_server.media.packets import in_place
    from cython.cimports.cti_server.media.sockets import recvmmsg, sendmmsg, sockaddr_in6
    from cython.cimports.libc.errno import EAGAIN, errno
    from cython.cimports.libc.string import memcpy

AT_ONCE: Final = 32  # datagrams in one system call; as large as the arrays in datagrams.pxd
BATCH: Final = 256  # datagrams that are read before the loop may look at something else
KNOWN_NAMES: Final = 4096  # a flood of made-up senders is not to fill the memory

# In C where compiled, and so not the names that other modules use.
_AT_ONCE = AT_ONCE
_ROOM = BUFFER_SIZE
_LONGEST = LONGEST_PLAIN
_SHORTEST = HEADER_SIZE
# sockaddr_in and sockaddr_in6; what is in the network's order is bytes here.
_NAME_V4 = struct.Struct("=H2s4s8x")
_NAME_V6 = struct.Struct("=H2s4x16sI")

Address = tuple[str, int]


class Speaker(Protocol):
    """Who may have a lane: a :class:`~.peer.Peer`."""

    lane: "Lane | None"


class Path(Protocol):
    """What is known of an address: a :class:`~.peer.Path`."""

    @property
    def peer(self) -> Speaker: ...
    def hear(self, now: float) -> None: ...


class SharedSocket:
    """
    A UDP socket that all browsers share.

    ``paths`` tells whose each address is. What the lanes send goes out with :meth:`flush`, or once
    there is no room for more.
    """

    # The kernel's structures, one for each datagram (see datagrams.pxd).
    _received: Any
    _sources: Any
    _arriving_at: Any
    _sent: Any
    _leaving_from: Any

    def __init__(self, shared: socket.socket, paths: Mapping[Any, Path]) -> None:
        self.socket = shared
        self._fd = shared.fileno()
        self._paths = paths
        self._addresses: dict[bytes, Address] = {}  # by the kernel's names for them
        self._gathered = 0
        self._targets = [b""] * AT_ONCE
        self._slots = [bytearray(BUFFER_SIZE) for _ in range(AT_ONCE)]
        self._leaving = bytearray(BUFFER_SIZE * AT_ONCE)
        if cython.compiled:
            self._lay_out()

    def read(self, now: float) -> list[tuple[bytes, Address]]:
        """Take in what waits; returns all of it but the audio that lanes have dealt with."""
        others: list[tuple[bytes, Address]] = []
        for _ in range(BATCH // AT_ONCE):
            if self._read_some(others, now) < _AT_ONCE:
                break
        return others

    def flush(self) -> None:
        """Send what was gathered; as ever in RTP, what the kernel does not take now is lost."""
        if cython.compiled:
            first = 0
            while first < self._gathered:
                count = self._gathered - first
                sent = sendmmsg(self._fd, cython.address(self._sent[first]), count, 0)
                if sent < 0 and errno == EAGAIN:
                    break
                first += sent if sent > 0 else 1  # an error is of the first of them
            self._gathered = 0

    def lane(self, srtp: Srtp, stream: StreamIn) -> "Lane | None":
        """The short way of a peer's audio, where there is one."""
        return Lane(self, srtp, stream) if cython.compiled and NATIVE else None

    def _gather(self, name: bytes, size: int) -> None:
        """What was written to the next place is to go there."""
        at = self._gathered
        self._targets[at] = name  # kept until it is sent
        self._leaving_from[at].iov_len = size
        self._sent[at].msg_hdr.msg_name = PyBytes_AS_STRING(name)
        self._sent[at].msg_hdr.msg_namelen = len(name)
        self._gathered += 1
        if self._gathered == _AT_ONCE:
            self.flush()

    def _read_some(self, others: list[tuple[bytes, Address]], now: float) -> int:
        """As much as goes into one system call; returns how many datagrams that were."""
        if not cython.compiled:
            return self._read_singly(others, now)
        for at in range(_AT_ONCE):
            self._received[at].msg_hdr.msg_namelen = cython.sizeof(sockaddr_in6)
        count: int = recvmmsg(self._fd, self._received, _AT_ONCE, 0, cython.NULL)
        if count < 0:
            return 0 if errno == EAGAIN else _AT_ONCE  # reading an ICMP error has cleared it
        for at in range(count):
            name = PyBytes_FromStringAndSize(
                cython.cast("char *", cython.address(self._sources[at])),
                self._received[at].msg_hdr.msg_namelen,
            )
            address = self._addresses.get(name)
            if address is None:
                address = self._learn(name)
            self._take(self._slots[at], self._received[at].msg_len, address, others, now)
        return count

    def _read_singly(self, others: list[tuple[bytes, Address]], now: float) -> int:
        datagram = self._slots[0]
        for count in range(_AT_ONCE):
            try:
                size, source = self.socket.recvfrom_into(datagram)
            except BlockingIOError:
                return count
            except OSError:
                continue
            self._take(datagram, size, source[:2], others, now)
        return _AT_ONCE

    def _take(
        self,
        datagram: bytearray,
        size: int,
        address: Address,
        others: list[tuple[bytes, Address]],
        now: float,
    ) -> None:
        path = self._paths.get(address)
        lane = path.peer.lane if path is not None else None
        # RTP, and not RTCP (RFC 7983 §7, RFC 5761 §4).
        is_rtp = size > _SHORTEST and datagram[0] & 0xC0 == 0x80 and not 192 <= datagram[1] <= 223
        if path is None or lane is None or not is_rtp:
            others.append((bytes(datagram[:size]), address))
            return
        size = lane.unprotect(datagram, size)
        if size > 0:
            path.hear(now)
            if not in_place(lane.stream, datagram, size, now):
                guarded(lane.stream.receive, datagram, size, now)

    def _learn(self, name: bytes) -> Address:
        """What Python's sockets call it."""
        if len(self._addresses) >= KNOWN_NAMES:
            self._addresses.clear()
        address = self._addresses[name] = address_of(name)
        return address

    def _lay_out(self) -> None:
        """Tell the kernel's structures once where each datagram is."""
        for at in range(_AT_ONCE):
            self._arriving_at[at].iov_base = PyByteArray_AS_STRING(self._slots[at])
            self._arriving_at[at].iov_len = _ROOM
            self._received[at].msg_hdr.msg_name = cython.address(self._sources[at])
            self._received[at].msg_hdr.msg_iov = cython.address(self._arriving_at[at])
            self._received[at].msg_hdr.msg_iovlen = 1
            self._leaving_from[at].iov_base = PyByteArray_AS_STRING(self._leaving) + at * _ROOM
            self._sent[at].msg_hdr.msg_iov = cython.address(self._leaving_from[at])
            self._sent[at].msg_hdr.msg_iovlen = 1


class Lane(Way):
    """
    The audio of one peer connection, both ways; only where this is compiled.

    What it says is ``stream``'s; what is passed on to it goes out with the next flush. ``srtp`` has
    the keys, and is kept for as long as they are used.
    """

    __slots__ = ("_name", "_shared", "_srtp", "stream")

    def __init__(self, shared: SharedSocket, srtp: Srtp, stream: StreamIn) -> None:
        self.stream = stream
        self._shared = shared
        self._srtp = srtp
        self._name = b""
        protect, unprotect = NATIVE or (0, 0)
        self._protect = cython.cast("Convert", cython.cast("size_t", protect))
        self._unprotect = cython.cast("Convert", cython.cast("size_t", unprotect))
        self._outbound = cython.cast("void *", cython.cast("size_t", srtp.outbound))
        self._inbound = cython.cast("void *", cython.cast("size_t", srtp.inbound))

    def lead_to(self, address: Address) -> None:
        """Where it is; raises OSError if that is no address."""
        self._name = name_of(address, self._shared.socket.family)

    def send(self, packet: bytes | bytearray | memoryview) -> int:
        """Any RTP packet, after those that were passed on before; 0 if it can't be protected."""
        data = bytearray(packet)
        return self.pass_on(cython.cast("unsigned char *", PyByteArray_AS_STRING(data)), len(data))

    def pass_on(self, data: Any, size: int) -> int:
        """The same with a plain one, where it is."""
        if not _SHORTEST <= size <= _LONGEST:
            return 0
        shared = self._shared
        at = shared._gathered  # noqa: SLF001
        place = cython.cast("char *", shared._leaving_from[at].iov_base)  # noqa: SLF001
        memcpy(place, data, size)
        length = cython.cast("int", size)
        if self._protect(self._outbound, place, cython.address(length)):
            return 0
        shared._gather(self._name, length)  # noqa: SLF001
        return size

    def unprotect(self, datagram: bytearray, size: int) -> int:
        """In its place; returns the packet's size, 0 for what is forged, a copy, or no SRTP."""
        length = cython.cast("int", size)
        data = PyByteArray_AS_STRING(datagram)
        return 0 if self._unprotect(self._inbound, data, cython.address(length)) else length


def name_of(address: Address, family: int) -> bytes:
    """An address as the kernel has it: sockaddr_in, sockaddr_in6. Raises OSError if it is none."""
    found = socket.getaddrinfo(*address[:2], family, flags=socket.AI_NUMERICHOST)
    where: tuple[Any, ...] = found[0][4]
    host = socket.inet_pton(family, where[0].partition("%")[0])
    port = where[1].to_bytes(2, "big")
    if family == socket.AF_INET6:
        return _NAME_V6.pack(family, port, host, where[3])
    return _NAME_V4.pack(family, port, host)


def address_of(name: bytes) -> Address:
    """The same the other way round; only the number of a link-local address's interface is kept."""
    if len(name) == _NAME_V4.size:
        family, port, host = _NAME_V4.unpack(name)
        scope = 0
    else:
        family, port, host, scope = _NAME_V6.unpack(name)
    text = socket.inet_ntop(family, host)
    return (f"{text}%{scope}" if scope else text), int.from_bytes(port, "big")
