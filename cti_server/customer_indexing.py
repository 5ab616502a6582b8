"""
The indexes of customers, brought up to date after an import: all its entries in their order.

A file beside sorts them, so memory is flat. What is due stays due until it is done: a process that
died is gone on with, and an entry that is there already does no harm.
"""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Connection

from .store.customer_index_due import CustomersDue, add_entries, forget_due
from .store.customer_keys import CustomerKey
from .store.customer_search import CustomerTerm, terms_in
from .store.database import Database

AT_ONCE = 20_000  # entries in one transaction: some 100 ms of SQLite's one write lock
REST = 0.1  # of each transaction's time is then left to other writers
_PAGE = 5_000  # customers
_SORTING = "index.sorting"
_CACHE = 65_536  # KiB of memory to sort in

Rows = Sequence[tuple[Any, ...]]


class _Write(Protocol):
    def __call__(self, connection: Connection, *, rows: Rows) -> None: ...


async def index_those_due(database: Database, folder: Path) -> None:
    """Index all new customers of imports; ``folder``: where there is room for a file."""
    async with database.readers() as session:
        if not await CustomersDue(session).any():
            return
    path = await asyncio.to_thread(_place, folder)
    try:
        with closing(_opened(path)) as sorting:
            await _gather(database, sorting)
            terms = sorting.execute("SELECT entry, id FROM term ORDER BY entry, id")
            await _write(database, terms, partial(add_entries, record=CustomerTerm))
            keys = sorting.execute("SELECT entry, id FROM key ORDER BY entry, id")
            await _write(database, keys, partial(add_entries, record=CustomerKey))
            await _write(database, sorting.execute("SELECT id FROM due"), _forget)
    finally:
        path.unlink(missing_ok=True)


def _place(folder: Path) -> Path:
    """Without what a process that was killed has left."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / _SORTING
    path.unlink(missing_ok=True)
    return path


def _opened(path: Path) -> sqlite3.Connection:
    """Nothing of it is worth keeping; one thread at a time has it."""
    sorting = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    for setting in ("journal_mode = OFF", "synchronous = OFF", f"cache_size = -{_CACHE}"):
        sorting.execute(f"PRAGMA {setting}")
    for table in ("term (entry TEXT, id TEXT)", "key (entry INTEGER, id TEXT)", "due (id TEXT)"):
        sorting.execute(f"CREATE TABLE {table}")
    return sorting


async def _gather(database: Database, sorting: sqlite3.Connection) -> None:
    last = ""
    while True:
        async with database.readers() as session:
            page = await CustomersDue(session).page(last, _PAGE)
        if not page:
            return
        last = page[-1][0]
        await asyncio.to_thread(_keep, sorting, page)


def _keep(sorting: sqlite3.Connection, page: Rows) -> None:
    terms = [(term, id) for id, lines, _ in page for term in terms_in(lines)]
    keys = [(int(key), id) for id, _, own in page for key in own.split()]
    sorting.execute("BEGIN")
    sorting.executemany("INSERT INTO term VALUES (?, ?)", terms)
    sorting.executemany("INSERT INTO key VALUES (?, ?)", keys)
    sorting.executemany("INSERT INTO due VALUES (?)", [(id,) for id, _, _ in page])
    sorting.execute("COMMIT")


async def _write(database: Database, rows: sqlite3.Cursor, write: _Write) -> None:
    """A few at a time, the next ones read meanwhile."""
    some = await asyncio.to_thread(rows.fetchmany, AT_ONCE)
    while some:
        begun = time.monotonic()
        coming = asyncio.to_thread(rows.fetchmany, AT_ONCE)
        _, some = await asyncio.gather(_commit(database, partial(write, rows=some)), coming)
        if database.dialect == "sqlite":
            await asyncio.sleep(REST * (time.monotonic() - begun))


async def _commit(database: Database, work: Callable[[Connection], None]) -> None:
    async with database.writing.begin() as connection:
        await connection.run_sync(work)


def _forget(connection: Connection, *, rows: Rows) -> None:
    forget_due(connection, [id for (id,) in rows])
