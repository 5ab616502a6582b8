"""
From `hotline serve` to the first answered call: wall time, and CPU time of which processes.

The database is new each time, so the tables are made; prompts are kept between runs, so that only
the very first one renders some. ``python -m benchmarks.bench_cold_start --runs 5``
"""

import argparse
import asyncio
import time

from simulator.phone import Phones

from .server import HOST, BenchServer, Cost


async def first_call(uri: str) -> None:
    phones = Phones(HOST, 0)
    await phones.start()
    try:
        call = await phones.add("13900139000").call(uri)
        await call.answered()
        call.hang_up()
    finally:
        await phones.close()


def measure() -> tuple[float, Cost]:
    """Seconds, and CPU seconds."""
    began = time.monotonic()
    with BenchServer() as server:
        asyncio.run(first_call(server.target))
        return time.monotonic() - began, server.cost()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    for _ in range(parser.parse_args().runs):
        seconds, cost = measure()
        print(
            f"{seconds:.2f} s to the first answered call; CPU: control {cost.control:.2f} s, "
            f"worker {cost.worker:.2f} s, jobs {cost.jobs:.2f} s",
            flush=True,
        )


if __name__ == "__main__":
    main()
