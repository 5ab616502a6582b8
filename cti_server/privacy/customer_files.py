"""
Files of customers beside the database: what was uploaded, what could not be imported, exports.

What is still to be imported and has the person in it goes as a whole: half a file would be another
one than was looked at before. Of the rows that an import refused only theirs go. No import starts
meanwhile: :meth:`cti_server.store.erasures.Erasures.searching`.
"""

import asyncio
import csv
import os
import shutil
import zlib
from collections.abc import Callable, Coroutine, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Protocol, TypeVar

from sqlalchemy import select

from crm import import_sheet, import_text
from crm.erasure import Likeness, Subject
from crm.import_text import Unreadable
from cti_server.customer_export_runs import folders_in, forget
from cti_server.customer_import import PROBLEMS, SOURCE
from cti_server.store.database import Database
from cti_server.store.exports import DONE as EXPORTED
from cti_server.store.exports import EXPIRED, ExportJob, ExportJobs
from cti_server.store.import_jobs import ImportJob, ImportJobs
from recording.disk import Disk

REASON = "somebody in the file was erased"
PIECE = 1024 * 1024  # bytes of a file without lines that are searched at once
_OVERLAP = 4096  # bytes: more than any name, number or address
_LONGEST_CELL = 16 * 1024 * 1024  # characters: a quote that nobody closed takes in what follows
_BROKEN = (Unreadable, zlib.error, EOFError, RuntimeError)  # the last: encrypted, packed strangely

T = TypeVar("T")
R = TypeVar("R")


class StillAtWork(Exception):
    """An import or export that may have the person in it runs; what has to end first is named."""


class Ask(Protocol):
    """Has a function called where it holds up nobody, and returns what it returned."""

    def __call__(self, target: Callable[[T], R], order: T, /) -> Coroutine[Any, Any, R]: ...


@dataclass(frozen=True, slots=True)
class Found:
    """What one import's folder has of the person."""

    in_source: bool
    refused_rows: int


@dataclass(frozen=True, slots=True)
class Search:
    """Whom to look for in which folders."""

    imports: Path
    subject: Subject
    region: str


@dataclass(frozen=True, slots=True)
class CustomerFiles:
    """The folders, and the process in which their files are read."""

    database: Database
    imports: Path
    exports: Path
    ask: Ask
    region: str

    async def forget(self, subject: Subject) -> int:
        """Remove what has the person in it; how many files. Raises StillAtWork."""
        return await self._forget_imports(subject) + await self._forget_exports()

    async def _forget_imports(self, subject: Subject) -> int:
        async with self.database.readers() as session:
            if running := await ImportJobs(session).running():
                raise StillAtWork(f"the import {running[0]}")
        found = await self.ask(search, Search(self.imports, subject, self.region))
        for import_id, each in found.items():
            if each.in_source:
                await self._remove_source(import_id)
        await self._forget_names(subject)
        return sum(each.in_source + bool(each.refused_rows) for each in found.values())

    async def _remove_source(self, import_id: str) -> None:
        async with self.database.sessions.begin() as session:
            jobs = ImportJobs(session)
            if not await jobs.cancel(import_id, REASON) and await jobs.get(import_id) is not None:
                raise StillAtWork(f"the import {import_id}")
        folder = self.imports / import_id
        await asyncio.to_thread(Disk().remove, folder / SOURCE)
        await asyncio.to_thread(Disk().sync_folder, folder)

    async def _forget_names(self, subject: Subject) -> None:
        """Of files that are called after the person."""
        likeness = Likeness(subject, self.region)
        async with self.database.sessions.begin() as session:
            for job in await session.scalars(select(ImportJob).where(ImportJob.filename != "")):
                if likeness.in_text(job.filename):
                    job.filename = ""

    async def _forget_exports(self) -> int:
        """
        All of them, with what was left of others: each is made again in a moment.

        Folders are listed first: one of an export that begins after that has nobody who is erased.
        """
        folders = await asyncio.to_thread(folders_in, self.exports)
        async with self.database.readers() as session:
            if running := await ExportJobs(session).running():
                raise StillAtWork(f"the export {running[0]}")
        for folder in folders:
            await asyncio.to_thread(remove, folder)
        async with self.database.sessions.begin() as session:
            query = select(ExportJob).where(ExportJob.state == EXPORTED)
            done = (await session.scalars(query)).all()
            for job in done:
                await asyncio.to_thread(remove, self.exports / job.id)
                forget(job, EXPIRED)
            for job in await ExportJobs(session).with_search():
                job.forget_search()
        return len(done)


def search(order: Search) -> Mapping[str, Found]:
    """
    What imports' folders have of the person, by import; their rows of those refused are removed.

    For a process of its own: files have up to a million rows.
    """
    likeness = Likeness(order.subject, order.region)
    found = {
        folder.name: Found(
            _has(folder / SOURCE, likeness), _remove_rows(folder / PROBLEMS, likeness)
        )
        for folder in folders_in(order.imports)
    }
    return {name: each for name, each in found.items() if each != Found(False, 0)}


def remove(folder: Path) -> None:
    """All that was kept of an import or export."""
    shutil.rmtree(folder, ignore_errors=True)


def _has(source: Path, likeness: Likeness) -> bool:
    """Whether a row is theirs; a file that nobody can read is searched as text."""
    if not source.is_file():
        return False
    with source.open("rb") as file:
        try:
            return any(likeness.in_row(cells) for _, cells in _records(file))
        except _BROKEN:
            file.seek(0)
            return _in_text(file, likeness)


def _records(file: BinaryIO) -> Iterator[tuple[int, list[str]]]:
    if import_sheet.is_sheet(file):
        return import_sheet.records(file)
    return import_text.records(file)


def _in_text(file: BinaryIO, likeness: Likeness) -> bool:
    """Line by line; a long one in pieces, each with the end of the one before it."""
    before = b""
    while piece := file.readline(PIECE):
        if likeness.in_text((before + piece).decode("utf-8", "replace")):
            return True
        before = b"" if piece.endswith(b"\n") else piece[-_OVERLAP:]
    return False


def _remove_rows(problems: Path, likeness: Likeness) -> int:
    """
    How many rows of the refused ones were theirs; the others are in a file put in its place.

    It may end amid a character, a killed import's. If nobody can read it, it goes as a whole.
    """
    if not problems.is_file():
        return 0
    part = problems.with_suffix(".part")
    csv.field_size_limit(_LONGEST_CELL)
    try:
        removed = _copy_others(problems, part, likeness)
    except csv.Error:
        removed = 1
        part.write_bytes(b"")
    if removed:
        Disk().rename(part, problems)
    else:
        part.unlink()
    return removed


def _copy_others(problems: Path, part: Path, likeness: Likeness) -> int:
    """How many were left out."""
    removed = 0
    with (
        problems.open(encoding="utf-8-sig", errors="replace", newline="") as file,
        part.open("w", encoding="utf-8-sig", newline="") as others,
    ):
        rows, kept = csv.reader(file), csv.writer(others)
        kept.writerow(next(rows, []))
        for row in rows:
            if likeness.in_row(row):
                removed += 1
            else:
                kept.writerow(row)
        if removed:
            others.flush()
            os.fsync(others.fileno())
    return removed
