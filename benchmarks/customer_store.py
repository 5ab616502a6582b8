"""
The full-size store, made in minutes: customers and their past go straight into the tables.

Nothing of it is what the server does: indexes are made when the rows are there, and nothing is
safe until the end. ``customer``s are those of :mod:`benchmarks.customer_people`.
"""

# ruff: noqa: S608 - statements of constants alone

import asyncio
import itertools
import multiprocessing
import sqlite3
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from io import BytesIO
from typing import Any, Protocol

import asyncpg  # type: ignore[import-untyped]

from crm.duplicates import Facts
from crm.numbers import TAIL, Number, NumberKind
from crm.search import Searched
from cti_server.store.customer_search import lines_of
from cti_server.store.database import Database

from .customer_people import FIRST, Person, person

CHUNK = 5_000  # customers
BLOCK = 1_000_000  # rows of the past in one statement
Rows = list[tuple[Any, ...]]
COLUMNS = {
    "customer": "id, external_id, kind, name, tier, language, company, tags, notes, attributes, "
    "preferences, version, created_at, updated_at",
    "customer_number": "customer_id, number, kind, tail, position, use",
    "contact_point": "customer_id, kind, key, value, position",
    "customer_terms": "customer_id, terms, keys",
    "customer_term": "term, customer_id",
    "customer_key": "key, customer_id",
}
_SORTED = ("customer_term", "customer_key")
"""Written to a table beside first: in the order of their index they take a tenth of the time."""
_PAST = ("contact", "contact_customer", "timeline_event", "ticket")


class Tables(Protocol):
    """What the two databases do in ways of their own."""

    async def run(self, statement: str) -> None: ...

    async def add(self, table: str, columns: str, rows: Rows) -> None: ...

    async def indexes(self, tables: Iterable[str]) -> list[tuple[str, str]]:
        """Statements that drop each index, and make it again."""


async def fill(database: Database, customers: int, past: int) -> None:
    """
    ``past``: rows of timelines, of all customers together. The database is empty, and nobody has
    it open: only its address is taken.
    """
    url = database.url
    tables: Tables
    if database.dialect == "sqlite":
        tables = _Sqlite(str(url.database))
    else:
        host = url.query["host"]
        tables = _Postgres(
            await asyncpg.connect(host=host, user=url.username, database=url.database)
        )
    begun = time.monotonic()

    def say(what: str) -> None:
        print(f"{database.dialect:10} {what}: {time.monotonic() - begun:.0f} s", flush=True)

    indexes = await tables.indexes([*COLUMNS, *_PAST])
    for drop, _ in indexes:
        await tables.run(drop)
    await _customers(tables, customers)
    say(f"{customers} customers")
    for statement in _past(database.dialect, customers, past):
        await tables.run(statement)
    say(f"{past} rows of their past")
    for _, make in indexes:
        await tables.run(make)
    await tables.run("ANALYZE" if database.dialect == "sqlite" else "VACUUM ANALYZE")
    say("indexes")


async def _customers(tables: Tables, count: int) -> None:
    for table in _SORTED:
        columns = COLUMNS[table]
        await tables.run(f"CREATE TABLE new_{table} AS SELECT {columns} FROM {table} WHERE 1 = 0")
    await tables.run("CREATE TABLE bench_people (place BIGINT PRIMARY KEY, id TEXT, number TEXT)")
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
        chunks = iter([(at, min(at + CHUNK, count)) for at in range(0, count, CHUNK)])
        waiting = [pool.submit(_derive, *chunk) for chunk in itertools.islice(chunks, 6)]
        while waiting:
            found = await asyncio.wrap_future(waiting.pop(0))
            waiting += [pool.submit(_derive, *chunk) for chunk in itertools.islice(chunks, 1)]
            for table, rows in found.items():
                beside = f"new_{table}" if table in _SORTED else table
                await tables.add(beside, COLUMNS.get(table, "place, id, number"), rows)
    for table in _SORTED:
        columns = COLUMNS[table]
        await tables.run(
            f"INSERT INTO {table} ({columns}) SELECT {columns} FROM new_{table} ORDER BY {columns}"
        )
        await tables.run(f"DROP TABLE new_{table}")


def _derive(begin: int, end: int) -> dict[str, Rows]:
    """In a process of its own: all rows of these customers, by table."""
    found: dict[str, Rows] = {table: [] for table in (*COLUMNS, "bench_people")}
    for one in map(person, range(begin, end)):
        for table, row in _rows(one):
            found[table].append(row)
    return found


