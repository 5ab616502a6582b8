"""
A million customers with twenty million rows of their past: pop, search, timeline, import.

    python -m benchmarks.bench_customers --full --databases sqlite

The store is made once, straight into the tables (:mod:`benchmarks.customer_store`), and stays in
``--folder`` (some 20 GB in full); an import comes through the server's own way, into an empty store
and into this one, with callers looked up beside it.
"""

import argparse
import asyncio
import multiprocessing
import os
import random
import resource
import shutil
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import uvloop
from sqlalchemy import func, select, text

from crm.search import ways
from cti_server.customer_import import SOURCE, Order, carry_out
from cti_server.store.customer_search import search
from cti_server.store.customers import Customer, Customers
from cti_server.store.database import Database
from cti_server.store.import_jobs import RUNNING, ImportJob, ImportJobs
from cti_server.store.lookup import CustomerLookup
from cti_server.store.timeline import Timeline

from .customer_databases import Postgres
from .customer_people import FIRST, busy, caller, lines, person, texts
from .customer_store import fill

CALLS_A_SECOND = 20
FULL = (1_000_000, 20_000_000, 1_000_000, 1_000, 40.0)
STEPS = ("pop", "search", "timeline", "import", "import-empty")

Work = Callable[[], Awaitable[object]]


def yardstick() -> float:
    """Milliseconds of CPU for a fixed piece of Python: how fast the machine is this minute."""
    begun = time.process_time()
    sum(i * i for i in range(100_000))
    return (time.process_time() - begun) * 1e3


def told(took: Sequence[float]) -> str:
    """Of seconds, in milliseconds."""
    counted = sorted(took)
    p50, p95, p99 = (counted[int(len(counted) * share)] * 1e3 for share in (0.5, 0.95, 0.99))
    return f"p50 {p50:.1f}, p95 {p95:.1f}, p99 {p99:.1f}, most {counted[-1] * 1e3:.1f} ms"


class Bench:
    """One database with its customers."""

    def __init__(self, database: Database, customers: int, folder: Path) -> None:
        self.database = database
        self.customers = customers
        self.folder = folder
        self._chance = random.Random(11)

    def say(self, what: str) -> None:
        load = os.getloadavg()[0]
        print(
            f"{self.database.dialect:10} {what} (yardstick {yardstick():.1f}, load {load:.1f})",
            flush=True,
        )

    async def timed(self, what: str, works: Sequence[Work], every: float = 0.0) -> list[float]:
        """Each work once, at even moments; a tenth of them goes before, to fill caches."""
        took: list[float] = []
        begun, cpu = time.monotonic(), time.process_time()
        for place, work in enumerate(works):
            await asyncio.sleep(max(0.0, begun + place * every - time.monotonic()))
            start = time.perf_counter()
            await work()
            took.append(time.perf_counter() - start)
        cost = (time.process_time() - cpu) / len(works) * 1e3
        self.say(f"{what}: {told(took[len(works) // 10 :])}; {cost:.2f} ms of CPU each")
        return took

    async def pop(self, seconds: float, what: str = "pop") -> None:
        lookup = CustomerLookup(self.database, "CN")
        callers = [
            caller(self._chance, self.customers) for _ in range(int(seconds * CALLS_A_SECOND))
        ]
        for _ in range(len(callers)):  # those who call every day are in memory
            await lookup.look_up(caller(self._chance, self.customers))
        works: list[Work] = [partial(lookup.look_up, one) for one in callers]
        await self.timed(f"{what} at {CALLS_A_SECOND}/s", works, 1 / CALLS_A_SECOND)

    async def search(self, count: int) -> None:
        typed = texts(count, self.customers, self._chance)
        works: list[Work] = [partial(self._find, one) for _, one in typed]
        took = await self.timed("search", works)
        kinds: defaultdict[str, list[float]] = defaultdict(list)
        for (kind, _), seconds in zip(typed, took, strict=True):
            kinds[kind].append(seconds)
        for kind, some in kinds.items():
            print(f"{'':10}   by {kind:16} {told(some)}", flush=True)

    async def _find(self, typed: str) -> None:
        found = await self.database.in_one_look(lambda look: search(look, ways(typed), limit=50))
        async with self.database.readers() as session:
            await Customers(session).among(found.customer_ids)

    async def timeline(self, count: int) -> None:
        places = [busy(self._chance.random(), self.customers) for _ in range(count)]
        works: list[Work] = [partial(self._past, person(place).id) for place in places]
        await self.timed("timeline page", works)

    async def _past(self, customer_id: str) -> None:
        async with self.database.readers() as session:
            await Timeline(session).of([customer_id], limit=50)

    async def take_in(self, begin: int, rows: int, what: str, postgres: Postgres | None) -> None:
        """An import, as the server runs one: in a process of its own; callers beside it."""
        order = await self._prepare(begin, rows)
        server = postgres.cpu if postgres else 0.0
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
            running = asyncio.wrap_future(process.submit(carried_out, order))
            beside = asyncio.create_task(self._beside(running))
            seconds, cpu, peaks = await running
            await beside
        server = postgres.cpu - server if postgres else 0.0
        async with self.database.readers() as session:
            job = (await session.scalars(select(ImportJob))).one()
        ended = f" ({job.state}: {job.reason})" if job.state != "done" else ""
        memory = " / ".join(f"{peak / 1024:.0f}" for peak in peaks)
        self.say(
            f"import of {job.created} rows {what}{ended}: {seconds:.0f} s; {cpu / rows * 1e6:.0f} "
            f"us of CPU a row, and the database's {server / rows * 1e6:.0f}; "
            f"peak memory {memory} MiB"
        )

    async def _beside(self, running: "asyncio.Future[tuple[float, float, list[int]]]") -> None:
        """Callers, and how late this event loop is, as the control process's would be."""
        lookup = CustomerLookup(self.database, "CN")
        pops: list[float] = []
        late: list[float] = []
        while not running.done():
            due = time.perf_counter() + 1 / CALLS_A_SECOND
            await asyncio.sleep(1 / CALLS_A_SECOND)
            late.append(time.perf_counter() - due)
            begun = time.perf_counter()
            await lookup.look_up(caller(self._chance, self.customers))
            pops.append(time.perf_counter() - begun)
        self.say(f"beside an import: pop {told(pops)}; the loop was late by {told(late)}")

    async def _prepare(self, begin: int, rows: int) -> Order:
        folder = self.folder / "imports"
        source = folder / "one" / SOURCE
        source.parent.mkdir(parents=True, exist_ok=True)
        with source.open("w", encoding="utf-8") as file:
            file.writelines(lines(begin, begin + rows))
        job = ImportJob(
            id="one",
            state=RUNNING,
            filename="x",
            size=source.stat().st_size,
            created_by="bench",
            created_at=FIRST,
        )
        async with self.database.sessions.begin() as session:
            await session.execute(text("DELETE FROM customer_import"))
            ImportJobs(session).add(job)
        url = self.database.url.render_as_string(hide_password=False)
        return Order(url, folder, "CN", "one")


