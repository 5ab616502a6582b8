# cython: annotation_typing=False, boundscheck=False, wraparound=False, initializedcheck=False
"""
The packet loop: one epoll over every socket of a worker, and a tick every 20 ms.

It is one function and not an event loop with callbacks, and what a plain packet needs is written
out here, because that is where the worker's CPU time goes (docs/adr/0006-media-loop.md). This one
module is compiled by Cython, with the types in ``packets.pxd``; without a C compiler it runs as it
stands, at about twice the CPU time (docs/adr/0007-compiled-packets.md).
"""

import select
import time
from collections.abc import Callable
from typing import Any, Final

import cython
import structlog

from .rtp import HEADER_SIZE, MARKER, TICK, TICK_SAMPLES

if cython.compiled:
    from cython.cimports.cpython.bytearray import PyByteArray_AS_STRING, PyByteArray_Resize
    from cython.cimports.cti_server.media.sockets import recv, send
    from cython.cimports.libc.string import memcpy
else:
    import os

BUFFER_SIZE: Final = 2048  # a longer datagram is cut, and then it is no voice packet
log = structlog.get_logger()

# With many streams the loop rests a moment so that more packets share one system call; nobody hears
# half a millisecond. Below this many packets in a tick there would be nothing to share.
REST: Final = 0.0005
BUSY: Final = 40
IDLE_WAIT: Final = 1.0  # seconds between looks at the stop flag while there is no leg
LATE: Final = 0.005  # seconds after its time at which a tick counts as late
# So far behind (a stopped process), ticks are left out instead of being made up for in a burst.
HOPELESS: Final = 0.2

# In C where compiled, and so not the names that other modules use.
_HEADER = HEADER_SIZE
_LARGEST = BUFFER_SIZE
_WORD = 0xFFFFFFFF
_PACKET = bytearray(BUFFER_SIZE)
_DONE = -1  # of :func:`_read`: nothing is left to do

COMPILED: Final = bool(cython.compiled)

Ready = Callable[[], None]
Send = Callable[[bytes | bytearray | memoryview], int]


class Line:
    """
    Where a stream's audio is gathered: ``buffer``, in samples of one octet.

    A packet whose timestamp is ``next_timestamp`` is appended by the loop itself.
    """

    __slots__ = ("buffer", "next_timestamp")

    def __init__(self) -> None:
        self.buffer = bytearray()
        self.next_timestamp = -1  # none yet


class Way:
    """How a packet goes to where it takes more than to write it to a socket."""

    def pass_on(self, data: Any, size: int) -> int:
        """Returns 0 if it can't be sent."""
        raise NotImplementedError


class StreamOut:
    """
    The stream to one leg: what a relay needs of it, and how a packet of our own is sent.

    ``fd`` is a connected socket's, -1 where more is to be done than to write to one: that does
    ``way``, or where there is none :attr:`send`, which is None while there is nowhere to send to,
    or we may not. ``at`` is when the audio of ``timestamp`` is due.
    """

    __slots__ = (
        "at", "fd", "head", "marker_due", "octets", "send", "sent", "sequence", "ssrc", "tick",
        "timestamp", "way",
    )  # fmt: skip

    def __init__(self) -> None:
        self.fd = -1
        self.way: Way | None = None
        self.send: Send | None = None
        self.head = 0  # the first word of a plain packet
        self.ssrc = 0
        self.sequence = self.timestamp = 0  # of the next packet of our own
        self.at = 0.0
        self.tick = TICK_SAMPLES  # timestamp units in 20 ms
        self.marker_due = True
        self.sent = 0  # packets
        self.octets = 0  # with the headers

    def send_audio(self, payload: bytes) -> None:
        """One packet of 20 ms."""
        head = self.head
        if self.marker_due:
            head |= MARKER
            self.marker_due = False
        self.send_packet(head, self.timestamp, payload)
        self.pass_time()

    def send_packet(self, head: int, timestamp: int, payload: bytes) -> None:
        """The next packet of our own, if there is somewhere to send it to."""
        if self.send is None:
            return
        size = _HEADER + len(payload)
        data = _outgoing(payload, size)
        _put(data, head, self.sequence, timestamp, self.ssrc)
        self.sequence = (self.sequence + 1) & 0xFFFF
        _send(self, data, size)

    def pass_time(self) -> None:
        """20 ms of silence, or of something that was sent."""
        self.timestamp = (self.timestamp + self.tick) & _WORD
        self.at += TICK


