"""
What the channel map's levels cost the media worker while somebody watches.

``python -m benchmarks.bench_levels [--calls 100] [--seconds 5] [--runs 3]``: the same bridged calls
as in bench_media, not recorded, by turns unwatched and watched. CPU is the worker's own process
time; prints medians over the runs in ms a call-second and in ns a packet, and what the watching
adds. What a leg costs that nobody watches is the same to the byte as before there were levels.
"""

import argparse
import asyncio
import statistics
import tempfile
from pathlib import Path
from typing import Any

from .studio import Generator, machine, measure, one_worker, open_calls, wish

PACKETS = 100  # of a call in a second


async def run_once(watched: bool, calls: int, seconds: float, folder: Path) -> dict[str, Any]:
    async with one_worker(folder) as plane:
        opened = await open_calls(plane, calls)
        for caller, agent in opened:
            caller.bridge(agent)
        heard: list[int] = []
        plane.on_levels = lambda report: heard.append(len(report.levels))
        if watched:
            plane.watch_levels(60)
        load = await Generator.start("rtp_load")
        await load.prepare(wish(opened, seconds))
        result = await measure(plane, load, seconds)
    result["reports"] = len(heard)
    return result


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--calls", type=int, default=100)
    arguments.add_argument("--seconds", type=float, default=5)
    arguments.add_argument("--runs", type=int, default=3)
    options = arguments.parse_args()
    print(machine())
    print(f"{options.calls} calls, not recorded, {options.seconds:g} s x {options.runs}")
    found: dict[bool, list[dict[str, Any]]] = {False: [], True: []}
    for _ in range(options.runs):
        for watched, results in found.items():  # in turn: what else goes on meets both
            with tempfile.TemporaryDirectory() as folder:
                once = run_once(watched, options.calls, options.seconds, Path(folder))
                results.append(asyncio.run(once))
    costs = {}
    for watched, results in found.items():
        cost = statistics.median(one["cpu_ms"] / (one["packets"] / PACKETS) for one in results)
        costs[watched] = cost
        late = [one["late_ticks"] for one in results]
        reports = [one["reports"] for one in results]
        name = "watched" if watched else "unwatched"
        print(f"  {name:<10}{cost:7.3f} ms a call-second   late ticks {late}   reports {reports}")
    added = costs[True] - costs[False]
    print(f"watching adds {added:.3f} ms a call-second, {added / PACKETS * 1e6:.0f} ns a packet")


if __name__ == "__main__":
    main()
