# cython: annotation_typing=False, boundscheck=False, wraparound=False, initializedcheck=False
"""
The streams that nobody hears, not even a recording: they are read now and then.

Who listens to a prompt or to music sends fifty packets a second all the same. To be woken for each
of them costs more than to read it, so they wait for a tick (docs/adr/0009-visited-streams.md). The
kernel stamps each with the time of its arrival, and so jitter and silences are what they were. This
is compiled, as :mod:`.packets` is; uncompiled every stream is read as it comes.
"""

import time
from typing import Any, Final

import cython

from .packets import BUFFER_SIZE, PacketLoop, StreamIn, guarded

if cython.compiled:
    from cython.cimports.cpython.bytearray import PyByteArray_AS_STRING
    from cython.cimports.cti_server.media.packets import in_place
    from cython.cimports.cti_server.media.sockets import (
        CMSG_DATA,
        CMSG_FIRSTHDR,
        SO_TIMESTAMPNS,
        SOL_SOCKET,
        recvmsg,
        setsockopt,
    )
    from cython.cimports.libc.errno import EAGAIN, errno

# From one visit to the next. What is said may be a key, and a prompt is not to be felt to go on
# after it.
TURNS: Final = 3
MOST_WAITING: Final = 64  # packets that are read at one visit
LONGEST_WAIT: Final = 1.0  # seconds; the stamp of one that waited longer is of a clock that was set


class Visits:
    """Takes connected sockets from the loop's care, and gives them back."""

    # Of the packet that was read last (see visits.pxd).
    _message: Any
    _place: Any
    _stamp: Any

    def __init__(self, loop: PacketLoop) -> None:
        self._loop = loop
        self._turns: list[dict[int, StreamIn]] = [{} for _ in range(TURNS)]
        self._turn = 0
        self._buffer = bytearray(BUFFER_SIZE)

    def begin(self, fd: int, stream: StreamIn) -> bool:
        """Visit a stream that the loop watched; False, and nothing done, where that can't be."""
        if not cython.compiled:
            return False
        on = 1
        stamped = setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, cython.address(on), cython.sizeof(on))
        if stamped < 0:
            return False
        self._loop.forget(fd)
        min(self._turns, key=len)[fd] = stream
        return True

    def end(self, fd: int) -> None:
        """If it is one of these: what has come is read now, and the rest by the loop."""
        for streams in self._turns:
            if (stream := streams.pop(fd, None)) is not None:
                self._read(stream, fd)
                self._loop.watch_stream(fd, stream)

    def tick(self) -> None:
        """Visit those whose turn it is."""
        self._turn += 1
        streams = self._turns[self._turn % TURNS]
        for fd, stream in list(streams.items()):
            if streams.get(fd) is stream:  # what the others said may have ended it
                self._read(stream, fd)

    def _read(self, stream: StreamIn, fd: int) -> None:
        """
        Take in all that waits.

        What a packet leads to may lead here again, for another stream, while it is dealt with. So
        nothing is kept here from one packet to the next.
        """
        now = time.monotonic()
        ahead = now - time.time()
        for _ in range(MOST_WAITING):
            size = self._receive(fd)
            if size < 0:
                if errno == EAGAIN:
                    return
                continue  # an ICMP error for what we sent; reading it has cleared it
            at = self._arrived(now, ahead)
            if not in_place(stream, self._buffer, size, at):
                guarded(stream.receive, self._buffer, size, at)

    def _receive(self, fd: int) -> int:
        self._place.iov_base = PyByteArray_AS_STRING(self._buffer)
        self._place.iov_len = len(self._buffer)
        self._message.msg_iov = cython.address(self._place)
        self._message.msg_iovlen = 1
        self._message.msg_control = self._stamp
        self._message.msg_controllen = cython.sizeof(self._stamp)
        size: int = recvmsg(fd, cython.address(self._message), 0)
        return size

    def _arrived(self, now: float, ahead: float) -> float:
        """When the packet came; ``ahead`` is our clock's lead over the one of the stamps."""
        header = CMSG_FIRSTHDR(cython.address(self._message))
        if header == cython.NULL or header.cmsg_type != SO_TIMESTAMPNS:
            return now
        stamp = cython.cast("timespec *", CMSG_DATA(header))
        at: float = stamp.tv_sec + stamp.tv_nsec * 1e-9 + ahead
        return at if now - LONGEST_WAIT < at < now else now
