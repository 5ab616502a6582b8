"""
The indexes of customers, brought up to date after an import: all its entries in their order.

A file beside sorts them, so memory is flat; SQLite takes them straight from there. What is due
stays due until it is done: a process that died is gone on with, and an entry that is there already
does no harm.
"""

import asyncio
import time
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncConnection

from .sorted_entries import Kept, Part, SortedEntries
from .store.customer_index_due import (
    CustomersDue,
    add_attached,
    add_entries,
    attach,
    forget_due,
)
from .store.customer_keys import CustomerKey
from .store.customer_search import CustomerTerm
from .store.database import Database

AT_ONCE = 20_000  # entries in one transaction: some 20 ms of SQLite's one write lock
REST = 0.5  # of each transaction's time is then left to other writers
_PAGE = 5_000  # customers
_SORTING = "index.sorting"


class _WritePart(Protocol):
    def __call__(self, connection: Connection, *, part: Part) -> None: ...


async def index_those_due(database: Database, folder: Path) -> None:
    """Index all new customers of imports; ``folder``: where there is room for a file."""
    async with database.readers() as session:
        if not await CustomersDue(session).any():
            return
    with closing(await asyncio.to_thread(SortedEntries, folder / _SORTING)) as entries:
        await gather(database, entries)
        await write(database, entries)


async def gather(database: Database, entries: SortedEntries) -> None:
    """All that is due, in its order."""
    last = ""
    while True:
        async with database.readers() as session:
            page = await CustomersDue(session).page(last, _PAGE)
        if not page:
            break
        last = page[-1][0]
        await asyncio.to_thread(entries.gather, page)
    await asyncio.to_thread(entries.sort)


async def write(database: Database, entries: SortedEntries) -> None:
    """These entries, but of nobody who was changed meanwhile; then they are due no more."""
    async with database.writing.connect() as connection:
        try:
            if database.dialect == "sqlite":
                async with connection.begin():
                    await connection.run_sync(attach, path=entries.path)
            await _in_parts(connection, entries, "term", partial(_add, record=CustomerTerm))
            await _in_parts(connection, entries, "key", partial(_add, record=CustomerKey))
            await _in_parts(connection, entries, "due", _forget)
        finally:
            await connection.invalidate()  # nobody else wants one that has the file


async def _in_parts(
    connection: AsyncConnection, entries: SortedEntries, kept: Kept, write_part: _WritePart
) -> None:
    """A few rows at a time, each in a transaction."""
    count = entries.count(kept)
    for after in range(0, count, AT_ONCE):
        part = Part(entries, kept, after, min(after + AT_ONCE, count))
        begun = time.monotonic()
        async with connection.begin():
            await connection.run_sync(write_part, part=part)
        if connection.dialect.name == "sqlite":
            await asyncio.sleep(REST * (time.monotonic() - begun))


def _add(connection: Connection, *, part: Part, record: type[CustomerTerm | CustomerKey]) -> None:
    if connection.dialect.name == "sqlite":
        add_attached(connection, record, part.after, part.to)
    else:
        add_entries(connection, record, part.rows)


def _forget(connection: Connection, *, part: Part) -> None:
    forget_due(connection, [id for (id,) in part.rows])
