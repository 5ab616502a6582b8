"""
What a node of a flow costs beside the sound that is heard there: CPU time of the server.

A hundred callers at once hear the same clip for the same seconds, by real SIP and RTP from
processes of their own: they only listen; they press keys that nobody asks for; or each such key
leads them from one menu to another, where the clip begins again. Between the second and the third
is what walking costs, between the first and the third what a key costs as well. Calls are set up
and ended outside the measured time.

    python -m benchmarks.bench_walks [--calls 100] [--seconds 10] [--runs 3]
"""

import argparse
import asyncio
import multiprocessing
import os
import shutil
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

import uvloop
import yaml

from config.settings import SHIPPED
from simulator.phone import phones
from simulator.phone_call import PhoneCall

from .bench_calls import yardstick
from .server import BenchServer, Cost

PROCESSES: Final = 2
STAGGERED: Final = 0.02  # seconds from call to call of one process
SETTLED_AFTER: Final = 1.0  # seconds
EVERY: Final = 0.25  # seconds, a caller's keys
KEY_MS: Final = 80
CLIP: Final = SHIPPED / "flows" / "prompts" / "bench-4s.wav"
LONGEST: Final = 300.0  # seconds of sound for who only listens

LISTENS, PRESSES, WALKS = "listens", "presses", "walks"
NUMBERS: Final = {LISTENS: "2001", PRESSES: "2001", WALKS: "2002"}


def flows(folder: Path) -> dict[str, dict[str, str]]:
    """The numbers of the two flows, which are written there."""
    shutil.copy(CLIP, folder)
    menu: dict[str, Any] = {
        "type": "menu",
        "prompt": "clip",
        "attempts": 3,
        "timeout": 5,
        "otherwise": "person",
    }
    person = {"type": "queue", "queue": "unrecorded"}
    clips = ["clip"] * round(LONGEST / 4)
    nodes: dict[str, dict[str, dict[str, Any]]] = {
        "listening": {"start": {"type": "play", "prompt": clips, "then": "person"}},
        "walking": {
            "start": {**menu, "choices": {"1": "there", "0": "person"}},
            "there": {**menu, "choices": {"1": "start", "0": "person"}},
        },
    }
    for name, its in nodes.items():
        flow: dict[str, Any] = {"name": name, "languages": ["en"], "start": "start"}
        flow |= {
            "prompts": {"clip": {"en": {"wav": CLIP.name}}},
            "nodes": {**its, "person": person},
        }
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(flow), encoding="utf-8")
    files = zip(("2001", "2002"), nodes, strict=True)
    return {number: {"flow": str(folder / f"{name}.yaml")} for number, name in files}


# --- the callers, in processes of their own ----------------------------------------------------


def callers(parent: Connection, uri: str, calls: int, keys: int, first: int) -> None:
    uvloop.run(_callers(parent, uri, calls, keys, first))


async def _callers(parent: Connection, uri: str, calls: int, keys: int, first: int) -> None:
    async with phones(*(str(first + number) for number in range(calls))) as there:
        open_calls = []
        for phone in there:
            open_calls.append(await phone.call(uri))
            await asyncio.sleep(STAGGERED)
        for call in open_calls:
            await call.answered()
        await _together(parent)
        await asyncio.gather(*(_type(call, keys, n) for n, call in enumerate(open_calls)))
        await _together(parent)
        for call in open_calls:
            call.hang_up()


async def _type(call: PhoneCall, keys: int, number: int) -> None:
    await asyncio.sleep(STAGGERED * number % EVERY)
    for _ in range(keys):
        await call.press("1", duration_ms=KEY_MS, gap_ms=round(1000 * EVERY) - KEY_MS)


async def _together(parent: Connection) -> None:
    """So far; go on when the others are, too."""
    parent.send(None)
    await asyncio.get_running_loop().run_in_executor(None, parent.recv)


# --- the measurement ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Run:
    cost: Cost
    seconds: float
    nodes: int  # that were entered


