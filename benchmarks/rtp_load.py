"""
A neutral RTP load generator: it knows nothing of the platform, and measures itself.

Reads one JSON object from standard input: ``{"host", "pairs": [[local_a, remote_a, local_b,
remote_b], …], "seconds", "warm_up"}``. For every pair it sends 50 packets a second from ``local_a``
to ``remote_a`` and from ``local_b`` to ``remote_b`` (G.711, 20 ms, 172 bytes), the streams spread
evenly over the 20 ms, and expects what it sends on one side to come out at the other. Every
payload carries its stream's sequence number and its time of sending; the arrival is the kernel's
own time stamp (SO_TIMESTAMPNS, on every eighth socket), so a busy generator does not blame the
relay. Prints "ready" once its sockets are there, waits for a line, runs, prints one JSON object;
``spoken`` in it is what each socket sent: the number of its packets, and the SHA-256 of all its
audio.

It is *late*, and says so, when more than 1 % of its packets left 5 ms or more after their time.
"""

import contextlib
import hashlib
import json
import select
import socket
import struct
import sys
import time
from typing import Any

SO_TIMESTAMPNS = 35
TICK = 0.02
LATE = 0.005
STAMP = struct.Struct("!QI")
HEADER = struct.Struct("!BBHII")
FILL = bytes(0xD5 ^ (i & 0x7F) for i in range(160 - STAMP.size))


class Stream:
    """What one socket sends, and what it has heard of the stream from the other side."""

    def __init__(self, host: str, local: int, remote: int, number: int) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setblocking(False)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 18)
        self.socket.bind((host, local))
        self.socket.connect((host, remote))
        self.sampled = number % 8 == 0
        if self.sampled:
            self.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.number = number
        self.sent = 0
        self.spoken = hashlib.sha256()
        self.heard: set[int] = set()

    def send(self, now: int) -> None:
        count = self.sent
        header = HEADER.pack(
            0x80, 0, (self.number + count) & 0xFFFF, count * 160 & 0xFFFFFFFF, 0x10000 + self.number
        )
        payload = STAMP.pack(now, count) + FILL
        self.spoken.update(payload)
        with contextlib.suppress(BlockingIOError, ConnectionRefusedError):
            self.socket.send(header + payload)
        self.sent = count + 1

    def receive(self, delays: list[float] | None) -> None:
        try:
            if not self.sampled:
                self.heard.add(STAMP.unpack_from(self.socket.recv(2048), 12)[1])
                return
            data, ancillary, _, _ = self.socket.recvmsg(2048, 64)
        except (BlockingIOError, ConnectionRefusedError):
            return
        sent, count = STAMP.unpack_from(data, 12)
        self.heard.add(count)
        if delays is not None and ancillary:
            seconds, nanoseconds = struct.unpack("qq", ancillary[0][2])
            delays.append((seconds * 1_000_000_000 + nanoseconds - sent) / 1e6)


def percentile(values: list[float], share: float) -> float | None:
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 3) if ordered else None


def run(streams: list[Stream], seconds: float, warm_up: float) -> dict[str, Any]:
    poll = select.epoll()
    by_fd = {stream.socket.fileno(): stream for stream in streams}
    for fd in by_fd:
        poll.register(fd, select.EPOLLIN)
    delays: list[float] = []
    lateness: list[float] = []
    gap = TICK / len(streams)
    start = time.monotonic() + 0.05
    total = int((seconds + warm_up) / TICK) * len(streams)
    measured_from = int(warm_up / TICK) * len(streams)
    done = 0
    while done < total:
        now = time.monotonic()
        while done < total and (due := start + done * gap) <= now:
            streams[done % len(streams)].send(time.time_ns())
            if done >= measured_from:
                lateness.append(now - due)
            done += 1
            now = time.monotonic()
        for fd, _ in poll.poll(0):
            by_fd[fd].receive(delays if done >= measured_from else None)
        time.sleep(max(0.0, min(0.0002, start + done * gap - time.monotonic())))
    until = time.monotonic() + 0.5
    while time.monotonic() < until:
        for fd, _ in poll.poll(0.05):
            by_fd[fd].receive(None)
    return report(streams, delays, lateness)


def report(streams: list[Stream], delays: list[float], lateness: list[float]) -> dict[str, Any]:
    """The first second is not counted: the streams are learnt in it."""
    counted = missing = 0
    for i, stream in enumerate(streams):
        heard = streams[i ^ 1].heard
        numbers = range(min(50, stream.sent), stream.sent)
        counted += len(numbers)
        missing += sum(number not in heard for number in numbers)
    late = sum(value >= LATE for value in lateness)
    return {
        "sent": sum(stream.sent for stream in streams),
        "counted": counted,
        "lost": missing,
        "delay_ms": {
            "p50": percentile(delays, 0.5),
            "p99": percentile(delays, 0.99),
            "max": percentile(delays, 1.0),
        },
        "send_lateness_ms_p99": round(1000 * (percentile(lateness, 0.99) or 0.0), 3),
        "late": late > len(lateness) / 100,
        "spoken": [(stream.sent, stream.spoken.hexdigest()) for stream in streams],
    }


def main() -> None:
    wish = json.loads(sys.stdin.readline())
    streams = []
    for number, (local_a, remote_a, local_b, remote_b) in enumerate(wish["pairs"]):
        streams.append(Stream(wish["host"], local_a, remote_a, 2 * number))
        streams.append(Stream(wish["host"], local_b, remote_b, 2 * number + 1))
    print("ready", flush=True)
    sys.stdin.readline()
    print(json.dumps(run(streams, wish["seconds"], wish["warm_up"])), flush=True)


if __name__ == "__main__":
    main()