class StreamIn:
    """
    What the loop needs of the stream from one leg.

    A packet with this ``head``, ``size`` and ``ssrc`` and the ``next`` sequence number is dealt
    with by the loop; every other one is for :meth:`receive`.
    """

    __slots__ = (
        "channel", "head", "jitter", "line", "next", "sequence_shift", "size", "ssrc", "table",
        "tap", "timestamp", "timestamp_shift", "to", "transit",
    )  # fmt: skip

    def __init__(self) -> None:
        self.head = -1
        self.next = 0  # extended sequence number of the packet that is due
        self.ssrc = -1  # none yet
        self.size = 0  # octets of a packet
        self.timestamp = 0  # of the latest packet in order
        self.transit = 0.0  # its arrival minus its timestamp, in seconds
        self.jitter = 0.0  # seconds
        self.sequence_shift = self.timestamp_shift = 0
        self.table: bytes | None = None  # from our law to that of ``to``
        self.line: Line | None = None  # where the payload is gathered as it is
        self.channel: Any = None
        self.tap: Any = None  # a list, for who mixes the stream
        self.to: Any = None  # a StreamOut

    def receive(self, packet: bytearray, size: int, now: float) -> bool:
        raise NotImplementedError


class Cursor:
    """A place in audio that is sent piece by piece, in the law of who gets it."""

    __slots__ = ("audio", "position")

    def __init__(self) -> None:
        self.audio = b""
        self.position = 0

    def send_next(self, to: StreamOut) -> bool:
        """Send the next 20 ms; False, and nothing done, where less than that is left."""
        end = self.position + TICK_SAMPLES
        if end > len(self.audio):
            return False
        to.send_audio(self.audio[self.position : end])
        self.position = end
        return True


def guarded(action: Callable[..., object], *arguments: object) -> bool:
    """
    One of the nets: an error of ours costs one packet or step, not every call of the worker.

    Returns whether it went well.
    """
    try:
        action(*arguments)
    except Exception:
        log.exception("media.step_failed", step=getattr(action, "__qualname__", ""))
        return False
    return True


class PacketLoop:
    """Waits, reads, relays; everything else is asked of ``on_tick`` and the callbacks."""

    def __init__(self, on_tick: Callable[[float], None]) -> None:
        self.ticking = False  # there are legs
        self.late_ticks = 0
        self.stopped = False
        self._on_tick = on_tick
        self._poll = select.epoll()
        self._before_waiting: list[Ready] = []
        self._streams: list[StreamIn | None] = []  # by file descriptor
        self._others: dict[int, Ready] = {}
        self.buffer = bytearray(BUFFER_SIZE)

    def before_waiting(self, ready: Ready) -> None:
        """Call this whenever all that had come was dealt with, also by a tick."""
        self._before_waiting.append(ready)

    def watch(self, fd: int, ready: Ready) -> None:
        self._streams += [None] * (fd + 1 - len(self._streams))
        self._poll.register(fd, select.EPOLLIN)
        self._others[fd] = ready

    def watch_writable(self, fd: int, wanted: bool) -> None:
        self._poll.modify(fd, select.EPOLLIN | (select.EPOLLOUT if wanted else 0))

    def watch_stream(self, fd: int, stream: StreamIn) -> None:
        """All that comes to this connected socket is a packet of the stream."""
        self._streams += [None] * (fd + 1 - len(self._streams))
        self._poll.register(fd, select.EPOLLIN)
        self._streams[fd] = stream

    def take(self, stream: StreamIn, packet: bytes, now: float) -> None:
        """A packet of the stream that came another way than by a socket of its own."""
        size = len(packet)
        if size > BUFFER_SIZE:
            return
        self.buffer[:size] = packet
        if not in_place(stream, self.buffer, size, now):
            guarded(stream.receive, self.buffer, size, now)

    def forget(self, fd: int) -> None:
        """Before the socket is closed."""
        self._poll.unregister(fd)
        self._streams[fd] = None
        self._others.pop(fd, None)

    def close(self) -> None:
        self._poll.close()

    def run(self) -> None:
        """Until :attr:`stopped`."""
        monotonic, sleep, poll = time.monotonic, time.sleep, self._poll.poll
        streams, others, buffer = self._streams, self._others, self.buffer
        rest, counted, idle = 0.0, 0, True
        tick_at = monotonic()
        while not self.stopped:
            now = monotonic()
            if not self.ticking:
                idle, rest = True, 0.0
            elif idle:
                idle, tick_at = False, now + TICK
            elif now >= tick_at:
                if now - tick_at > LATE:
                    self.late_ticks += 1
                    if now - tick_at > HOPELESS:
                        tick_at = now
                guarded(self._on_tick, tick_at)
                tick_at += TICK
                rest, counted = REST if counted >= BUSY else 0.0, 0
                now = monotonic()
            for flush in self._before_waiting:
                guarded(flush)
            if rest:
                sleep(rest)
                ready = poll(0, 1024)
            else:
                ready = poll(max(0.0, tick_at - now) if self.ticking else IDLE_WAIT, 1024)
            now = monotonic()
            counted += len(ready)
            for fd, _ in ready:
                stream = streams[fd]
                if stream is not None:
                    size = _read(stream, fd, buffer, now)
                    if size != _DONE:
                        guarded(stream.receive, buffer, size, now)
                # One that an earlier callback of this round has closed is not there any more.
                elif (other := others.get(fd)) is not None:
                    guarded(other)