def measured(server: BenchServer, kind: str, calls: int, seconds: float) -> Run:
    keys = 0 if kind == LISTENS else int(seconds / EVERY) - 1
    spawn = multiprocessing.get_context("spawn")
    pipes, processes = [], []
    for number in range(PROCESSES):
        ours, theirs = spawn.Pipe()
        share = calls // PROCESSES + (number < calls % PROCESSES)
        words = (theirs, server.uri(NUMBERS[kind]), share, keys, 13_800_000_000 + 1000 * number)
        processes.append(spawn.Process(target=callers, args=words))
        processes[-1].start()
        pipes.append(ours)
    _all_there(pipes)
    entered = nodes_entered(server)
    before, began = server.cost(), time.monotonic()
    _go_on(pipes)
    _all_there(pipes)
    time.sleep(max(0.0, began + seconds - time.monotonic()))
    spent, took = server.cost().since(before), time.monotonic() - began
    nodes = nodes_entered(server) - entered
    _go_on(pipes)
    for process in processes:
        process.join()
    return Run(spent, took, nodes)


def _all_there(pipes: Sequence[Connection]) -> None:
    for pipe in pipes:
        pipe.recv()


def _go_on(pipes: Sequence[Connection]) -> None:
    for pipe in pipes:
        pipe.send(None)


def nodes_entered(server: BenchServer) -> int:
    """By its log."""
    time.sleep(SETTLED_AFTER)
    (file,) = server.data.glob("*.db")
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as log:
        query = "SELECT count(*) FROM event WHERE name = 'contact.node_entered'"
        return int(log.execute(query).fetchone()[0])


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    arguments.add_argument("--calls", type=int, default=100)
    arguments.add_argument("--seconds", type=float, default=10)
    arguments.add_argument("--runs", type=int, default=3)
    options = arguments.parse_args()
    load = f"load {os.getloadavg()[0]:.1f}, yardstick {yardstick():.1f} ms"
    with (
        tempfile.TemporaryDirectory() as folder,
        BenchServer(numbers=flows(Path(folder))) as server,
    ):
        measured(server, WALKS, 10, 2)  # warm
        kinds = (LISTENS, PRESSES, WALKS)
        runs = [
            {kind: measured(server, kind, options.calls, options.seconds) for kind in kinds}
            for _ in range(options.runs)
        ]
        complaints = server.log.strip()
    load += f"; after: {os.getloadavg()[0]:.1f}, {yardstick():.1f} ms"
    print(f"{options.calls} calls at once, {options.runs} x {options.seconds:g} s; {load}")
    table(runs, options.calls)
    if complaints:
        print("\nThe server's log:\n" + complaints[-2000:])


def table(runs: Sequence[dict[str, Run]], calls: int) -> None:
    print(f"{'':<24}{'all':>8}{'control':>9}{'worker':>8}")
    for kind in (LISTENS, PRESSES, WALKS):
        each = [
            [1000 * part / calls / run[kind].seconds for part in _parts(run[kind])] for run in runs
        ]
        _row(f"who {kind}, ms a call-s", each)
    for kind, what in ((PRESSES, "a node"), (LISTENS, "a node and its key")):
        each = [
            [1000 * more / run[WALKS].nodes for more in _more(run[WALKS], run[kind])]
            for run in runs
        ]
        _row(f"{what}, ms", each)
    nodes = statistics.median(run[WALKS].nodes / run[WALKS].seconds for run in runs)
    print(f"{nodes:.0f} nodes a second were entered")


def _parts(run: Run) -> tuple[float, float, float]:
    """CPU seconds of control and worker; the jobs have nothing to do with it."""
    return run.cost.control + run.cost.worker, run.cost.control, run.cost.worker


def _more(run: Run, than: Run) -> list[float]:
    """For the same seconds."""
    same = run.seconds / than.seconds
    return [mine - same * its for mine, its in zip(_parts(run), _parts(than), strict=True)]


def _row(what: str, runs: Sequence[Sequence[float]]) -> None:
    every, control, worker = (statistics.median(column) for column in zip(*runs, strict=True))
    print(f"{what:<24}{every:>8.3f}{control:>9.3f}{worker:>8.3f}")


if __name__ == "__main__":
    main()
