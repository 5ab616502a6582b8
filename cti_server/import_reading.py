"""
Reading a file of customers: here, or in a process beside the one that stores what is read.

To read a row, with all that is derived from it, takes as long as to store it; with two cores both
are done at once.
"""

import asyncio
import multiprocessing
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from multiprocessing.connection import Connection
from pathlib import Path

from crm.import_columns import OwnField
from crm.import_text import Unreadable
from crm.importing import CustomerFile, ReadRow


@dataclass(frozen=True, slots=True)
class File:
    """A file of customers, and what has to be known to read it."""

    path: Path
    region: str
    own: Sequence[OwnField]
    chosen: Mapping[str, str | None]


async def read_here(file: File, at_once: int) -> AsyncGenerator[list[ReadRow], None]:
    """The header as a row of its own, then the rows. Raises Unreadable."""
    for rows in _read(file, at_once):
        yield rows


async def read_beside(file: File, at_once: int) -> AsyncGenerator[list[ReadRow], None]:
    """The same, by a process that is always a few rows ahead."""
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_send, args=(sender, file, at_once), daemon=True)
    process.start()
    sender.close()
    coming = asyncio.create_task(asyncio.to_thread(_receive, receiver))
    try:
        while rows := await coming:
            coming = asyncio.create_task(asyncio.to_thread(_receive, receiver))
            yield rows
    finally:
        process.terminate()
        await asyncio.wait([coming])  # its end is the process's
        coming.exception()
        receiver.close()
        await asyncio.to_thread(process.join)


def _receive(receiver: Connection) -> list[ReadRow]:
    try:
        rows: list[ReadRow] | Exception = receiver.recv()
    except EOFError:
        raise OSError("the reading process died") from None
    if isinstance(rows, Exception):
        raise rows
    return rows


def _send(sender: Connection, file: File, at_once: int) -> None:
    try:
        for rows in _read(file, at_once):
            sender.send(rows)
    except (Unreadable, OSError) as error:
        sender.send(error)
        return
    sender.send([])


def _read(file: File, at_once: int) -> Iterator[list[ReadRow]]:
    with file.path.open("rb") as source:
        customers = CustomerFile(source, file.region, own=file.own, chosen=file.chosen)
        yield [ReadRow(1, customers.header, None)]
        rows = iter(customers)
        while some := list(islice(rows, at_once)):
            for row in some:
                _derive(row)
            yield some


def _derive(row: ReadRow) -> None:
    """Have at hand what is stored beside the customer: it goes along to the other process."""
    if row.customer is not None:
        _ = row.customer.facts.keys, row.customer.searched.terms