def _read(stream: StreamIn, fd: int, buffer: bytearray, now: float) -> int:
    """Read a packet and deal with it; the size of one that is for the long way, or _DONE."""
    if cython.compiled:
        size = recv(fd, PyByteArray_AS_STRING(buffer), _LARGEST, 0)
        if size < 0:
            return _DONE  # an ICMP error for what we sent; reading it has cleared it
    else:
        try:
            size = os.readv(fd, [buffer])
        except OSError:
            return _DONE
    return _DONE if in_place(stream, buffer, size, now) else size


def in_place(stream: StreamIn, buffer: bytearray, size: int, now: float) -> bool:
    """Deal with a plain packet in its place; False, and nothing done, if it is another."""
    data = (
        cython.cast("unsigned char *", PyByteArray_AS_STRING(buffer)) if cython.compiled else buffer
    )
    if size != stream.size or size < _HEADER or data[0] << 8 | data[1] != stream.head:
        return False
    ssrc = data[8] << 24 | data[9] << 16 | data[10] << 8 | data[11]
    seq = data[2] << 8 | data[3]
    if ssrc != stream.ssrc or seq != stream.next & 0xFFFF:
        return False
    timestamp = data[4] << 24 | data[5] << 16 | data[6] << 8 | data[7]
    stream.next += 1
    transit = now - timestamp * 0.000125
    step = transit - stream.transit
    if step < 0.0:
        step = -step
    if step < 10.0:  # LONGEST_TRANSIT_STEP
        stream.jitter += (step - stream.jitter) * 0.0625
    stream.transit = transit
    stream.timestamp = timestamp
    line = stream.line
    if line is not None:
        if timestamp == line.next_timestamp:
            _append(line, data, size)
            line.next_timestamp = (timestamp + size - _HEADER) & _WORD
        else:
            stream.channel.place(timestamp, bytes(buffer[_HEADER:size]), now)
    if stream.tap is not None:
        stream.tap.append((data[1] & 0x7F, seq, timestamp, bytes(buffer[_HEADER:size]), now))
    if stream.to is not None:
        _relay(stream, stream.to, buffer, data, size, seq, timestamp)
    return True


def _append(line: Line, data: Any, size: int) -> None:
    """The payload, to the end of the line's buffer."""
    count = size - _HEADER
    if cython.compiled:
        length = len(line.buffer)
        PyByteArray_Resize(line.buffer, length + count)
        memcpy(PyByteArray_AS_STRING(line.buffer) + length, data + _HEADER, count)
    else:
        line.buffer += memoryview(data)[_HEADER:size]


def _relay(
    stream: StreamIn,
    to: StreamOut,
    buffer: bytearray,
    data: Any,
    size: int,
    seq: int,
    timestamp: int,
) -> None:
    """The packet with the other leg's numbers, in its law, to the other leg."""
    table = stream.table
    if table is not None:
        for at in range(_HEADER, size):
            data[at] = table[data[at]]
    _put(data, to.head, seq + stream.sequence_shift, timestamp + stream.timestamp_shift, to.ssrc)
    _send(to, data, size)


def _send(to: StreamOut, data: Any, size: int) -> None:
    """Send it and count it; if nobody is there, or not yet, RTP goes on regardless."""
    if to.fd >= 0:
        if cython.compiled:
            sent = send(to.fd, data, size, 0)
        else:
            try:
                sent = os.write(to.fd, memoryview(data)[:size])
            except OSError:
                sent = -1
        if sent < 0:
            return
    elif to.way is not None:
        if not to.way.pass_on(data, size):
            return
    elif to.send is not None:
        try:
            to.send(bytes(data[:size]))
        except OSError:
            return
    to.sent += 1
    to.octets += size


def _outgoing(payload: bytes, size: int) -> Any:
    """A packet with this payload, its header still to be written; valid until the next one."""
    if size > _LARGEST:
        raise ValueError(f"{size} octets are no voice packet")
    if cython.compiled:
        data = cython.cast("unsigned char *", PyByteArray_AS_STRING(_PACKET))
        memcpy(data + _HEADER, cython.cast("char *", payload), size - _HEADER)
    else:
        data = _PACKET
        data[_HEADER:size] = payload
    return data


def _put(data: Any, head: int, seq: int, timestamp: int, ssrc: int) -> None:
    """Write the fixed header."""
    data[0] = head >> 8 & 0xFF
    data[1] = head & 0xFF
    data[2] = seq >> 8 & 0xFF
    data[3] = seq & 0xFF
    data[4] = timestamp >> 24 & 0xFF
    data[5] = timestamp >> 16 & 0xFF
    data[6] = timestamp >> 8 & 0xFF
    data[7] = timestamp & 0xFF
    data[8] = ssrc >> 24 & 0xFF
    data[9] = ssrc >> 16 & 0xFF
    data[10] = ssrc >> 8 & 0xFF
    data[11] = ssrc & 0xFF
