"""
The packet loop: one epoll over every socket of a worker, and a tick every 20 ms.

It is one function and not an event loop with callbacks, and what a plain packet needs is written
out in it, because that is where the worker's CPU time goes (docs/adr/0006-media-loop.md).
"""

import select
import time
from collections.abc import Callable
from typing import Final

import structlog

from .incoming import Incoming
from .rtp import HEADER, HEADER_SIZE, TICK

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

Ready = Callable[[], None]


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
        self._streams: list[Incoming | None] = []  # by file descriptor
        self._others: dict[int, Ready] = {}
        self.buffer = bytearray(BUFFER_SIZE)

    def watch(self, fd: int, ready: Ready) -> None:
        self._streams += [None] * (fd + 1 - len(self._streams))
        self._poll.register(fd, select.EPOLLIN)
        self._others[fd] = ready

    def watch_writable(self, fd: int, wanted: bool) -> None:
        self._poll.modify(fd, select.EPOLLIN | (select.EPOLLOUT if wanted else 0))

    def watch_stream(self, fd: int, stream: Incoming) -> None:
        """Packets of a connected socket, which its ``recv_into`` reads."""
        self._streams += [None] * (fd + 1 - len(self._streams))
        self._poll.register(fd, select.EPOLLIN)
        self._streams[fd] = stream

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
        unpack, pack_into = HEADER.unpack_from, HEADER.pack_into
        whole = memoryview(buffer)
        # All the slices that are needed, made once.
        packets = [whole[:size] for size in range(BUFFER_SIZE + 1)]
        payloads = [whole[min(HEADER_SIZE, size) : size] for size in range(BUFFER_SIZE + 1)]
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
            if rest:
                sleep(rest)
                ready = poll(0, 1024)
            else:
                ready = poll(max(0.0, tick_at - now) if self.ticking else IDLE_WAIT, 1024)
            now = monotonic()
            counted += len(ready)
            for fd, _ in ready:
                stream = streams[fd]
                if stream is None:
                    # One that an earlier callback of this round has closed is not there any more.
                    if (other := others.get(fd)) is not None:
                        guarded(other)
                    continue
                recv_into = stream.recv_into  # not called as a method: that would be slower
                try:
                    size = recv_into(buffer)  # type: ignore[misc]  # set while watched
                except OSError:
                    continue  # an ICMP error for what we sent; reading it has cleared it
                head, seq, timestamp, ssrc = unpack(buffer)
                if (
                    head != stream.head
                    or seq != stream.next & 0xFFFF
                    or ssrc != stream.ssrc
                    or size != stream.size
                ):
                    guarded(stream.receive, buffer, size, now)
                    continue
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
                        line.buffer += payloads[size]
                        line.next_timestamp = (timestamp + size - HEADER_SIZE) & 0xFFFFFFFF
                    else:
                        stream.channel.place(timestamp, bytes(payloads[size]), now)  # type: ignore[union-attr]
                to = stream.to
                if to is None:
                    continue
                table = stream.table
                if table is not None:
                    buffer[HEADER_SIZE:size] = buffer[HEADER_SIZE:size].translate(table)
                pack_into(
                    buffer,
                    0,
                    to.head,
                    (seq + stream.sequence_shift) & 0xFFFF,
                    (timestamp + stream.timestamp_shift) & 0xFFFFFFFF,
                    to.ssrc,
                )
                send = to.send
                try:
                    send(packets[size])  # type: ignore[misc]  # a relay ends when it becomes None
                except OSError:
                    continue  # nobody is there, or not yet: RTP goes on regardless
                to.sent += 1
                to.octets += size
