"""
How long a page of a search takes among ten million recordings, on both databases.

Each search is done by itself, as the route does it, with other values each time; the worst kinds
are those that find next to nothing by what has no index.

    python -m benchmarks.bench_recording_search --recordings 10000000
"""

# ruff: noqa: S608 - statements of constants alone

import argparse
import asyncio
import random
import shutil
import time
from collections.abc import Callable, Coroutine, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

import uvloop
from sqlalchemy import text

from crm.numbers import normalise, spellings
from cti_server.store.database import Database
from cti_server.store.recording_search import count, search
from recording.search import RecordingSearch

from .customer_databases import Postgres

REGION: Final = "CN"
FIRST: Final = datetime(2024, 1, 1, tzinfo=UTC)
YEARS: Final = timedelta(days=730)
BLOCK: Final = 1_000_000  # rows of one statement
CUSTOMERS, AGENTS, QUEUES, LINES = 1_000_000, 1_000, 50, 20
SELDOM: Final = 500_000
"""One of so many has a code, a word and a node that no other has."""
TABLES = ("recording", "contact", "disposition", "rating", "note_word")
PAGE: Final = 50
PAUSE: Final = 0.002  # seconds between two, as people leave them


def number(n: str) -> str:
    """The customer of the n-th recording, one of a million in no order; as two carriers send it."""
    return f"CASE {n} % 5 WHEN 0 THEN '138' ELSE '+86138' END || substr({digits(n)}, 2)"


def digits(n: str) -> str:
    return f"CAST(100000000 + ({n} * 7919) % {CUSTOMERS} AS TEXT)"


def rows_of(dialect: str, n: str, at: str) -> Iterator[tuple[str, str, str, str]]:
    """Of each table its columns, their values, and which of the rows have one."""
    agent, queue = f"'a' || ({n} * 31 % {AGENTS})", f"'q' || ({n} * 17 % {QUEUES})"
    no = "0" if dialect == "sqlite" else "false"
    yield (
        "recording",
        "id, call_id, contact_id, interaction_id, agent_id, queue, caller_number, last_digits, "
        "dialled_number, started_at, state, duration, size, recovered, quality, kind, rule, stores",
        f"'r' || {n}, 'c' || {n}, 'k' || {n}, 'i' || {n}, {agent}, {queue}, {number(n)}, "
        f"substr({digits(n)}, 6), '400' || ({n} % {LINES}), {at}, 'stored', {n} % 600, 4800000, "
        f"{no}, '{{}}', 'conversation', 'queue', '[\"local\"]'",
        "1 = 1",
    )
    kind = "text" if dialect == "sqlite" else "json"
    node = f"CASE WHEN {n} % {SELDOM} = 7 THEN 'attic' ELSE 'sales' END"
    path = f"CAST('[\"menu\",\"' || {node} || '\"]' AS {kind})"
    yield (
        "contact",
        "id, channel, call_id, caller_number, dialled_number, arrived_at, customer_ids, flow, "
        "path, attributes, priority, requirements, offers, direction, masked, phase, in_hand, "
        "subject, transfers",
        f"'k' || {n}, 'voice', 'c' || {n}, {number(n)}, '4001', {at}, '[]', 'main', "
        f"{path}, '{{}}', 0, '{{}}', 1, 'inbound', {no}, 'ended', "
        "'{}', '', 0",
        "1 = 1",
    )
    yield (
        "disposition",
        "id, contact_id, agent_id, queue, code_id, version, created_at, updated_at",
        f"'i' || {n}, 'k' || {n}, {agent}, {queue}, CASE WHEN {n} % {SELDOM} = 7 THEN 'seldom' "
        f"ELSE 'd' || ({n} % 20) END, 1, {at}, {at}",
        f"{n} % 3 <> 0",
    )
    yield (
        "rating",
        "id, contact_id, interaction_id, flow, question, rating, best, at",
        f"'i' || {n} || '.', 'k' || {n}, 'i' || {n}, '', '', 1 + {n} % 499 % 5, 5, {at}",
        f"{n} % 10 = 0",
    )
    yield (
        "note_word",
        "word, contact_id, source_id, at",
        f"CASE WHEN {n} % {SELDOM} = 7 THEN 'unicorn' ELSE 'refund' END, 'k' || {n}, "
        f"'i' || {n}, {at}",
        f"{n} % 4 = 3 OR {n} % {SELDOM} = 7",
    )