def _rows(one: Person) -> Iterator[tuple[str, tuple[Any, ...]]]:
    digits = "86" + one.number.removeprefix("0")
    number = Number(NumberKind.INTERNATIONAL, f"+{digits}")
    company, mails = one.company or None, [one.mail] if one.mail else []
    at = str((FIRST + timedelta(seconds=one.place)).replace(tzinfo=None)) + ".000000"
    fixed = (one.tier, "zh", company, '["5G"]', one.note or None, "{}", "{}", 1, at, at)
    yield "customer", (one.id, one.external_id, "person", one.name, *fixed)
    yield "customer_number", (one.id, number.text, number.kind.value, digits[-TAIL:], 0, "phone")
    for mail in mails:
        yield "contact_point", (one.id, "mail", mail, mail, 0)
    yield "bench_people", (one.place, one.id, number.text)
    searched = Searched(
        name=one.name,
        numbers=(number,),
        addresses=tuple(mails),
        company=company,
        external_id=one.external_id,
        tags=("5G",),
        notes=one.note or None,
    )
    facts = Facts(
        id=one.id,
        kind="person",
        name=one.name,
        numbers=(number,),
        addresses=frozenset(("mail", mail) for mail in mails),
        company=company,
    )
    yield "customer_terms", (one.id, lines_of(searched), " ".join(map(str, facts.keys)))
    for term in searched.terms:
        yield "customer_term", (term, one.id)
    for key in facts.keys:
        yield "customer_key", (key, one.id)


