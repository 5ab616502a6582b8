"""
Which loop should carry RTP: the candidates side by side, each a relay process of its own.

Every candidate does the same work for a packet: checks header, sequence and SSRC, updates the
jitter, appends the payload to a capture buffer, rewrites the header, sends. Only the waiting and
the system calls differ. ``python -m benchmarks.bench_media_loop [--calls 100] [--seconds 5]``
prints a table of medians (docs/adr/0006-media-loop.md shows one).
"""

import argparse
import asyncio
import json
import multiprocessing
import os
import select
import socket
import statistics
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import uvloop

HOST = "127.0.0.1"
RELAY_BASE, LOAD_BASE = 26000, 27000
RTP = struct.Struct("!HHII")


class End:
    """One leg's end, as lean as the real one."""

    __slots__ = (
        "buffer",
        "capture_ts",
        "jitter",
        "next",
        "other",
        "received",
        "recv_into",
        "remote",
        "send",
        "sent",
        "seq_shift",
        "socket",
        "ssrc",
        "transit",
        "ts_shift",
    )  # fmt: skip

    def __init__(self, port: int, remote: tuple[str, int], connected: bool) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setblocking(False)
        self.socket.bind((HOST, port))
        self.remote = remote
        self.send: Callable[[memoryview], int] = self._send_to
        if connected:
            self.socket.connect(remote)
            self.send = self.socket.send
        self.recv_into = self.socket.recv_into
        self.buffer = bytearray()
        self.capture_ts = self.next = self.received = self.sent = 0
        self.ssrc, self.seq_shift, self.ts_shift = port, 77, 1000
        self.jitter = self.transit = 0.0
        self.other = self

    def _send_to(self, data: memoryview) -> int:
        return self.socket.sendto(data, self.remote)


BUFFER = bytearray(2048)
VIEWS = [memoryview(BUFFER)[:n] for n in range(2049)]
PAYLOADS = [memoryview(BUFFER)[12:n] for n in range(2049)]


def forward(end: End, n: int, now: float) -> None:
    """What is done for a packet; the same for every candidate."""
    head, seq, ts, _ssrc = RTP.unpack_from(BUFFER)
    if head != 0x8000 or not 12 < n < 1700:
        return
    end.next = seq + 1
    end.received += 1
    transit = now - ts
    distance = transit - end.transit
    end.transit = transit
    if distance < 0.0:
        distance = -distance
    if distance < 80000.0:
        end.jitter += (distance - end.jitter) * 0.0625
    if ts == end.capture_ts:
        end.buffer += PAYLOADS[n]
    else:
        end.buffer = bytearray(PAYLOADS[n])
    end.capture_ts = ts + n - 12
    if len(end.buffer) > 8000:
        del end.buffer[:]
    other = end.other
    RTP.pack_into(
        BUFFER,
        0,
        0x8000,
        (seq + end.seq_shift) & 0xFFFF,
        (ts + end.ts_shift) & 0xFFFFFFFF,
        other.ssrc,
    )
    try:
        other.send(VIEWS[n])
    except OSError:
        return
    other.sent += 1


def by_epoll(ends: list[End], stop: Connection, *, rest: float, drain: bool, ask: bool) -> None:
    by_fd: dict[int, End] = {}
    poll = select.epoll()
    for end in ends:
        by_fd[end.socket.fileno()] = end
        poll.register(end.socket.fileno(), select.EPOLLIN)
    while not stop.poll(0):
        until = time.monotonic() + 0.5
        while (now := time.monotonic()) < until:
            if rest:
                time.sleep(rest)
            for fd, _ in poll.poll(0.02):
                end = by_fd[fd]
                now = time.monotonic() * 8000
                if ask:
                    n, address = end.socket.recvfrom_into(BUFFER)
                    if address == end.remote:
                        forward(end, n, now)
                    continue
                forward(end, end.recv_into(BUFFER), now)
                while drain:
                    try:
                        forward(end, end.recv_into(BUFFER), now)
                    except BlockingIOError:
                        break


