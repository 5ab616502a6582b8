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
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.bench_calls import yardstick
from benchmarks.bench_media import HOST, WARM_UP, Deaf
from cti_server.media.plane import MediaLeg, MediaPlane

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
    caller.set_remote(
        host=HOST,
        port=local,
        codec="PCMU",
        payload_type=0,
        dtmf_payload_type=101,
        direction="sendrecv",
    )
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
    plane = MediaPlane(
        workers=1,
        host=HOST,
        ports=PORTS,
        run_folder=spool / "run",
        on_worker_died=lambda number, legs: print("died", number, len(legs)),
    )
    await plane.start()
    load = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "benchmarks.web_load",
        cwd=Path(__file__).parent.parent,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        limit=1 << 20,
    )
    if load.stdin is None or load.stdout is None:
        raise RuntimeError("the generator has no pipes")
    fingerprint = (await load.stdout.readline()).decode().strip()
    opened = [await open_call(plane, number, fingerprint) for number in range(calls)]
    if recorded:
        for number, (caller, agent, _) in enumerate(opened):
            plane.start_capture(f"c{number}", spool / f"c{number}", caller, agent)
    wish = {
        "host": HOST,
        "calls": [call for _, _, call in opened],
        "seconds": seconds,
        "warm_up": WARM_UP,
    }
    load.stdin.write(json.dumps(wish).encode() + b"\n")
    if await load.stdout.readline() != b"ready\n":
        await plane.close()
        raise RuntimeError("the generator's browsers did not connect")
    load.stdin.write(b"go\n")
    await asyncio.sleep(WARM_UP)
    (before,) = await plane.statistics()
    await asyncio.sleep(seconds - 0.5)
    (after,) = await plane.statistics()
    result: dict[str, Any] = json.loads(await load.stdout.readline())
    await load.wait()
    for caller, agent, _ in opened:
        await caller.close()
        await agent.close()
    await plane.close()
    packets = after.packets_received - before.packets_received
    cpu = after.cpu_seconds - before.cpu_seconds
    result["ms_a_call_second"] = 1000 * cpu / (packets / 100)
    result["late_ticks"] = after.late_ticks - before.late_ticks
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
    delay = "/".join(
        f"{statistics.median(result['delay_ms'][key] for result in results):.2f}"
        for key in ("p50", "p99", "max")
    )
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, ",
        end="",
    )
    print(f"yardstick {yardstick():.1f} ms, load {os.getloadavg()[0]:.1f}")
    print(f"{options.calls} calls of a phone and a browser, ", end="")
    print(f"{'not ' if options.unrecorded else ''}recorded, {options.seconds:g} s x {options.runs}")
    print(f"worker CPU, ms a call-second: {statistics.median(costs):.2f} ", end="")
    print(f"({costs[0]:.2f} to {costs[-1]:.2f}; limit {LIMIT})")
    print(f"added delay, ms, p50/p99/max: {delay}")
    print(f"lost: {[r['lost'] for r in results]} of {[r['counted'] for r in results]}")
    print(f"late ticks: {[r['late_ticks'] for r in results]}")
    print(f"generator late: {[r['late'] for r in results]}", end=" ")
    print(f"(p99 {max(r['send_lateness_ms_p99'] for r in results)} ms)")


if __name__ == "__main__":
    main()
