"""
What the event log costs: CPU time of the whole process, per event and per call.

Calls of 25 events arrive evenly and last five seconds each, so that a call's records change in many
batches, as in a running server. The figure covers numbering, journal (with fdatasync), projection
and database driver; on SQLite the database itself too.

    python -m benchmarks.bench_event_log [--rate 10] [--seconds 10]
"""

import argparse
import asyncio
import heapq
import itertools
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import uvloop

from cti_server.clock import SystemClock
from cti_server.store.database import Database
from cti_server.store.log import EventLog
from cti_server.wire.events import Event
from tests.fakes.postgres import PostgresServer
from tests.store.stories import handled_call

CALL_LASTS = 5.0  # seconds
TICK = 0.02  # seconds between looks at what is due


def due_events(rate: float, seconds: float) -> Iterator[tuple[float, Event]]:
    """Every event of the run with its moment, in order."""
    story = len(handled_call())
    return heapq.merge(
        *(
            [
                (n / rate + step * CALL_LASTS / story, event)
                for step, event in enumerate(handled_call(n, f"agent{n % 100}"))
            ]
            for n in range(int(rate * seconds))
        ),
        key=lambda due: due[0],
    )


async def in_real_time(log: EventLog, rate: float, seconds: float) -> tuple[float, float]:
    """CPU seconds of an idle loop of the same shape, and of the run."""
    due = list(due_events(rate, seconds))
    await play(iter([(at, None) for at, _ in due]), log)
    idle = time.process_time()
    await play(iter([(at, None) for at, _ in due]), log)
    begun = time.process_time()
    await play(iter(due), log)
    await log.stored()
    return begun - idle, time.process_time() - begun


async def play(due: Iterator[tuple[float, Event | None]], log: EventLog) -> None:
    begun = time.monotonic()
    at, event = next(due, (None, None))
    while at is not None:
        await asyncio.sleep(TICK)
        while at is not None and at <= time.monotonic() - begun:
            if event is not None:
                log.append(event)
            at, event = next(due, (None, None))


async def at_full_speed(log: EventLog, calls: int) -> tuple[int, float, float]:
    """Events, CPU seconds in all, and CPU seconds in ``append`` alone."""
    story = list(
        itertools.chain.from_iterable(handled_call(n, f"agent{n % 100}") for n in range(calls))
    )
    begun = time.process_time()
    for event in story:
        log.append(event)
    appended = time.process_time() - begun
    await log.stored()
    return len(story), time.process_time() - begun, appended


async def measure(name: str, url: str, folder: Path, rate: float, seconds: float) -> None:
    database = Database(url)
    await database.upgrade()
    log = EventLog(database, folder / f"{name}-journal", SystemClock())
    await log.start()
    story = len(handled_call())
    events, cpu, appended = await at_full_speed(log, 1000)
    print(
        f"{name:10} full speed: append {appended / events * 1e6:5.1f} us an event, "
        f"all {cpu / events * 1e6:5.1f} us an event, {cpu / events * story * 1e3:5.2f} ms a call"
    )
    idle, cpu = await in_real_time(log, rate, seconds)
    calls = int(rate * seconds)
    cost = (cpu - idle) / calls
    print(
        f"{name:10} {rate:g} calls/s: {cost / story * 1e6:5.1f} us an event, "
        f"{cost * 1e3:5.2f} ms a call (idle loop of {idle / calls * 1e3:.2f} taken off)"
    )
    await log.close()
    await database.close()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rate", type=float, default=10.0, help="calls a second")
    options.add_argument("--seconds", type=float, default=10.0)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url = f"sqlite:///{folder}/hotline.db"
        uvloop.run(measure("sqlite", url, folder, given.rate, given.seconds))
        server = PostgresServer()
        try:
            url = server.create("bench")
            uvloop.run(measure("postgresql", url, folder, given.rate, given.seconds))
        finally:
            server.close()


if __name__ == "__main__":
    main()
