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
import socket
import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from cti_server.media.plane import MediaPlane

from .studio import (
    HOST,
    Call,
    Deaf,
    Generator,
    machine,
    measure,
    one_worker,
    open_calls,
    speaks_from,
    wish,
)

Who = Literal["nobody", "supervisor", "conference"]
LIMIT = 3.0  # ms a call-second that a listener may cost


@contextlib.contextmanager
def sink() -> Iterator[int]:
    """A port that takes everything and reads nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind((HOST, 0))
        yield one.getsockname()[1]


async def join(plane: MediaPlane, who: Who, calls: list[Call], port: int) -> None:
    """The third one of each call."""
    for number, (caller, agent) in enumerate(calls if who != "nobody" else []):
        third = await plane.open_leg(f"third-{number}", Deaf(), beside=caller)
        speaks_from(third, port)
        hears = {third: [caller, agent]}
        if who == "conference":
            hears |= {caller: [agent, third], agent: [caller, third]}
        plane.connect(hears)


async def run_once(who: Who, calls: int, seconds: float, folder: Path) -> dict[str, Any]:
    async with one_worker(folder) as plane:
        opened = await open_calls(plane, calls)
        for caller, agent in opened:
            caller.bridge(agent)
        load = await Generator.start("rtp_load")
        await load.prepare(wish(opened, seconds))
        with sink() as port:
            await join(plane, who, opened, port)
            result = await measure(plane, load, seconds)
    result["ms"] = result["cpu_ms"] / (result["packets"] / 100)
    return result


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--calls", type=int, default=30)
    arguments.add_argument("--seconds", type=float, default=5)
    arguments.add_argument("--runs", type=int, default=3)
    options = arguments.parse_args()
    print(machine())
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
