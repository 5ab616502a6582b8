"""
An RTP process of the generator: sends 50 packets a second on every started slot and hears them.

One plain epoll loop, as in the media worker: it has to cost less than what it measures. A slot is
a socket; slots have their places in a ring of 40 steps of half a millisecond, so that the
senders are spread evenly over the 20 ms however many of them there are.
"""

import contextlib
import gc
import resource
import select
import signal
import socket
import struct
import time
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Final

from cti_server.media.digits import KEYS, DigitSequence
from cti_server.media.rtp import HEADER, HEADER_SIZE, TICK, TICK_SAMPLES, VERSION

from .figures import Histogram
from .records import COMMAND, PRESS, START, STOP, Ready, Results, StreamProgress, StreamRecord, Work
from .stamp import FILL, HEADER_AND_STAMP, MAGIC, STAMP

STEPS: Final = 40
STEP: Final = TICK / STEPS
IDLE: Final = 0.05  # seconds to wait for a command while nothing is sent
BUSY: Final = 40  # streams; with fewer, the loop need not wake up for every step
QUIET_REST: Final = 0.001  # seconds
LATE: Final = 0.005  # seconds after its time at which a packet counts as late
HOPELESS: Final = 0.2
SAMPLED: Final = 8  # on every so many-th slot delays are measured, by the kernel's own time stamps
PROGRESS: Final = 0.2  # seconds
_GOLDEN: Final = 0.6180339887  # multiples of it fill a ring evenly, however many there are
_SO_TIMESTAMPNS: Final = 35  # asm-generic/socket.h
_TIMESPEC: Final = struct.Struct("qq")


class Slot:
    """One RTP port, and the stream that has it now."""

    __slots__ = (
        "count", "digits", "event_head", "expected", "first", "missing", "number", "packet",
        "peer", "port", "record", "sampled", "sequence", "socket", "speaks", "ssrc", "step",
        "timestamp",
    )  # fmt: skip

    def __init__(self, number: int, host: str) -> None:
        """Raises OSError."""
        self.number = number
        self.step = int(number * _GOLDEN % 1 * STEPS)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setblocking(False)
        self.socket.bind((host, 0))
        self.port: int = self.socket.getsockname()[1]
        # The two ends of a call have neighbouring numbers of no fixed order; an eighth is enough.
        self.sampled = number % SAMPLED == 0
        if self.sampled:
            self.socket.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        self.packet = bytearray(HEADER_SIZE + STAMP.size) + FILL
        self.record: StreamRecord | None = None
        self.speaks = False
        self.digits = DigitSequence()
        self.event_head = 0
        self.sequence = self.timestamp = self.ssrc = self.count = 0
        self.first = self.expected = self.peer = 0
        self.missing: set[int] = set()

    def start(self, stream: int, remote: tuple[str, int], event_type: int, speaks: bool) -> None:
        with contextlib.suppress(OSError):
            while True:
                self.socket.recv(2048)  # what an earlier call left behind
        self.socket.connect(remote)
        self.record = StreamRecord(stream)
        self.speaks = speaks
        self.event_head = VERSION | event_type if event_type else 0
        self.digits = DigitSequence()
        self.ssrc = stream
        self.sequence, self.timestamp, self.count = stream & 0x7FFF, stream * 7919 & 0xFFFFFFFF, 0
        self.first = self.expected = self.peer = 0
        self.missing.clear()

    def stop(self) -> StreamRecord | None:
        """What became of the stream."""
        record, self.record = self.record, None
        if record is not None:
            record.sent = self.count
            self._settle(record)
        return record

    def send_event(self) -> None:
        """The next 20 ms of a key."""
        step = self.digits.next()
        if step is not None and self.event_head:
            head = self.event_head | (0x80 if step.marker else 0)
            began = (self.timestamp - step.age) & 0xFFFFFFFF
            packet = HEADER.pack(head, self.sequence, began, self.ssrc) + step.payload
            with contextlib.suppress(OSError):
                self.socket.send(packet)
            self.sequence = (self.sequence + 1) & 0xFFFF
        self.timestamp = (self.timestamp + TICK_SAMPLES) & 0xFFFFFFFF

    def place(self, peer: int, count: int, now: float) -> None:
        """A stamped packet; the loop deals by itself with those that are simply the next one."""
        record = self.record
        if record is None:
            return
        if peer != self.peer:
            self._settle(record)
            self.peer = record.peer = peer
            record.peers += 1
            if record.first_at is None:
                record.first_at = now
            self.first, self.expected = count, count + 1
        elif count >= self.expected:
            self.missing.update(range(self.expected, count))
            self.expected = count + 1
        elif count in self.missing:
            self.missing.remove(count)
            record.out_of_order += 1
        else:
            record.copies += 1

    def _settle(self, record: StreamRecord) -> None:
        record.heard += self.expected - self.first - len(self.missing)
        record.lost += len(self.missing)
        self.missing.clear()
        self.first = self.expected


