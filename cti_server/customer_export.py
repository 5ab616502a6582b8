"""
An export at work: in a process of its own, so that no call waits for it.

The file is written beside its place and moved there when it is whole: what can be downloaded is
never half of it. An export that was broken off begins anew.
"""

import asyncio
import csv
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from crm.exporting import Exported, Sheet
from crm.import_columns import OwnField
from crm.search import ways

from .customer_import import own_fields
from .job_processes import end_with_the_server
from .process_turns import NICENESS
from .store.customer_fields import CustomerFields
from .store.customer_search import search
from .store.customers import Customer, Customers
from .store.database import UNAVAILABLE, Database
from .store.exports import BROKEN_OFF, DONE, RUNNING, ExportJob, ExportJobs

AT_ONCE = 1_000  # customers of one query
NOTED_EVERY = 10  # of those: how far it is, in a transaction of its own
MOST_OF_A_SHEET = 1_048_576  # rows, with the header (ISO/IEC 29500, and Excel's own limit)
_UNFINISHED = "unfinished"

Write = Callable[[Sequence[str]], None]


class TooMany(Exception):
    """More rows than this kind of file has."""


@dataclass(frozen=True, slots=True)
class Order:
    """What a process has to know to run an export."""

    database_url: str = field(repr=False)  # it may have a password
    folder: Path
    export_id: str
    kept_for: timedelta
    epoch: int | None = None  # of the server that has it done


def file_of(folder: Path, job: ExportJob) -> Path:
    """Where the whole file is."""
    return folder / job.id / f"customers.{job.format}"


def run(order: Order) -> None:
    """The whole export; a process does nothing else."""
    end_with_the_server()
    os.nice(NICENESS)
    tempfile.tempdir = str(order.folder / order.export_id)  # a sheet's rows, until it is packed
    asyncio.run(carry_out(order))


async def carry_out(order: Order) -> None:
    """The same, in a process that has more to do."""
    database = Database(order.database_url, epoch=order.epoch)
    try:
        await _export(database, order)
    except TooMany as error:
        await _break_off(database, order, str(error))
    except UNAVAILABLE as error:  # OSError is one of them
        disk = isinstance(error, OSError) and error.errno is not None
        reason = "the file cannot be written" if disk else "the database did not answer"
        await _break_off(database, order, reason)
    finally:
        await database.close()


async def _export(database: Database, order: Order) -> None:
    async with database.readers() as session:
        job = await ExportJobs(session).get(order.export_id)
        own = own_fields(await CustomerFields(session).all())
    if job is None or job.state != RUNNING:
        return
    folder = order.folder / job.id
    shutil.rmtree(folder, ignore_errors=True)  # of one that was broken off
    folder.mkdir(parents=True, mode=0o700)
    rows = await _write(database, job, sheet_of(job, own), own, folder / _UNFINISHED)
    if rows is None:
        shutil.rmtree(folder)
        return
    file = (folder / _UNFINISHED).replace(file_of(order.folder, job))
    now = datetime.now(UTC)
    async with database.sessions.begin() as session:
        going_on = await ExportJobs(session).end(
            job.id,
            DONE,
            rows=rows,
            size=file.stat().st_size,
            ended_at=now,
            expires_at=now + order.kept_for,
        )
    if not going_on:
        shutil.rmtree(folder)


def sheet_of(job: ExportJob, own: Sequence[OwnField]) -> Sheet:
    """Raises InvalidField."""
    return Sheet.of(
        job.wish["columns"],
        own,
        language="en" if job.wish["language"] == "en" else "zh",
        revealed=job.revealed,
        typed=job.format == "xlsx",
    )


