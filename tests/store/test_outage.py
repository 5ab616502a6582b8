"""The database hangs, dies or is locked: nobody who appends notices, and nothing is lost."""

import asyncio
import sqlite3
import statistics
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from cti_server.store.database import Database
from cti_server.store.errors import EventsUnavailable
from cti_server.store.journal_files import Entry
from cti_server.store.log import EventLog
from cti_server.store.records import Records
from tests.fakes.databases import new_sqlite
from tests.fakes.postgres import PostgresServer

from .dumps import sequences
from .logs import node, open_log
from .test_journal import FullDisk

PATIENCE = 1.0  # seconds, instead of ten: an outage of two then is like one of twenty


@pytest.fixture
async def impatient(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url, patience=PATIENCE)
    yield database
    await database.close()


async def append_until(log: EventLog, failed: bool, *, at_least: float) -> list[float]:
    """Append every 2 ms until the database (has not) failed; return how long each took."""
    took: list[float] = []
    until = time.monotonic() + at_least
    done = asyncio.Event()

    def again() -> None:
        before = time.perf_counter()
        log.append(node(log.last_sequence + 1))
        took.append(time.perf_counter() - before)
        if time.monotonic() > until and (log.figures().database_failure is not None) == failed:
            done.set()
        else:
            asyncio.get_running_loop().call_later(0.002, again)

    again()
    async with asyncio.timeout(60):
        await done.wait()
    return took


def assert_nobody_waited(took: list[float]) -> None:
    """Who waits for a database waits for its patience to end; a machine may stand still, too."""
    assert len(took) > 20
    assert statistics.median(took) < PATIENCE / 10
    assert statistics.quantiles(took, n=20)[-1] < PATIENCE


async def check_all_is_there(log: EventLog, database: Database) -> None:
    await log.stored()
    last = log.last_sequence
    assert await sequences(database) == list(range(1, last + 1))
    assert log.figures().lost == 0
    assert log.figures().database_failure is None


@pytest.mark.parametrize("ring", [50, 100_000])
async def test_a_postgresql_that_hangs_delays_nobody_and_gets_everything_later(
    postgres: PostgresServer, postgres_url: str, tmp_path: Path, ring: int
) -> None:
    database = Database(postgres_url, patience=PATIENCE)
    async with open_log(database, tmp_path, ring=ring) as log:
        await append_until(log, failed=False, at_least=0.2)
        await log.stored()
        postgres.freeze()
        try:
            took = await append_until(log, failed=True, at_least=2.0)
            found = await log.since(0, 10_000)
            last = log.last_sequence
        finally:
            postgres.thaw()
        await append_until(log, failed=False, at_least=0.2)
        await check_all_is_there(log, database)
    await database.close()

    assert_nobody_waited(took)
    assert [each.sequence for each in found] == list(range(1, last + 1))
    assert [each.event for each in found] == [node(n) for n in range(1, last + 1)]


async def test_a_postgresql_that_dies_and_comes_back_gets_everything(
    postgres: PostgresServer, postgres_url: str, tmp_path: Path
) -> None:
    database = Database(postgres_url, patience=PATIENCE)
    async with open_log(database, tmp_path, ring=50) as log:
        await append_until(log, failed=False, at_least=0.2)
        await asyncio.to_thread(postgres.stop)
        try:
            took = await append_until(log, failed=True, at_least=1.0)
        finally:
            await asyncio.to_thread(postgres.start)
        await append_until(log, failed=False, at_least=0.2)
        await check_all_is_there(log, database)
    await database.close()

    assert_nobody_waited(took)


