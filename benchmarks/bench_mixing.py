"""
What listening in costs the media worker, and what a conference costs.

``python -m benchmarks.bench_mixing [--calls 30] [--seconds 5] [--runs 3]``: the same bridged calls
as in bench_media, not recorded, once by themselves, once with a supervisor on each who hears both
sides, and once with three in each call who all hear one another (the third is silent). CPU is the
worker's own process time; prints medians over the runs, ms a call-second, and what the listener
adds. The limit for that is 3 ms.
"""

import argparse
import asyncio
import contextlib
import json
import os
import platform
import socket
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from cti_server.media.plane import MediaLeg, MediaPlane

from .bench_media import HOST, LOAD_BASE, PORTS, WARM_UP, Deaf, open_calls

Who = Literal["nobody", "supervisor", "conference"]
LIMIT = 3.0  # ms a call-second that a listener may cost


@contextlib.contextmanager
def sink() -> Iterator[int]:
    """A port that takes everything and reads nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind((HOST, 0))
        yield one.getsockname()[1]


async def join(
    plane: MediaPlane, who: Who, calls: list[tuple[MediaLeg, MediaLeg]], port: int
) -> list[MediaLeg]:
    """The third one of each call."""
    joined = []
    for number, (caller, agent) in enumerate(calls if who != "nobody" else []):
        third = await plane.open_leg(f"third-{number}", Deaf(), beside=caller)
        third.set_remote(
            host=HOST,
            port=port,
            codec="PCMU",
            payload_type=0,
            dtmf_payload_type=101,
            direction="sendrecv",
        )
        hears = {third: [caller, agent]}
        if who == "conference":
            hears |= {caller: [agent, third], agent: [caller, third]}
        plane.connect(hears)
        joined.append(third)
    return joined


async def run_once(who: Who, calls: int, seconds: float, folder: Path) -> dict[str, Any]:
    plane = MediaPlane(
        workers=1,
        host=HOST,
        ports=PORTS,
        run_folder=folder,
        on_worker_died=lambda number, legs: print("died", number, len(legs)),
    )
    await plane.start()
    opened = await open_calls(plane, calls, None)
    pairs = [
        [LOAD_BASE + 4 * i, caller.port, LOAD_BASE + 4 * i + 2, agent.port]
        for i, (caller, agent) in enumerate(opened)
    ]
    load = await asyncio.create_subprocess_exec(
        sys.executable,
        str(Path(__file__).with_name("rtp_load.py")),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        limit=1 << 20,
    )
    if load.stdin is None or load.stdout is None:
        raise RuntimeError("the generator has no pipes")
    wish = {"host": HOST, "pairs": pairs, "seconds": seconds + 1, "warm_up": WARM_UP}
    load.stdin.write(json.dumps(wish).encode() + b"\n")
    await load.stdout.readline()
    with sink() as port:
        joined = await join(plane, who, opened, port)
        load.stdin.write(b"go\n")
        await asyncio.sleep(WARM_UP)
        (before,) = await plane.statistics()
        await asyncio.sleep(seconds)
        (after,) = await plane.statistics()
        result: dict[str, Any] = json.loads(await load.stdout.readline())
        await load.wait()
        for leg in [leg for pair in opened for leg in pair] + joined:
            await leg.close()
    await plane.close()
    packets = after.packets_received - before.packets_received
    result["ms"] = 1000 * (after.cpu_seconds - before.cpu_seconds) / (packets / 100)
    result["late_ticks"] = after.late_ticks - before.late_ticks
    return result


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--calls", type=int, default=30)
    arguments.add_argument("--seconds", type=float, default=5)
    arguments.add_argument("--runs", type=int, default=3)
    options = arguments.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"{options.calls} calls, not recorded, {options.seconds:g} s x {options.runs}")
    print("worker CPU, ms a call-second")
    costs: dict[Who, float] = {}
    whos: tuple[Who, ...] = ("nobody", "supervisor", "conference")
    found: dict[Who, list[dict[str, Any]]] = {who: [] for who in whos}
    for _ in range(options.runs):
        for who in whos:  # in turn, so that what else the machine does meets them all
            with tempfile.TemporaryDirectory() as folder:
                found[who].append(
                    asyncio.run(run_once(who, options.calls, options.seconds, Path(folder)))
                )
    for who, results in found.items():
        costs[who] = statistics.median(result["ms"] for result in results)
        late = [result["late_ticks"] for result in results]
        print(f"  {who:<12}{costs[who]:6.2f}   late ticks {late}")
    for who in ("supervisor", "conference"):
        added = costs[who] - costs["nobody"]
        print(f"{who}: {added:.2f} more, {costs[who] / costs['nobody']:.1f} times as much")
    within = costs["supervisor"] - costs["nobody"] <= LIMIT
    print(f"a listener's limit of {LIMIT:g} ms is {'met' if within else 'NOT MET'}")


if __name__ == "__main__":
    main()
