"""
What recording costs the disk, and what of it is gone when a media worker is killed.

``python -m benchmarks.bench_capture_crash [--calls 200] [--seconds 30]``: recorded bridged calls on
one worker, as in bench_recording. The kernel's account of the worker says how often it writes, and
how much (proc(5), ``io``). Then the worker is killed, and each channel's file is as long as
it is: what is missing to the moment of the kill is lost. Fails if it is more than a second.
"""

import argparse
import asyncio
import os
import signal
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from recording.capture import AGENT, CALLER, SAMPLE_RATE, read

from .studio import WARM_UP, Generator, capture, machine, one_worker, open_calls, wish

LIMIT = 1.0  # seconds of audio


@dataclass(frozen=True, slots=True)
class Account:
    """``lost``: seconds of each channel; ``seconds``: over which the writes were counted."""

    seconds: float
    writes: int
    written: int  # bytes
    lost: list[float]


def io_of(pid: int) -> tuple[int, int]:
    """Calls that write to files, and bytes written, since the process began."""
    lines = Path(f"/proc/{pid}/io").read_text().splitlines()
    told = {name: int(value) for name, value in (line.split(":") for line in lines)}
    return told["syscw"], told["wchar"]


async def measure(calls: int, seconds: float, spool: Path) -> Account:
    async with one_worker(spool) as plane:
        opened = await open_calls(plane, calls)
        for caller, agent in opened:
            caller.bridge(agent)
        begun = time.monotonic()
        capture(plane, opened, spool)
        load = await Generator.start("rtp_load")
        await load.prepare(wish(opened, seconds + 10, warm_up=0.0))
        load.go()
        await asyncio.sleep(WARM_UP)
        [pid] = plane.process_ids
        (writes, written), since = io_of(pid), time.monotonic()
        await asyncio.sleep(seconds)
        (more_writes, more_written), until = io_of(pid), time.monotonic()
        os.kill(pid, signal.SIGKILL)
        killed = time.monotonic()
        await load.account()
    ends = [
        read(spool / f"c{number}" / name).end / SAMPLE_RATE
        for number in range(calls)
        for name in (CALLER, AGENT)
    ]
    lost = sorted(killed - begun - end for end in ends)
    return Account(until - since, more_writes - writes, more_written - written, lost)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--calls", type=int, default=200)
    arguments.add_argument("--seconds", type=float, default=30)
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(measure(options.calls, options.seconds, Path(folder)))
    lost = found.lost
    print(machine())
    print(
        f"{options.calls} recorded calls: {found.writes / found.seconds:.0f} writes a second, "
        f"{found.written / found.seconds / 1e6:.2f} MB/s"
    )
    print(
        f"killed: of {len(lost)} channels' audio lost, s, p50/p95/max: {lost[len(lost) // 2]:.2f}/"
        f"{lost[int(len(lost) * 0.95)]:.2f}/{lost[-1]:.2f} (limit {LIMIT:g})"
    )
    sys.exit(lost[-1] > LIMIT)


if __name__ == "__main__":
    main()
