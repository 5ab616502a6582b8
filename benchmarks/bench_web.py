"""
What a call between a SIP phone and a browser costs the media worker, recorded on two channels.

``python -m benchmarks.bench_web [--calls 100] [--seconds 10] [--runs 3] [--unrecorded]``: a real
worker, driven as the server drives it; a generator (web_load.py) whose browsers connect by ICE and
DTLS and speak SRTP, through the worker's one port. A call is two legs, 50 packets a second each
way on each: 100 packets in and 100 out a second. CPU is the worker's own process time over the
time in which the streams run, without the handshakes. Prints medians over the runs, and how fast
the machine was (see bench_calls).
"""

import argparse
import asyncio
import statistics
import tempfile
from pathlib import Path
from typing import Any

from cti_server.media.plane import MediaLeg, MediaPlane

from .studio import (
    HOST,
    WARM_UP,
    Deaf,
    Generator,
    about,
    capture,
    machine,
    measure,
    one_worker,
    speaks_from,
)

PORTS = (16000, 17999)  # of the worker; others than bench_media's, which may run beside it
LOAD_BASE = 18000
LIMIT = 1.8  # ms of CPU a call-second, recorded, on a quiet machine


async def open_call(
    plane: MediaPlane, number: int, fingerprint: str
) -> tuple[MediaLeg, MediaLeg, dict[str, Any]]:
    """Two bridged legs, and what the generator has to know of them."""
    local = LOAD_BASE + 2 * number
    caller = await plane.open_leg(f"caller-{number}", Deaf())
    agent = await plane.open_leg(f"agent-{number}", Deaf(), beside=caller, transport="web")
    speaks_from(caller, local)
    opened = await agent.open_peer(
        1, fingerprint=fingerprint, codec="PCMU", payload_type=0, dtmf_payload_type=126
    )
    caller.bridge(agent)
    wish = {
        "local": local,
        "remote": caller.port,
        "ufrag": opened.ufrag,
        "pwd": opened.pwd,
        "fingerprint": opened.fingerprint,
        "port": opened.udp_port,
    }
    return caller, agent, wish


async def run_once(calls: int, seconds: float, recorded: bool, spool: Path) -> dict[str, Any]:
    async with one_worker(spool, PORTS) as plane:
        load = await Generator.start("web_load")
        fingerprint = await load.line()
        opened = [await open_call(plane, number, fingerprint) for number in range(calls)]
        if recorded:
            capture(plane, [(caller, agent) for caller, agent, _ in opened], spool)
        wished = {
            "host": HOST,
            "calls": [call for _, _, call in opened],
            "seconds": seconds,
            "warm_up": WARM_UP,
        }
        await load.prepare(wished)
        result = await measure(plane, load, seconds)
    result["ms_a_call_second"] = result["cpu_ms"] / (result["packets"] / 100)
    return result


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--calls", type=int, default=100)
    arguments.add_argument("--seconds", type=float, default=10)
    arguments.add_argument("--runs", type=int, default=3)
    arguments.add_argument("--unrecorded", action="store_true")
    options = arguments.parse_args()
    results = []
    for _ in range(options.runs):
        with tempfile.TemporaryDirectory() as folder:
            run = run_once(options.calls, options.seconds, not options.unrecorded, Path(folder))
            results.append(asyncio.run(run))
    costs = sorted(result["ms_a_call_second"] for result in results)
    print(machine())
    print(f"{options.calls} calls of a phone and a browser, ", end="")
    print(f"{'not ' if options.unrecorded else ''}recorded, {options.seconds:g} s x {options.runs}")
    print(f"worker CPU, ms a call-second: {statistics.median(costs):.2f} ", end="")
    print(f"({costs[0]:.2f} to {costs[-1]:.2f}; limit {LIMIT})")
    print(*about(results), sep="\n")


if __name__ == "__main__":
    main()