async def test_a_database_that_is_too_slow_for_a_batch_gets_everything_in_smaller_ones(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    write = Records.write

    def slow(records: Records, connection: Connection, batch: Sequence[Entry], **how: bool) -> Any:
        sizes.append(len(batch))
        if len(batch) > 300:
            raise TimeoutError
        return write(records, connection, batch, **how)

    monkeypatch.setattr(Records, "write", slow)
    async with open_log(database, tmp_path) as log:
        for n in range(1, 1501):
            log.append(node(n))
        await check_all_is_there(log, database)

    assert sizes[:3] == [1000, 500, 250]
    assert sizes[3] == 275, "by and by it is tried whether more would go"


async def test_a_sqlite_that_another_process_has_locked_gets_everything(
    tmp_path: Path,
) -> None:
    database = new_sqlite(tmp_path, patience=PATIENCE)
    other = sqlite3.connect(tmp_path / "hotline.db", isolation_level=None)
    async with open_log(database, tmp_path / "journal", ring=50) as log:
        await append_until(log, failed=False, at_least=0.2)
        other.execute("BEGIN IMMEDIATE")
        took = await append_until(log, failed=True, at_least=1.5)
        found = await log.since(0, 10_000)
        last = log.last_sequence
        other.execute("ROLLBACK")
        await append_until(log, failed=False, at_least=0.2)
        await check_all_is_there(log, database)
    other.close()
    await database.close()

    assert_nobody_waited(took)
    assert [each.sequence for each in found] == list(range(1, last + 1))


async def test_closing_while_the_database_hangs_is_bounded_and_loses_nothing(
    postgres: PostgresServer, postgres_url: str, tmp_path: Path
) -> None:
    database = Database(postgres_url, patience=PATIENCE)
    async with open_log(database, tmp_path) as log:
        log.append(node(1))
        await log.stored()
        postgres.freeze()
        try:
            log.append(node(2))
            async with asyncio.timeout(10):
                await log.close()
        finally:
            postgres.thaw()
    await database.close()

    database = Database(postgres_url)
    async with open_log(database, tmp_path) as log:
        await check_all_is_there(log, database)
        assert log.last_sequence == 2
    await database.close()


async def test_events_older_than_the_journal_are_refused_while_the_database_is_away(
    database_url: str, tmp_path: Path
) -> None:
    journal = tmp_path / "journal"
    database = Database(database_url)
    async with open_log(database, journal) as log:
        for n in range(1, 11):
            log.append(node(n))
    await database.close()
    for file in journal.glob("*.jsonl"):
        file.rename(journal / f"{11:020}.jsonl")
        (journal / f"{11:020}.jsonl").write_bytes(b"")
    away = Database(f"sqlite:///{tmp_path}/nowhere/none.db")
    async with open_log(away, journal) as log:
        log.append(node(11))

        with pytest.raises(EventsUnavailable):
            await log.since(3)
        assert [each.sequence for each in await log.since(10)] == [11]
    await away.close()


async def test_a_full_journal_disk_loses_nothing_while_the_database_answers(
    impatient: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = FullDisk(monkeypatch)
    async with open_log(impatient, tmp_path / "journal", ring=10, bound=1000) as log:
        disk.full.set()
        await append_until(log, failed=False, at_least=0.5)
        await log.stored()
        log.append(node(log.last_sequence + 1))
        failure = log.figures().journal_failure
        await check_all_is_there(log, impatient)
        disk.full.clear()

    assert failure is not None
    assert "No space left" in failure or "Input/output" in failure


async def test_with_neither_disk_nor_database_the_oldest_go_beyond_the_bound_and_are_counted(
    postgres: PostgresServer,
    postgres_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    disk = FullDisk(monkeypatch)
    database = Database(postgres_url, patience=PATIENCE)
    async with open_log(database, tmp_path, ring=10, bound=100) as log:
        log.append(node(1))
        await log.stored()
        disk.full.set()
        postgres.freeze()
        try:
            took = await append_until(log, failed=True, at_least=0.5)
            figures = log.figures()
            last = log.last_sequence
        finally:
            postgres.thaw()
        disk.full.clear()
        await log.stored()
        found = await sequences(database)
        heard = await log.since(0, 10_000)
    await database.close()

    assert_nobody_waited(took)
    assert figures.in_memory == 100
    assert figures.lost == last - 100 - figures.stored
    assert set(found) >= {1, *range(last - 99, last + 1)}
    assert [each.sequence for each in heard] == found
