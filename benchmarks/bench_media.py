"""
What a bridged call costs the media worker, recorded on two channels and not.

``python -m benchmarks.bench_media [--calls 100] [--seconds 10] [--runs 3] [--unrecorded]
[--music]``: a call is two legs, 50 packets a second each way on each: 100 packets in and 100 out a
second. Prints medians over the runs. With ``--music`` nobody is bridged: each of the two is a
caller who waits and hears music, 50 packets in and 50 out a second, and the cost is that of one of
them.
"""

import argparse
import asyncio
import statistics
import tempfile
from pathlib import Path
from typing import Any

from .studio import Generator, about, capture, machine, measure, one_worker, open_calls, wish


async def run_once(
    calls: int, seconds: float, recorded: bool, waiting: bool, spool: Path
) -> dict[str, Any]:
    music = spool / "music.ulaw"
    music.write_bytes(bytes(range(256)) * 2000)  # a minute of anything
    async with one_worker(spool) as plane:
        opened = await open_calls(plane, calls)
        for caller, agent in opened:
            if waiting:
                caller.start_play([music], repeat=True)
                agent.start_play([music], repeat=True)
            else:
                caller.bridge(agent)
        if recorded and not waiting:
            capture(plane, opened, spool)
        load = await Generator.start("rtp_load")
        await load.prepare(wish(opened, seconds))
        result = await measure(plane, load, seconds)
    result["ms_a_call_second"] = result["cpu_ms"] / (result["packets"] / (50 if waiting else 100))
    return result


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--calls", type=int, default=100)
    arguments.add_argument("--seconds", type=float, default=10)
    arguments.add_argument("--runs", type=int, default=3)
    arguments.add_argument("--unrecorded", action="store_true")
    arguments.add_argument("--music", action="store_true")
    options = arguments.parse_args()
    results = []
    for _ in range(options.runs):
        with tempfile.TemporaryDirectory() as folder:
            run = run_once(
                options.calls,
                options.seconds,
                not options.unrecorded,
                options.music,
                Path(folder),
            )
            results.append(asyncio.run(run))
    costs = sorted(result["ms_a_call_second"] for result in results)
    print(machine())
    if options.music:
        print(f"{2 * options.calls} callers who hear music, ", end="")
    else:
        print(f"{options.calls} calls, {'not ' if options.unrecorded else ''}recorded, ", end="")
    print(f"{options.seconds:g} s x {options.runs}")
    print(f"worker CPU, ms a call-second: {statistics.median(costs):.2f} ", end="")
    print(f"({costs[0]:.2f} to {costs[-1]:.2f})")
    if not options.music:  # what comes back then is not what was sent
        print(*about(results), sep="\n")


if __name__ == "__main__":
    main()