def _past(dialect: str, customers: int, rows: int) -> Iterator[str]:
    """Nine of ten are calls; the rest is other systems' events, and a few tickets."""
    contacts, tickets = rows * 9 // 10, rows // 40
    events = rows - contacts - tickets
    calls = ("contact", "contact_customer")
    for table, count in (*((call, contacts) for call in calls), ("timeline_event", events)):
        for begin in range(0, count, BLOCK):
            end = min(begin + BLOCK, count)
            yield _statement(dialect, table, customers, begin, end, 200_000_000 // count)
    yield _statement(dialect, "ticket", customers, 0, tickets, 200_000_000 // max(tickets, 1))


def _statement(dialect: str, table: str, customers: int, begin: int, end: int, gap: int) -> str:
    """``gap``: seconds between one and the next, so that all are in some six years."""
    share = "((n * 2654435761) % 4294967296) / 4294967296.0"
    seconds = f"({int(FIRST.timestamp())} + n * {gap})"
    if dialect == "sqlite":
        steps = (
            f"WITH RECURSIVE step(n) AS (SELECT {begin} UNION ALL SELECT n + 1 FROM step "
            f"WHERE n + 1 < {end})"
        )
        place = f"(CAST({customers} * {share} * {share} AS INTEGER) * 7919) % {customers}"
        at = f"strftime('%Y-%m-%d %H:%M:%S.000000', {seconds}, 'unixepoch')"
        key = f"printf('%012x7%019x', {seconds} * 1000, n * 2654435761 + 1)"
    else:
        steps = f"WITH step(n) AS (SELECT generate_series({begin}::bigint, {end - 1}::bigint))"
        place = f"(floor({customers} * {share} * {share})::bigint * 7919) % {customers}"
        at = f"to_timestamp({seconds})"
        key = (
            f"lpad(to_hex({seconds} * 1000), 12, '0') || '7' || "
            "lpad(to_hex(n * 2654435761 + 1), 19, '0')"
        )
    columns, values = _VALUES[table]
    if dialect == "sqlite":
        values = values.replace("AS json)", "AS text)")  # its name for it
    return (
        f"{steps}, made AS (SELECT n, {key} AS key, {at} AS at, {place} AS place FROM step) "
        f"INSERT INTO {table} ({columns}) SELECT {values} FROM made JOIN bench_people p "
        "ON p.place = made.place ORDER BY n"
    )


_VALUES = {
    "contact": (
        "id, channel, call_id, caller_number, dialled_number, arrived_at, customer_match, "
        "customer_ids, flow, path, attributes, queue, priority, requirements, offers, agent_id, "
        "queued_at, first_offered_at, connected_at, ended_at, wait_seconds, outcome, direction, "
        "masked",
        "key, 'voice', key, p.number, '95588', at, 'exact', CAST('[\"' || p.id || '\"]' AS json), "
        "'main', "
        "'[\"welcome\",\"service\"]', '{}', CASE n % 3 WHEN 0 THEN 'sales' ELSE 'service' END, "
        "0, '{}', 1, 'agent' || n % 300, at, at, at, at, 12.5, "
        "CASE n % 10 WHEN 0 THEN 'abandoned' ELSE 'handled' END, 'inbound', false",
    ),
    "contact_customer": ("customer_id, contact_id, arrived_at", "p.id, key, at"),
    "timeline_event": (
        "id, customer_id, at, kind, title, data, source, external_id, added_by, added_at",
        "key, p.id, at, 'web_visit', '查看套餐', '{\"page\":\"/plans\"}', 'web', 'v' || n, 'web', "
        "at",
    ),
    "ticket": (
        "id, serial, number, type, state, state_since, subject, form, priority, risk, "
        "customer_id, queue, week, opened_at, opened_by, closed_at, reopened, version, "
        "created_at, updated_at",
        "key, n + 1, 'T-' || n, 'complaint', CASE n % 10 WHEN 0 THEN 'open' ELSE 'closed' END, "
        "at, '话费有误', '{}', 'normal', false, p.id, 'service', '2024-W01', at, 'agent1', "
        "CASE n % 10 WHEN 0 THEN NULL ELSE at END, 0, 1, at, at",
    ),
}


class _Sqlite:
    def __init__(self, path: str) -> None:
        self._file = sqlite3.connect(path, isolation_level=None)
        for pragma in (
            "journal_mode=OFF",
            "synchronous=OFF",
            "cache_size=-1000000",
            "foreign_keys=OFF",
        ):
            self._file.execute(f"PRAGMA {pragma}")

    async def run(self, statement: str) -> None:
        self._file.execute(statement)

    async def add(self, table: str, columns: str, rows: Rows) -> None:
        if rows:
            marks = ", ".join("?" * len(rows[0]))
            self._file.execute("BEGIN")
            self._file.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows)
            self._file.execute("COMMIT")

    async def indexes(self, tables: Iterable[str]) -> list[tuple[str, str]]:
        """Not those that a constraint made: they cannot be dropped."""
        marks = ", ".join(f"'{table}'" for table in tables)
        found = self._file.execute(
            "SELECT name, sql FROM sqlite_master "
            f"WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ({marks})"
        )
        return [(f"DROP INDEX {name}", sql) for name, sql in found]


class _Postgres:
    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection
        self._prepared = False

    async def run(self, statement: str) -> None:
        if not self._prepared:
            self._prepared = True
            for setting in (
                "timezone = 'UTC'",
                "session_replication_role = replica",  # no foreign keys are looked after
                "work_mem = '512MB'",
                "maintenance_work_mem = '1GB'",
                "synchronous_commit = off",
            ):
                await self._connection.execute(f"SET {setting}")
        await self._connection.execute(statement, timeout=3600)

    async def add(self, table: str, columns: str, rows: Rows) -> None:
        text = "\n".join("\t".join(map(_copied, row)) for row in rows)
        names = columns.split(", ")
        await self._connection.copy_to_table(
            table, source=BytesIO(f"{text}\n".encode()), columns=names, timeout=3600
        )

    async def indexes(self, tables: Iterable[str]) -> list[tuple[str, str]]:
        rows = await self._connection.fetch(
            "SELECT i.indexrelid::regclass::text AS name, i.indrelid::regclass::text AS of, "
            "pg_get_indexdef(i.indexrelid) AS made, c.conname AS rule, "
            "pg_get_constraintdef(c.oid) AS ruled FROM pg_index i LEFT JOIN pg_constraint c "
            "ON c.conindid = i.indexrelid AND c.contype IN ('p', 'u') "
            "WHERE i.indrelid::regclass::text = ANY($1)",
            list(tables),
        )
        found = []
        for row in rows:
            if row["rule"] is None:
                found.append((f"DROP INDEX {row['name']}", row["made"]))
            elif row["of"] not in {"customer", "ticket"}:  # others refer to these
                change = f"ALTER TABLE {row['of']}"
                found.append(
                    (
                        f"{change} DROP CONSTRAINT {row['rule']}",
                        f"{change} ADD CONSTRAINT {row['rule']} {row['ruled']}",
                    )
                )
        return found


def _copied(value: Any) -> str:
    """As COPY has it in its text format."""
    if value is None:
        return "\\N"
    text = str(value).replace("\\", "\\\\")
    return text.replace("\t", "\\t").replace("\n", "\\n")