def statements(dialect: str, recordings: int) -> Iterator[str]:
    gap = YEARS.total_seconds() / recordings
    seconds = f"{int(FIRST.timestamp())} + n * {gap:f}"
    at = (
        f"strftime('%Y-%m-%d %H:%M:%f000', {seconds}, 'unixepoch')"
        if dialect == "sqlite"
        else f"to_timestamp({seconds})"
    )
    for table, columns, values, which in rows_of(dialect, "n", at):
        for begin in range(0, recordings, BLOCK):
            end = min(begin + BLOCK, recordings)
            numbers = (
                f"WITH RECURSIVE step(n) AS (SELECT {begin} UNION ALL SELECT n + 1 FROM step "
                f"WHERE n + 1 < {end})"
                if dialect == "sqlite"
                else f"WITH step(n) AS (SELECT generate_series({begin}, {end - 1})::bigint)"
            )
            yield (
                f"INSERT INTO {table} ({columns}) {numbers} SELECT {values} FROM step WHERE {which}"
                if dialect != "sqlite"
                else f"{numbers} INSERT INTO {table} ({columns}) SELECT {values} FROM step "
                f"WHERE {which}"
            )


async def fill(database: Database, recordings: int) -> None:
    """Indexes are made when the rows are there."""
    begun, sqlite = time.monotonic(), database.dialect == "sqlite"
    made = (
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name "
        if sqlite
        else "SELECT indexname, indexdef FROM pg_indexes WHERE indexname NOT LIKE 'pk%' "
        "AND tablename "
    )
    among = "IN (" + ", ".join(f"'{table}'" for table in TABLES) + ")"
    async with database.sessions.begin() as session:
        indexes = [tuple(row) for row in await session.execute(text(made + among))]
        for name, _ in indexes:
            await session.execute(text(f"DROP INDEX {name}"))
        codes = [*(f"d{n}" for n in range(20)), "seldom"]
        for code in codes:
            await session.execute(
                text(
                    "INSERT INTO disposition_code (id, labels, queues, position, active, version, "
                    f"created_at, updated_at) VALUES ('{code}', '{{}}', '[]', 0, :yes, 1, "
                    "'2024-01-01 00:00:00.000000', '2024-01-01 00:00:00.000000')"
                ),
                {"yes": True},
            )
    for statement in [
        *statements(database.dialect, recordings),
        *(make for _, make in indexes),
        "ANALYZE",
    ]:
        async with database.sessions.begin() as session:
            connection = await session.connection()
            await connection.exec_driver_sql(statement)
    seconds = time.monotonic() - begun
    print(f"{database.dialect:10} {recordings} recordings: {seconds:.0f} s", flush=True)


Told = Callable[[random.Random], dict[str, Any]]


def month(rng: random.Random) -> dict[str, Any]:
    since = FIRST + timedelta(days=rng.randrange(700))
    return {"since": since, "before": since + timedelta(days=30)}


def somebody(rng: random.Random) -> str:
    return f"+86138{rng.randrange(CUSTOMERS):08}"


def agent(rng: random.Random) -> str:
    return f"a{rng.randrange(AGENTS)}"