def by_loop(
    ends: list[End], stop: Connection, factory: Callable[[], asyncio.AbstractEventLoop]
) -> None:
    def arrived(end: End) -> None:
        forward(end, end.recv_into(BUFFER), time.monotonic() * 8000)

    async def serve() -> None:
        loop = asyncio.get_running_loop()
        for end in ends:
            loop.add_reader(end.socket.fileno(), arrived, end)
        await asyncio.to_thread(stop.poll, None)

    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(serve())


CANDIDATES: dict[str, tuple[bool, Callable[[list[End], Connection], None]]] = {
    "asyncio add_reader": (True, lambda e, s: by_loop(e, s, asyncio.SelectorEventLoop)),
    "uvloop add_reader": (True, lambda e, s: by_loop(e, s, uvloop.new_event_loop)),
    "epoll, recvfrom/sendto": (False, lambda e, s: by_epoll(e, s, rest=0, drain=False, ask=True)),
    "epoll": (True, lambda e, s: by_epoll(e, s, rest=0, drain=False, ask=False)),
    "epoll, drain to EAGAIN": (True, lambda e, s: by_epoll(e, s, rest=0, drain=True, ask=False)),
    "epoll, rest 0.25 ms": (
        True,
        lambda e, s: by_epoll(e, s, rest=0.00025, drain=False, ask=False),
    ),
    "epoll, rest 0.5 ms": (True, lambda e, s: by_epoll(e, s, rest=0.0005, drain=False, ask=False)),
    "epoll, rest 1 ms": (True, lambda e, s: by_epoll(e, s, rest=0.001, drain=False, ask=False)),
}


def relay(name: str, calls: int, control: Connection) -> None:
    connected, loop = CANDIDATES[name]
    ends = [End(RELAY_BASE + i, (HOST, LOAD_BASE + i), connected) for i in range(2 * calls)]
    for i, end in enumerate(ends):
        end.other = ends[i ^ 1]
    control.send("ready")
    before = time.process_time()
    loop(ends, control)
    control.send((time.process_time() - before, sum(end.received for end in ends)))


def measure(name: str, calls: int, seconds: float) -> dict[str, Any]:
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=relay, args=(name, calls, theirs))
    process.start()
    ours.recv()
    pairs = [
        [LOAD_BASE + i, RELAY_BASE + i, LOAD_BASE + i + 1, RELAY_BASE + i + 1]
        for i in range(0, 2 * calls, 2)
    ]
    wish = {"host": HOST, "pairs": pairs, "seconds": seconds, "warm_up": 0.5}
    load = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("rtp_load.py"))],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    if load.stdin is None or load.stdout is None:
        raise RuntimeError("the generator has no pipes")
    load.stdin.write(json.dumps(wish) + "\n")
    load.stdin.flush()
    load.stdout.readline()
    load.stdin.write("go\n")
    load.stdin.flush()
    result: dict[str, Any] = json.loads(load.stdout.readline())
    load.wait()
    ours.send("stop")
    cpu, received = ours.recv()
    process.join()
    result["us_a_packet"] = 1e6 * cpu / max(1, received)
    return result


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--calls", type=int, default=100)
    arguments.add_argument("--seconds", type=float, default=5)
    arguments.add_argument("--runs", type=int, default=3)
    arguments.add_argument("--only", default="")
    options = arguments.parse_args()
    print(f"{options.calls} calls, {options.seconds} s x {options.runs}, {os.cpu_count()} cores")
    print(
        "candidate | us a packet | ms CPU a call-second | delay p50/p99/max ms | lost | load late"
    )
    names = [name for name in CANDIDATES if options.only in name]
    runs: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    for _ in range(options.runs):
        for name in names:
            runs[name].append(measure(name, options.calls, options.seconds))
    for name, results in runs.items():
        cost = statistics.median(r["us_a_packet"] for r in results)
        delay = "/".join(
            f"{statistics.median(r['delay_ms'][k] for r in results):.2f}"
            for k in ("p50", "p99", "max")
        )
        lost, late = sum(r["lost"] for r in results), any(r["late"] for r in results)
        print(f"{name} | {cost:.1f} | {cost / 10:.2f} | {delay} | {lost} | {late}")


if __name__ == "__main__":
    main()
