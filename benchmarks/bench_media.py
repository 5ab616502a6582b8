"""
What a bridged call costs the media worker, recorded on two channels and not.

``python -m benchmarks.bench_media [--calls 100] [--seconds 10] [--runs 3] [--unrecorded]
[--music]``: a real worker, driven as the server drives it, and a generator that knows nothing of
it (rtp_load.py). A call is two legs, 50 packets a second each way on each: 100 packets in and 100
out a second. CPU is the worker's own process time, all its threads, over the time in which the
streams run. Prints medians over the runs. With ``--music`` nobody is bridged: each of the two is
a caller who waits and hears music, 50 packets in and 50 out a second, and the cost is that of one
of them.
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

from cti_server.media.key_presses import Way
from cti_server.media.plane import MediaLeg, MediaPlane

HOST = "127.0.0.1"
PORTS = (20000, 23999)
LOAD_BASE = 24000
WARM_UP = 1.0


class Deaf:
    """A listener for which nothing is of interest."""

    def digit(self, digit: str, duration_ms: int, way: Way) -> None: ...
    def rtp_silent(self, seconds: float) -> None: ...
    def rtcp_heard(self) -> None: ...
    def rtp_resumed(self) -> None: ...
    def peer_changed(self, state: str, reason: str) -> None: ...
    def media_lost(self) -> None:
        print("the worker died", file=sys.stderr)


async def open_calls(
    plane: MediaPlane, calls: int, music: Path | None
) -> list[tuple[MediaLeg, MediaLeg]]:
    opened = []
    for number in range(calls):
        caller = await plane.open_leg(f"caller-{number}", Deaf())
        agent = await plane.open_leg(f"agent-{number}", Deaf(), beside=caller)
        for leg, port in ((caller, LOAD_BASE + 4 * number), (agent, LOAD_BASE + 4 * number + 2)):
            leg.set_remote(
                host=HOST,
                port=port,
                codec="PCMU",
                payload_type=0,
                dtmf_payload_type=101,
                direction="sendrecv",
            )
        if music is None:
            caller.bridge(agent)
        else:
            caller.start_play([music], repeat=True)
            agent.start_play([music], repeat=True)
        opened.append((caller, agent))
    return opened


async def run_once(
    calls: int, seconds: float, recorded: bool, waiting: bool, spool: Path
) -> dict[str, Any]:
    plane = MediaPlane(
        workers=1,
        host=HOST,
        ports=PORTS,
        run_folder=spool / "run",
        on_worker_died=lambda number, legs: print("died", number, len(legs)),
    )
    await plane.start()
    music = spool / "music.ulaw"
    music.write_bytes(bytes(range(256)) * 2000)  # a minute of anything
    opened = await open_calls(plane, calls, music if waiting else None)
    if recorded and not waiting:
        for number, (caller, agent) in enumerate(opened):
            plane.start_capture(f"c{number}", spool / f"c{number}", caller, agent)
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
    wish = {"host": HOST, "pairs": pairs, "seconds": seconds, "warm_up": WARM_UP}
    load.stdin.write(json.dumps(wish).encode() + b"\n")
    await load.stdout.readline()
    load.stdin.write(b"go\n")
    await asyncio.sleep(WARM_UP)
    (before,) = await plane.statistics()
    await asyncio.sleep(seconds - 0.5)
    (after,) = await plane.statistics()
    result: dict[str, Any] = json.loads(await load.stdout.readline())
    await load.wait()
    for caller, agent in opened:
        await caller.close()
        await agent.close()
    await plane.close()
    packets = after.packets_received - before.packets_received
    cpu = after.cpu_seconds - before.cpu_seconds
    result["ms_a_call_second"] = 1000 * cpu / (packets / (50 if waiting else 100))
    result["late_ticks"] = after.late_ticks - before.late_ticks
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
            results.append(
                asyncio.run(
                    run_once(
                        options.calls,
                        options.seconds,
                        not options.unrecorded,
                        options.music,
                        Path(folder),
                    )
                )
            )
    costs = sorted(result["ms_a_call_second"] for result in results)
    delay = {
        key: statistics.median(result["delay_ms"][key] for result in results)
        for key in ("p50", "p99", "max")
    }
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    if options.music:
        print(f"{2 * options.calls} callers who hear music, ", end="")
    else:
        print(f"{options.calls} calls, {'not ' if options.unrecorded else ''}recorded, ", end="")
    print(f"{options.seconds:g} s x {options.runs}")
    print(f"worker CPU, ms a call-second: {statistics.median(costs):.2f} ", end="")
    print(f"({costs[0]:.2f} to {costs[-1]:.2f})")
    if options.music:
        return  # what comes back is not what was sent
    print(f"added delay, ms, p50/p99/max: {delay['p50']:.2f}/{delay['p99']:.2f}/{delay['max']:.2f}")
    print(f"lost: {[r['lost'] for r in results]} of {[r['counted'] for r in results]}")
    print(f"late ticks: {[r['late_ticks'] for r in results]}")
    print(f"generator late: {[r['late'] for r in results]}", end=" ")
    print(f"(p99 {max(r['send_lateness_ms_p99'] for r in results)} ms)")


if __name__ == "__main__":
    main()