KINDS: dict[str, Told] = {
    "number, agent, month": lambda rng: {
        "number": somebody(rng), "agent_id": agent(rng), **month(rng),
    },
    "number": lambda rng: {"number": somebody(rng)},
    "last four digits, month": lambda rng: {"number": f"*{rng.randrange(10_000):04}", **month(rng)},
    "last eight digits": lambda rng: {"number": f"*{rng.randrange(CUSTOMERS):08}"},
    "beginning of a number, few": lambda rng: {"number": somebody(rng)[:-2] + "*"},
    "beginning of a number, many": lambda _: {"number": "+86138*"},
    "beginning of a number, many, in a month": lambda rng: {
        "number": f"+86138000{rng.randrange(10)}*", **month(rng),
    },
    "agent, month": lambda rng: {"agent_id": agent(rng), **month(rng)},
    "queue, dialled number, long": lambda rng: {
        "queue": f"q{rng.randrange(QUEUES)}", "dialled": f"400{rng.randrange(LINES)}",
        "shortest": 500,
    },
    "disposition, rating": lambda rng: {"disposition": f"d{rng.randrange(20)}", "rating_to": 1},
    "seldom disposition": lambda _: {"disposition": "seldom"},
    "word of many notes, agent": lambda rng: {"notes": "refund", "agent_id": agent(rng)},
    "seldom word": lambda _: {"notes": "unicorn"},
    "path that all took, month": lambda rng: {"path": "menu>sales", **month(rng)},
    "worst: path that next to nobody took": lambda _: {"path": "attic"},
    "worst: agent who never was in the queue": lambda rng: {
        "agent_id": agent(rng), "queue": "none",
    },
    "worst: length that none has": lambda _: {"shortest": 5000},
    "worst: rating that none has, with a word": lambda _: {"rating_from": 9, "notes": "refund"},
}  # fmt: skip


def as_sent(wanted: RecordingSearch) -> RecordingSearch:
    """As the route does it with a whole number."""
    if wanted.number is None or "*" in wanted.number:
        return wanted
    return wanted.spelt({"number": spellings(normalise(wanted.number, REGION), REGION)})


async def measure(database: Database, looks: int) -> None:
    rng = random.Random(9)
    for name, told in [*KINDS.items(), ("total of an agent's month", KINDS["agent, month"])]:
        work = count if name.startswith("total") else partial(search, limit=PAGE)
        seconds = []
        for look in range(looks + 3):
            wanted = as_sent(RecordingSearch.model_validate(told(rng)))
            begun = time.perf_counter()
            await database.in_one_look(partial(work, wanted=wanted, seen=[]))
            if look >= 3:
                seconds.append(time.perf_counter() - begun)
            await asyncio.sleep(PAUSE)
        seconds.sort()
        p50, p95 = (1e3 * seconds[int(len(seconds) * share)] for share in (0.5, 0.95))
        print(f"{database.dialect:10} {name:42} p50 {p50:7.1f} ms  p95 {p95:7.1f} ms", flush=True)


async def on(url: str, given: argparse.Namespace) -> None:
    database = Database(url, patience=3600.0)
    await database.upgrade()
    async with database.readers() as session:
        there = (await session.execute(text("SELECT id FROM recording LIMIT 1"))).first()
    if there is None:
        await fill(database, given.recordings)
    await measure(database, given.looks)
    await database.close()


def run(work: Coroutine[Any, Any, None]) -> None:
    """On the loop that the server has."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(work)


def main() -> None:
    parse = argparse.ArgumentParser(description=__doc__)
    parse.add_argument("--recordings", type=int, default=100_000)
    parse.add_argument("--looks", type=int, default=100, help="searches of each kind")
    parse.add_argument("--databases", nargs="+", default=["sqlite", "postgresql"])
    parse.add_argument("--folder", type=Path, default=Path("/tmp/bench_recordings"))  # noqa: S108
    parse.add_argument("--keep", action="store_true", help="the rows, for another run")
    given = parse.parse_args()
    for kind in given.databases:
        folder = given.folder / f"{kind}-{given.recordings}"
        folder.mkdir(parents=True, exist_ok=True)
        try:
            if kind == "sqlite":
                run(on(f"sqlite+aiosqlite:///{folder}/bench.db", given))
            else:
                server = Postgres(folder / "postgres")
                try:
                    run(on(server.create("bench"), given))
                finally:
                    server.close()
        finally:
            if not given.keep:
                shutil.rmtree(given.folder)


if __name__ == "__main__":
    main()
