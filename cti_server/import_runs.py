"""The imports of this server that are at work: one after the other, whoever started them."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import structlog

from . import customer_import
from .customer_import import SOURCE, Order
from .process_turns import ProcessTurns
from .store.customer_index_due import CustomersDue
from .store.database import Database
from .store.import_jobs import BROKEN_OFF, ImportJob, ImportJobs
from .wire.events import CustomersImported, Event

log = structlog.get_logger()

_NO_IMPORT = ""


class ImportRuns:
    """
    Runs imports in a process of their own each; that they run is stored, by whom starts them.

    One that a server's end cut short goes on at :meth:`resume`.
    """

    def __init__(
        self, database: Database, append: Callable[[Event], object], folder: Path, region: str
    ) -> None:
        self.folder = folder
        self._database = database
        self._append = append
        self._region = region
        self._turns = ProcessTurns()

    def start(self, import_id: str) -> None:
        self._turns.start(self._take_in, import_id)

    async def resume(self) -> None:
        """Go on with what was running when the server ended."""
        async with self._database.readers() as session:
            running = await ImportJobs(session).running()
            due = await CustomersDue(session).any()
        for import_id in running:
            self.start(import_id)
        if due and not running:  # else it is indexed at the end of those
            self._turns.start(self._index, _NO_IMPORT)

    async def close(self) -> None:
        """End what runs; it stays an import that runs, to go on with at the next start."""
        await self._turns.close()

    async def _take_in(self, import_id: str) -> None:
        before = await self._job(import_id)
        await self._turns.run(customer_import.run, self._order(import_id))
        after = await self._job(import_id)
        if before is None or after is None:
            return
        if after.state == "running":
            after = await self._died(import_id)
            await self._index(import_id)
        log.info("import.ended", state=after.state, rows=after.rows)
        if after.state != BROKEN_OFF:
            await asyncio.to_thread((self.folder / import_id / SOURCE).unlink, missing_ok=True)
        self._append(
            CustomersImported(
                imported_by=after.created_by,
                created=after.created - before.created,
                updated=after.updated - before.updated,
                refused=after.refused,
            )
        )

    async def _index(self, import_id: str) -> None:
        """Have those be found whom an import had stored when its process was killed."""
        await self._turns.run(customer_import.index, self._order(import_id))

    def _order(self, import_id: str) -> Order:
        url = self._database.url.render_as_string(hide_password=False)
        return Order(url, self.folder, self._region, import_id, self._database.epoch)

    async def _died(self, import_id: str) -> ImportJob:
        """The process was killed, or fell over a fault of ours."""
        async with self._database.sessions.begin() as session:
            jobs = ImportJobs(session)
            await jobs.end(import_id, BROKEN_OFF, "its process died", datetime.now(UTC))
            job = await jobs.get(import_id)
        if job is None:
            raise LookupError(import_id)
        return job

    async def _job(self, import_id: str) -> ImportJob | None:
        async with self._database.readers() as session:
            return await ImportJobs(session).get(import_id)