def carried_out(order: Order) -> tuple[float, float, list[int]]:
    """Seconds, CPU seconds, and peak memory in KiB of the process that stores and its reader."""
    begun = time.monotonic()
    asyncio.run(carry_out(order))
    mine, reader = (resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    cpu = mine.ru_utime + mine.ru_stime + reader.ru_utime + reader.ru_stime
    return time.monotonic() - begun, cpu, [mine.ru_maxrss, reader.ru_maxrss]


async def on(url: str, given: argparse.Namespace, postgres: Postgres | None) -> None:
    """What is asked for in the filled store."""
    database = Database(url, patience=3600.0)
    await database.upgrade()
    async with database.readers() as session:
        there = await session.scalar(select(func.count()).select_from(Customer)) or 0
    await database.close()
    if not there:
        await fill(database, given.customers, given.past)
    database = Database(url)
    bench = Bench(database, given.customers, given.folder)
    if "pop" in given.steps:
        await bench.pop(given.seconds)
    if "search" in given.steps:
        await bench.search(given.looks)
    if "timeline" in given.steps:
        await bench.timeline(given.looks)
    if "import" in given.steps:
        await bench.take_in(
            max(there, given.customers), given.rows, "into the filled store", postgres
        )
    await database.close()


async def on_empty(url: str, given: argparse.Namespace, postgres: Postgres | None) -> None:
    database = Database(url)
    await database.upgrade()
    bench = Bench(database, given.customers, given.folder)
    await bench.take_in(0, given.rows, "into an empty store", postgres)
    await database.close()


def on_sqlite(given: argparse.Namespace) -> None:
    file, empty = given.folder / "sqlite.db", given.folder / "empty.db"
    if set(given.steps) - {"import-empty"}:
        run(on(f"sqlite+aiosqlite:///{file}", given, None))
    if "import-empty" in given.steps:
        for old in given.folder.glob("empty.db*"):
            old.unlink()
        run(on_empty(f"sqlite+aiosqlite:///{empty}", given, None))
        for old in given.folder.glob("empty.db*"):
            old.unlink()


def on_postgresql(given: argparse.Namespace) -> None:
    server = Postgres(given.folder / "postgres")
    try:
        if set(given.steps) - {"import-empty"}:
            run(on(server.create("bench"), given, server))
        if "import-empty" in given.steps:
            server.drop("empty")
            run(on_empty(server.create("empty"), given, server))
            server.drop("empty")
    finally:
        server.close()


def run(work: Coroutine[Any, Any, None]) -> None:
    """On the loop that the server has."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(work)


def main() -> None:
    parse = argparse.ArgumentParser(description=__doc__)
    parse.add_argument("--full", action="store_true", help="a million customers")
    parse.add_argument("--customers", type=int, default=5_000)
    parse.add_argument("--past", type=int, default=100_000, help="rows of their timelines")
    parse.add_argument("--rows", type=int, default=5_000, help="to import")
    parse.add_argument("--looks", type=int, default=200, help="searches and timeline pages")
    parse.add_argument("--seconds", type=float, default=5.0, help="of calls")
    parse.add_argument("--databases", nargs="+", default=["sqlite", "postgresql"])
    parse.add_argument("--steps", nargs="+", choices=STEPS, default=STEPS)
    parse.add_argument("--folder", type=Path, default=Path("/tmp/bench_customers"))  # noqa: S108
    parse.add_argument("--keep", action="store_true", help="the store, for another run")
    given = parse.parse_args()
    if given.full:
        given.customers, given.past, given.rows, given.looks, given.seconds = FULL
    given.folder /= f"{given.customers}-{given.past}"
    given.folder.mkdir(parents=True, exist_ok=True)
    try:
        if "sqlite" in given.databases:
            on_sqlite(given)
        if "postgresql" in given.databases:
            on_postgresql(given)
    finally:
        if not given.keep:
            shutil.rmtree(given.folder)


if __name__ == "__main__":
    main()
