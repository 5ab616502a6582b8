"""
What the benchmarks of the media worker share: a worker, a generator, the account between them.

A real worker is driven as the server drives it, by a generator in a process of its own that knows
nothing of it and measures itself (rtp_load.py, web_load.py). CPU is the worker's own process time,
all its threads, over the time in which the streams run.
"""

import asyncio
import json
import platform
import statistics
import subprocess
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from os import cpu_count, getloadavg
from pathlib import Path
from typing import Any, Final

from benchmarks.bench_calls import yardstick
from cti_server.media.key_presses import Way
from cti_server.media.plane import MediaLeg, MediaPlane

HOST: Final = "127.0.0.1"
PORTS: Final = (20000, 23999)  # of the worker
LOAD_BASE: Final = 24000  # the generator's first port
WARM_UP: Final = 1.0  # seconds in which the streams are learnt
ROOT: Final = Path(__file__).parent.parent

Call = tuple[MediaLeg, MediaLeg]


class Deaf:
    """A listener for which nothing is of interest."""

    def digit(self, digit: str, duration_ms: int, way: Way) -> None: ...
    def rtp_silent(self, seconds: float) -> None: ...
    def rtcp_heard(self) -> None: ...
    def rtp_resumed(self) -> None: ...
    def peer_changed(self, state: str, reason: str) -> None: ...
    def media_lost(self) -> None:
        print("the worker died", file=sys.stderr)


@asynccontextmanager
async def one_worker(folder: Path, ports: tuple[int, int] = PORTS) -> AsyncIterator[MediaPlane]:
    """A media plane with one worker, whose sockets are in ``folder``."""
    plane = MediaPlane(
        workers=1,
        host=HOST,
        ports=ports,
        run_folder=folder / "run",
        on_worker_died=lambda number, legs: print("died", number, len(legs)),
        log_level="warning",
    )
    await plane.start()
    try:
        yield plane
    finally:
        await plane.close()


def speaks_from(leg: MediaLeg, port: int) -> None:
    """The phone of this leg: G.711 mu-law, on this port of the loopback."""
    leg.set_remote(
        host=HOST,
        port=port,
        codec="PCMU",
        payload_type=0,
        dtmf_payload_type=101,
        direction="sendrecv",
    )


async def open_calls(plane: MediaPlane, count: int) -> list[Call]:
    """Pairs of legs of the generator's phones, not connected yet."""
    calls = []
    for number in range(count):
        caller = await plane.open_leg(f"caller-{number}", Deaf())
        agent = await plane.open_leg(f"agent-{number}", Deaf(), beside=caller)
        speaks_from(caller, LOAD_BASE + 4 * number)
        speaks_from(agent, LOAD_BASE + 4 * number + 2)
        calls.append((caller, agent))
    return calls


def capture(plane: MediaPlane, calls: Sequence[tuple[MediaLeg, MediaLeg]], spool: Path) -> None:
    """Record each call into a folder of its number."""
    for number, (caller, agent) in enumerate(calls):
        plane.start_capture(f"c{number}", spool / f"c{number}", caller, agent)


def wish(calls: Sequence[Call], seconds: float, warm_up: float = WARM_UP) -> dict[str, Any]:
    """What rtp_load.py is asked for."""
    pairs = [
        [LOAD_BASE + 4 * i, caller.port, LOAD_BASE + 4 * i + 2, agent.port]
        for i, (caller, agent) in enumerate(calls)
    ]
    return {"host": HOST, "pairs": pairs, "seconds": seconds, "warm_up": warm_up}


class Generator:
    """The process that makes the load."""

    def __init__(self, process: Process) -> None:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("the generator has no pipes")
        self._process, self._stdin, self._stdout = process, process.stdin, process.stdout

    @classmethod
    async def start(cls, module: str) -> "Generator":
        """``module``: rtp_load or web_load."""
        return cls(
            await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", f"benchmarks.{module}"),
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                limit=1 << 20,
            )
        )

    async def line(self) -> str:
        return (await self._stdout.readline()).decode().strip()

    async def prepare(self, wished: dict[str, Any]) -> None:
        """Until its phones are there; raises RuntimeError if they are not."""
        self._stdin.write(json.dumps(wished).encode() + b"\n")
        if await self.line() != "ready":
            raise RuntimeError("the generator's phones are not there")

    def go(self) -> None:
        self._stdin.write(b"go\n")

    async def account(self) -> dict[str, Any]:
        """What it sent and heard, when it is done."""
        found: dict[str, Any] = json.loads(await self.line())
        await self._process.wait()
        return found


async def measure(plane: MediaPlane, load: Generator, seconds: float) -> dict[str, Any]:
    """
    Let it speak; its account, with ``cpu_ms``, ``packets`` and ``late_ticks`` of the worker.

    These are of the stretch after the warm-up and before the streams end.
    """
    load.go()
    await asyncio.sleep(WARM_UP)
    (before,) = await plane.statistics()
    await asyncio.sleep(seconds - 0.5)
    (after,) = await plane.statistics()
    return {
        **await load.account(),
        "cpu_ms": 1000 * (after.cpu_seconds - before.cpu_seconds),
        "packets": after.packets_received - before.packets_received,
        "late_ticks": after.late_ticks - before.late_ticks,
    }


def about(results: Sequence[dict[str, Any]]) -> Iterator[str]:
    """The lines on delay, loss and doubt, of runs in which what is heard is what was said."""
    delay = "/".join(
        f"{statistics.median(result['delay_ms'][key] for result in results):.2f}"
        for key in ("p50", "p99", "max")
    )
    yield f"added delay, ms, p50/p99/max: {delay}"
    yield f"lost: {[r['lost'] for r in results]} of {[r['counted'] for r in results]}"
    yield f"late ticks: {[r['late_ticks'] for r in results]}"
    late = max(r["send_lateness_ms_p99"] for r in results)
    yield f"generator late: {[r['late'] for r in results]} (p99 {late} ms)"


def machine() -> str:
    """What the figures were taken on, and how fast it was just now (see bench_calls)."""
    return (
        f"{platform.machine()}, {cpu_count()} cores, Python {platform.python_version()}, "
        f"yardstick {yardstick():.1f} ms, load {getloadavg()[0]:.1f}"
    )