@dataclass(slots=True)
class _Doings:
    sent: int = 0
    late: int = 0
    unsent: int = 0
    records: list[StreamRecord] = field(default_factory=list)
    delays: Histogram = field(default_factory=Histogram)


class StreamLoop:
    """Carries out the commands of the signalling processes until ``finished``."""

    def __init__(self, slots: dict[int, Slot], commands: list[Connection], run: Connection) -> None:
        self._slots = slots
        self._run = run
        self._poll = select.epoll()
        self._by_fd: dict[int, Slot] = {}
        self._commands = {pipe.fileno(): pipe for pipe in [*commands, run]}
        for fd in self._commands:
            self._poll.register(fd, select.EPOLLIN)
        self._ring: list[list[Slot]] = [[] for _ in range(STEPS)]
        self._active = 0
        self._doings = _Doings()
        self._buffer = bytearray(2048)
        self._finished = False

    def run(self) -> Results:
        began, cpu = time.monotonic(), time.process_time()
        self._loop()
        for slot in list(self._by_fd.values()):
            self._stop(slot)
        doings = self._doings
        work = Work(
            "rtp",
            cpu=time.process_time() - cpu,
            wall=time.monotonic() - began,
            late=doings.late,
            done=doings.sent,
        )
        return Results(work, streams=doings.records, delays=doings.delays)

    def _loop(self) -> None:
        monotonic, sleep = time.monotonic, time.sleep
        step_at, at = monotonic(), 0
        progress_at = step_at
        while not self._finished:
            now = monotonic()
            if now >= progress_at:
                progress_at = now + PROGRESS
                self._tell_progress()
            if not self._active:
                self._take_in(IDLE)
                step_at = monotonic()
                continue
            if now - step_at > HOPELESS:
                skipped = int((now - step_at) / STEP)
                self._doings.late += skipped * self._active // STEPS
                step_at += skipped * STEP
                at = (at + skipped) % STEPS
            until = now  # not what becomes due meanwhile: commands must not wait for ever
            while step_at <= until:
                if ring := self._ring[at]:
                    self._send(ring)
                    if now - step_at > LATE:
                        self._doings.late += len(ring)
                at = (at + 1) % STEPS
                step_at += STEP
                now = monotonic()
            self._take_in(0.0)
            rest = 0.0 if self._active >= BUSY else QUIET_REST
            sleep(max(rest, step_at - monotonic()))

    def _send(self, ring: list[Slot]) -> None:
        pack_into, now_ns = HEADER_AND_STAMP.pack_into, time.time_ns
        for slot in ring:
            if slot.digits:
                slot.send_event()
                continue
            if not slot.speaks:
                continue
            packet, count = slot.packet, slot.count
            sequence, timestamp = slot.sequence, slot.timestamp
            pack_into(
                packet, 0, VERSION, sequence, timestamp, slot.ssrc, MAGIC, slot.ssrc, count,
                now_ns(),
            )  # fmt: skip
            try:
                slot.socket.send(packet)
            except OSError:
                self._doings.unsent += 1  # nobody is there any more; the call's end is on its way
            slot.count = count + 1
            slot.sequence = (sequence + 1) & 0xFFFF
            slot.timestamp = (timestamp + TICK_SAMPLES) & 0xFFFFFFFF
        self._doings.sent += len(ring)

    def _take_in(self, seconds: float) -> None:
        by_fd, buffer, unpack = self._by_fd, self._buffer, STAMP.unpack_from
        for fd, _ in self._poll.poll(seconds, 1024):
            slot = by_fd.get(fd)
            if slot is None:
                if fd in self._commands:
                    self._obey(fd)
                continue  # or it is of a stream that a command of this round has stopped
            try:
                if slot.sampled:
                    self._sample(slot)
                    continue
                slot.socket.recv_into(buffer)
            except OSError:
                continue
            magic, peer, count, _ = unpack(buffer, HEADER_SIZE)
            if magic != MAGIC:
                slot.record.others += 1  # type: ignore[union-attr]  # polled only while it has one
            elif count == slot.expected and peer == slot.peer:
                slot.expected = count + 1
            else:
                slot.place(peer, count, time.monotonic())

    def _sample(self, slot: Slot) -> None:
        """As above, with the kernel's time of arrival: a busy generator blames nobody else."""
        data, ancillary, _, _ = slot.socket.recvmsg(2048, 64)
        if slot.record is None or len(data) < HEADER_SIZE + STAMP.size:
            return
        magic, peer, count, sent_at = STAMP.unpack_from(data, HEADER_SIZE)
        if magic != MAGIC:
            slot.record.others += 1
            return
        if count == slot.expected and peer == slot.peer:
            slot.expected = count + 1
        else:
            slot.place(peer, count, time.monotonic())
        if ancillary:
            seconds, nanoseconds = _TIMESPEC.unpack(ancillary[0][2])
            self._doings.delays.add((seconds * 1_000_000_000 + nanoseconds - sent_at) / 1e6)

    def _obey(self, fd: int) -> None:
        pipe = self._commands[fd]
        try:
            data = pipe.recv_bytes()
        except (EOFError, OSError):
            self._poll.unregister(fd)
            self._finished = self._finished or pipe is self._run
            return
        if pipe is self._run:
            self._finished = True
            return
        kind, number, stream, host, port, event_type, flag = COMMAND.unpack(data)
        slot = self._slots[number]
        if kind == START:
            self._stop(slot)
            remote = (socket.inet_ntoa(host), port)
            slot.start(stream, remote, event_type, bool(flag))
            self._start(slot)
        elif kind == PRESS:
            slot.digits.append(KEYS[flag], 100, 80)
        elif kind == STOP:
            self._stop(slot)

    def _start(self, slot: Slot) -> None:
        self._ring[slot.step].append(slot)
        self._active += 1
        self._by_fd[slot.socket.fileno()] = slot
        self._poll.register(slot.socket, select.EPOLLIN)

    def _stop(self, slot: Slot) -> None:
        record = slot.stop()
        if record is None:
            return
        self._doings.records.append(record)
        self._ring[slot.step].remove(slot)
        self._active -= 1
        del self._by_fd[slot.socket.fileno()]
        self._poll.unregister(slot.socket)

    def _tell_progress(self) -> None:
        talking = sum(
            slot.record is not None and slot.record.peers > 0 for slot in self._by_fd.values()
        )
        doings = self._doings
        self._run.send(StreamProgress(doings.sent, doings.late, talking))


def main(run: Connection, commands: list[Connection], counts: list[int], host: str) -> None:
    """The process: so many slots for each signalling process, told to it by its pipe."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the run decides when it is over
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    try:
        slots = {number: Slot(number, host) for number in range(sum(counts))}
    except OSError as error:
        run.send(Ready(refused=f"no RTP port: {error.strerror or error}"))
        return
    first = 0
    for pipe, count in zip(commands, counts, strict=True):
        pipe.send([(number, slots[number].port) for number in range(first, first + count)])
        first += count
    gc.collect()
    gc.freeze()
    run.send(Ready())
    run.send(StreamLoop(slots, commands, run).run())
