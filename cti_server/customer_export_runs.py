"""The exports of this server that are at work, and the files of those that are over."""

import asyncio
import shutil
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog

from . import customer_export
from .customer_export import Order
from .process_turns import ProcessTurns
from .store.database import Database
from .store.exports import BROKEN_OFF, DONE, EXPIRED, ExportJob, ExportJobs
from .wire.events import Event, RecordRead

log = structlog.get_logger()

_AT_ONCE = 100  # files removed in one transaction


class ExportRuns:
    """
    Runs exports in a process of their own each; that they run is stored, by whom starts them.

    One that a server's end cut short begins anew at :meth:`resume`.
    """

    def __init__(
        self,
        database: Database,
        append: Callable[[Event], object],
        folder: Path,
        kept_for: timedelta,
    ) -> None:
        self.folder = folder
        self._database = database
        self._append = append
        self._kept_for = kept_for
        self._turns = ProcessTurns()

    def start(self, export_id: str) -> None:
        self._turns.start(self._write_out, export_id)

    async def resume(self) -> None:
        """Begin anew what the last server's end cut short, and remove what it left of others."""
        folders = await asyncio.to_thread(folders_in, self.folder)
        async with self._database.readers() as session:
            kept = frozenset(await ExportJobs(session).kept())
        for folder in folders:
            if folder.name not in kept:
                await self.remove(folder.name)
        async with self._database.readers() as session:
            for export_id in await ExportJobs(session).running():
                self.start(export_id)

    async def close(self) -> None:
        """End what runs; it stays an export that runs, to begin anew at the next start."""
        await self._turns.close()

    async def remove(self, export_id: str) -> None:
        """Its file, and what was written of it."""
        await asyncio.to_thread(shutil.rmtree, self.folder / export_id, ignore_errors=True)

    async def _write_out(self, export_id: str) -> None:
        url = self._database.url.render_as_string(hide_password=False)
        order = Order(url, self.folder, export_id, self._kept_for, self._database.epoch)
        await self._turns.run(customer_export.run, order)
        async with self._database.sessions.begin() as session:
            jobs = ExportJobs(session)
            died = {"reason": "its process died", "ended_at": datetime.now(UTC)}
            await jobs.end(export_id, BROKEN_OFF, **died)  # it was killed, or a fault of ours
            job = await jobs.get(export_id)
        if job is None:
            return
        if job.state != DONE:
            await self.remove(export_id)
        log.info("export.ended", state=job.state, rows=job.rows)
        if job.state == DONE:
            self._append(
                RecordRead(
                    record=ExportJob.__tablename__,
                    record_id=job.id,
                    what=described(job),
                    read_by=job.created_by,
                )
            )


def described(job: ExportJob) -> str:
    """For the audit: how much of whom, and by which filter; never what was searched for."""
    by = ["q"] if job.wish["q"] is not None else []
    if job.wish["owner_id"] is not None:
        by.append(f"owner_id={job.wish['owner_id']}")
    if job.teams is not None:
        by.append(f"team={','.join(sorted(job.teams))}")
    shown = "whole" if job.revealed else "masked"
    return f"{job.rows} customers, {shown}, as {job.format}; filter: {' '.join(by) or 'none'}"


class ExpiredExports:
    """The due work of removing files that are kept no longer."""

    name = "expired_exports"
    records = frozenset({ExportJob.__tablename__})

    def __init__(self, database: Database, runs: ExportRuns) -> None:
        self._database = database
        self._runs = runs

    async def earliest(self) -> datetime | None:
        async with self._database.readers() as session:
            return await ExportJobs(session).next_expiry()

    async def do(self, now: datetime) -> None:
        async with self._database.sessions.begin() as session:
            for job in await ExportJobs(session).expired(now, _AT_ONCE):
                await self._runs.remove(job.id)
                forget(job, EXPIRED)


def forget(job: ExportJob, state: str) -> None:
    """The file is gone, and with it what was searched for."""
    job.state = state
    job.expires_at = None
    job.forget_search()


def folders_in(parent: Path) -> Sequence[Path]:
    """One for each import or export, by its id."""
    return sorted(path for path in parent.iterdir() if path.is_dir()) if parent.is_dir() else []
