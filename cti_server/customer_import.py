"""
An import at work: in a process of its own, so that no call waits for it.

A few hundred rows at a time are stored, with the count of them, in one transaction. So an import
that was broken off goes on where it was, and counts are exact; a row that is stored twice all the
same only changes its customer to what it is. Whoever is new is known by number at once, and is
found by search when all rows are stored (:mod:`cti_server.customer_indexing`).
"""

import asyncio
import csv
import secrets
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.pool import ConnectionPoolEntry

from crm.customer_row import CustomerRow
from crm.formulas import neutral
from crm.import_columns import OwnField
from crm.import_text import Unreadable
from crm.importing import ReadRow

from .customer_indexing import index_those_due
from .import_reading import File, read_beside, read_here
from .job_processes import end_with_the_server
from .store.customer_fields import CustomerField, CustomerFields
from .store.customer_imports import CustomerImports
from .store.database import UNAVAILABLE, Database, refused_the_data
from .store.import_jobs import BROKEN_OFF, DONE, ImportJob, ImportJobs

AT_ONCE = 1_000  # rows in one transaction: some 150 ms of SQLite's one write lock
REST = 0.1  # of each transaction's time is then left to other writers
MAX_PROBLEMS = 100_000
SMALL = 1024 * 1024  # bytes: not worth a second process
SOURCE, PROBLEMS = "source", "problems.csv"


@dataclass(frozen=True, slots=True)
class Order:
    """What a process has to know to run an import."""

    database_url: str = field(repr=False)  # it may have a password
    folder: Path
    region: str
    import_id: str
    epoch: int | None = None  # of the server that has it done


def run(order: Order) -> None:
    """The whole import, from where it is to its end; a process does nothing else."""
    end_with_the_server()
    asyncio.run(carry_out(order))


async def carry_out(order: Order) -> None:
    """The same, in a process that has more to do."""
    database = Database(order.database_url, epoch=order.epoch)
    if database.dialect == "sqlite":
        event.listen(database.engine.sync_engine, "connect", _give_memory)
    try:
        state, reason = await _outcome(database, order)
        await _end(database, order, state, reason)
    finally:
        await database.close()


def index(order: Order) -> None:
    """What an import that died has left to be done."""
    end_with_the_server()
    asyncio.run(_index(order))


async def _index(order: Order) -> None:
    database = Database(order.database_url, epoch=order.epoch)
    try:
        await index_those_due(database, order.folder)
    finally:
        await database.close()


async def _outcome(database: Database, order: Order) -> tuple[str, str | None]:
    """Store the rows; then, however far that came, have those who are stored be found."""
    state, reason = DONE, None
    try:
        await _import(database, order)
    except (Unreadable, OSError) as error:
        told = f"the file {error}" if isinstance(error, Unreadable) else type(error).__name__
        state, reason = BROKEN_OFF, told
    except UNAVAILABLE as error:
        state, reason = BROKEN_OFF, _told(error)
    try:
        await index_those_due(database, order.folder)
    except UNAVAILABLE as error:
        state, reason = BROKEN_OFF, reason or _told(error)
    return state, reason


_MUCH_MEMORY = ("PRAGMA cache_size = -65536", "PRAGMA wal_autocheckpoint = 16384")
"""For SQLite: 64 MiB of pages, and as much of its log, before pages are written at their places."""


async def _import(database: Database, order: Order) -> None:
    async with database.readers() as session:
        job = await ImportJobs(session).get(order.import_id)
        own = own_fields(await CustomerFields(session).all())
    if job is None:
        return
    file = File(order.folder / order.import_id / SOURCE, order.region, own, job.chosen)
    reading = read_beside(file, AT_ONCE) if job.size > SMALL else read_here(file, AT_ONCE)
    async with aclosing(reading):
        header = (await anext(reading))[0].cells
        with _problems(order.folder / order.import_id) as problems:
            await _store(database, order, job, reading, ProblemFile(problems, header))


def _give_memory(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    for pragma in _MUCH_MEMORY:
        cursor.execute(pragma)
    cursor.close()


def _problems(folder: Path) -> TextIO:
    """With a byte order mark, without which spreadsheets take UTF-8 for something else."""
    return (folder / PROBLEMS).open("w", encoding="utf-8-sig", newline="")


async def _store(
    database: Database,
    order: Order,
    job: ImportJob,
    reading: AsyncIterator[list[ReadRow]],
    problems: "ProblemFile",
) -> None:
    """Up to the file's end, or until somebody cancels the import."""
    done, rows = job.rows, 0
    async for some in reading:
        problems.take(some)
        rows += len(some)
        if rows <= done:
            continue  # stored before the server ended
        customers = [row.customer for row in some if row.customer is not None]
        begun = time.monotonic()
        async with database.sessions.begin() as session:
            if not await _store_some(session, order, customers, rows, problems.rows):
                return
        if problems.count > MAX_PROBLEMS:
            raise Unreadable(f"has too many problems; it was read up to row {some[-1].row}")
        if database.dialect == "sqlite":
            await asyncio.sleep(REST * (time.monotonic() - begun))


async def _store_some(
    session: AsyncSession, order: Order, customers: list[CustomerRow], rows: int, refused: int
) -> bool:
    now = datetime.now(UTC)
    done = await CustomerImports(session, index_later=True).take_in(
        customers, new_id=new_id, now=now
    )
    going_on = await ImportJobs(session).note(
        order.import_id, rows=rows, created=done.created, updated=done.updated, refused=refused
    )
    if not going_on:
        await session.rollback()
    return going_on


async def _end(database: Database, order: Order, state: str, reason: str | None) -> None:
    async with database.sessions.begin() as session:
        await ImportJobs(session).end(order.import_id, state, reason, datetime.now(UTC))


def _told(error: Exception) -> str:
    if refused_the_data(error):
        return f"the database refused one of the next {AT_ONCE} rows"
    return "the database did not answer"


def new_id() -> str:
    """
    An id that is greater than those before it, as UUIDs of version 7 are (RFC 9562 §5.7).

    Rows of an import then stand at the ends of their indexes; at random places each would cost
    a page of its own.
    """
    milliseconds, chance = time.time_ns() // 1_000_000, secrets.randbits(74)
    high = milliseconds << 16 | 0x7000 | chance >> 62
    return f"{high:016x}{0b10 << 62 | chance & (1 << 62) - 1:016x}"


class ProblemFile:
    """The rows that were refused, as they were, each with its number and what is wrong."""

    def __init__(self, file: TextIO, header: Iterable[str]) -> None:
        self.rows = 0
        self.count = 0
        self._writer = csv.writer(file)
        self._write(["row", "problem", *header])

    def take(self, rows: Iterable[ReadRow]) -> None:
        for row in rows:
            if row.problems:
                self.rows += 1
                self.count += len(row.problems)
                wrong = "; ".join(f"{each.field} {each.rule}" for each in row.problems)
                self._write([str(row.row), wrong, *row.cells])

    def _write(self, cells: Iterable[str]) -> None:
        self._writer.writerow([neutral(cell) for cell in cells])


def own_fields(fields: Iterable[CustomerField]) -> list[OwnField]:
    return [
        OwnField(
            each.rule,
            tuple(each.labels.values()),
            {
                name.casefold(): choice["value"]
                for choice in each.choices
                for name in (choice["value"], *choice["labels"].values())
            },
        )
        for each in fields
    ]
