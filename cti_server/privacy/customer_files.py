"""
Files of customers beside the database: what was uploaded, what could not be imported, exports.

What is still to be imported and has the person in it goes as a whole: half a file would be another
one than was looked at before. Of the rows that an import refused only theirs go.
"""

import asyncio
import csv
import os
import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import select, update

from crm import import_sheet, import_text
from crm.erasure import Likeness, Subject
from crm.import_text import Unreadable
from cti_server.customer_export_runs import forget
from cti_server.customer_import import PROBLEMS, SOURCE
from cti_server.store.database import Database
from cti_server.store.exports import DONE as EXPORTED
from cti_server.store.exports import EXPIRED, ExportJob
from cti_server.store.exports import RUNNING as EXPORTING
from cti_server.store.import_jobs import CANCELLED, RUNNING, UPLOADED, ImportJob
from recording.disk import Disk

REASON = "somebody in the file was erased"


class StillAtWork(Exception):
    """An import or export that has the person in it runs; what has to end first is named."""


@dataclass(frozen=True, slots=True)
class Found:
    """What one import's folder has of the person."""

    in_source: bool
    refused_rows: int


@dataclass(frozen=True, slots=True)
class CustomerFiles:
    """The folders, and the processes in which their files are read."""

    database: Database
    imports: Path
    exports: Path
    jobs: Executor
    region: str

    async def forget(self, subject: Subject) -> int:
        """Remove what has the person in it; how many files. Raises StillAtWork."""
        removed = 0
        for folder in await asyncio.to_thread(_folders, self.imports):
            removed += await self._forget_import(folder, subject)
        return removed + await self._forget_exports()

    async def _forget_import(self, folder: Path, subject: Subject) -> int:
        async with self.database.readers() as session:
            job = await session.get(ImportJob, folder.name)
        state = None if job is None else job.state
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(
            self.jobs, search, folder, subject, self.region, state != RUNNING
        )
        if state == RUNNING and (found.in_source or found.refused_rows):
            raise StillAtWork(f"the import {folder.name}")
        if found.in_source:
            await asyncio.to_thread(Disk().remove, folder / SOURCE)
            await asyncio.to_thread(Disk().sync_folder, folder)
        if job is not None:
            await self._note(job, subject, cancelled=found.in_source)
        return found.in_source + bool(found.refused_rows)

    async def _note(self, job: ImportJob, subject: Subject, *, cancelled: bool) -> None:
        values: dict[str, str] = {}
        if Likeness(subject, self.region).in_text(job.filename):
            values["filename"] = ""
        if cancelled and job.state == UPLOADED:
            values |= {"state": CANCELLED, "reason": REASON}
        elif cancelled:
            values["reason"] = REASON
        if values:
            async with self.database.sessions.begin() as session:
                await session.execute(
                    update(ImportJob).where(ImportJob.id == job.id).values(values)
                )

    async def _forget_exports(self) -> int:
        """All of them: each is made again in a moment, by who still needs it."""
        async with self.database.sessions.begin() as session:
            query = select(ExportJob).where(ExportJob.state.in_([EXPORTED, EXPORTING]))
            jobs = (await session.scalars(query)).all()
            if running := [job.id for job in jobs if job.state == EXPORTING]:
                raise StillAtWork(f"the export {running[0]}")
            for job in jobs:
                await asyncio.to_thread(shutil.rmtree, self.exports / job.id, ignore_errors=True)
                forget(job, EXPIRED)
        return len(jobs)


def search(folder: Path, subject: Subject, region: str, remove: bool) -> Found:
    """
    Look through an import's folder; ``remove`` the person's rows from those that were refused.

    For a process of its own: files have up to a million rows.
    """
    likeness = Likeness(subject, region)
    return Found(
        _has(folder / SOURCE, likeness), _without(folder / PROBLEMS, likeness, remove=remove)
    )


def remove(folder: Path) -> None:
    """An import's folder, with what was uploaded and what was refused of it."""
    shutil.rmtree(folder, ignore_errors=True)


def _folders(parent: Path) -> Sequence[Path]:
    return sorted(path for path in parent.iterdir() if path.is_dir()) if parent.is_dir() else []


def _has(source: Path, likeness: Likeness) -> bool:
    """Whether a row is theirs; a file that nobody can read is searched as text."""
    if not source.is_file():
        return False
    with source.open("rb") as file:
        try:
            return any(likeness.in_row(cells) for _, cells in _records(file))
        except Unreadable:
            file.seek(0)
            return any(likeness.in_text(line.decode("utf-8", "replace")) for line in file)


def _records(file: BinaryIO) -> Iterator[tuple[int, list[str]]]:
    if import_sheet.is_sheet(file):
        return import_sheet.records(file)
    return import_text.records(file)


def _without(problems: Path, likeness: Likeness, *, remove: bool) -> int:
    """How many rows of the refused ones are theirs; the others stay, in a file put in its place."""
    if not problems.is_file():
        return 0
    with problems.open(encoding="utf-8-sig", newline="") as file:
        header, *rows = list(csv.reader(file)) or [[]]
    others = [row for row in rows if not likeness.in_row(row)]
    if remove and len(others) < len(rows):
        part = problems.with_suffix(".part")
        with part.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows([header, *others])
            file.flush()
            os.fsync(file.fileno())
        Disk().rename(part, problems)
    return len(rows) - len(others)