async def _write(
    database: Database, job: ExportJob, sheet: Sheet, own: Sequence[OwnField], file: Path
) -> int | None:
    """How many customers there are; None if somebody has cancelled it."""
    hidden = {each.rule.name for each in own if each.rule.sensitive and not job.revealed}
    pages = rows = 0
    opened = _workbook(file) if job.format == "xlsx" else _text(file, job.wish["byte_order_mark"])
    with opened as write:
        write(sheet.header)
        async for page in _pages(database, job, frozenset(hidden)):
            for customer in page:
                if customer.erased_at is None:
                    write(sheet.row(_exported(customer)))
                    rows += 1
            pages += 1
            if pages % NOTED_EVERY == 0 and not await _noted(database, job.id, rows):
                return None
    return rows


async def _noted(database: Database, export_id: str, rows: int) -> bool:
    async with database.sessions.begin() as session:
        return await ExportJobs(session).note(export_id, rows)


@contextmanager
def _text(file: Path, byte_order_mark: bool) -> Iterator[Write]:
    """``byte_order_mark``: without one Excel takes UTF-8 for the system's own code page."""
    encoding = "utf-8-sig" if byte_order_mark else "utf-8"
    with file.open("w", encoding=encoding, newline="") as text:
        yield csv.writer(text).writerow


@contextmanager
def _workbook(file: Path) -> Iterator[Write]:
    # Here, for the server imports this module at its start: 176 modules that only a sheet needs.
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    book = Workbook(write_only=True)
    sheet = book.create_sheet("customers")
    rows = 0

    def write(cells: Sequence[str]) -> None:
        nonlocal rows
        rows += 1
        if rows > MOST_OF_A_SHEET:
            raise TooMany(f"a sheet has {MOST_OF_A_SHEET} rows at most; a CSV file has no limit")
        sheet.append([_text_cell(cell) for cell in cells])

    def _text_cell(text: str) -> Any:
        if not text:
            return None
        cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", text))
        cell.data_type = "s"  # whatever it begins with
        return cell

    try:
        yield write
    except BaseException:
        sheet.close()  # what it has open in the folder, which goes now
        raise
    book.save(file)


async def _pages(
    database: Database, job: ExportJob, hidden: frozenset[str]
) -> AsyncIterator[Sequence[Customer]]:
    """Whom the lists would show to who wants the export, in their order."""
    after = None
    owner_id, asked = job.wish["owner_id"], job.wish["q"]
    while asked is None:
        async with database.readers() as session:
            page = await Customers(session).page(
                AT_ONCE, after=after, teams=job.teams, owner_id=owner_id
            )
        yield page
        if len(page) < AT_ONCE:
            return
        after = page[-1].created_at, page[-1].id
    place = None
    while True:
        found = await database.in_one_look(
            lambda look, place=place: search(  # type: ignore[misc]
                look, ways(asked), limit=AT_ONCE, after=place, teams=job.teams, hidden=hidden
            )
        )
        async with database.readers() as session:
            those = await Customers(session).among(found.customer_ids, job.teams)
        by_id = {one.id: one for one in those if owner_id in {None, one.owner_id}}
        yield [by_id[one] for one in found.customer_ids if one in by_id]
        if found.next is None:
            return
        place = found.next


def _exported(customer: Customer) -> Exported:
    return Exported(
        id=customer.id,
        name=customer.name,
        kind=customer.kind,
        external_id=customer.external_id,
        tier=customer.tier,
        language=customer.language,
        company=customer.company,
        tags=customer.tags,
        notes=customer.notes,
        numbers=[number.number for number in customer.numbers],
        addresses=[point.address for point in customer.contact_points],
        owner_id=customer.owner_id,
        team=customer.team,
        created_at=customer.created_at,
        updated_at=customer.updated_at,
        attributes=customer.attributes,
    )


async def _break_off(database: Database, order: Order, reason: str) -> None:
    shutil.rmtree(order.folder / order.export_id, ignore_errors=True)
    async with database.sessions.begin() as session:
        await ExportJobs(session).end(
            order.export_id, BROKEN_OFF, reason=reason, ended_at=datetime.now(UTC)
        )
