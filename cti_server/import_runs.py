"""The imports of this server that are at work: one after the other, whoever started them."""

import asyncio
import contextlib
import multiprocessing
from collections.abc import Callable
from datetime import UTC, datetime
from multiprocessing.process import BaseProcess
from pathlib import Path

import structlog

from . import customer_import
from .customer_import import SOURCE, Order
from .store.database import Database
from .store.import_jobs import BROKEN_OFF, ImportJob, ImportJobs
from .wire.events import CustomersImported, Event

log = structlog.get_logger()


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
        self._turn = asyncio.Lock()
        self._running: set[asyncio.Task[None]] = set()
        self._process: BaseProcess | None = None

    def start(self, import_id: str) -> None:
        task = asyncio.create_task(self._take_turn(import_id), name=f"import-{import_id}")
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def resume(self) -> None:
        """Go on with what was running when the server ended."""
        async with self._database.readers() as session:
            for import_id in await ImportJobs(session).running():
                self.start(import_id)

    async def close(self) -> None:
        """End what runs; it stays an import that runs, to go on with at the next start."""
        for task in list(self._running):
            task.cancel()
        if self._process is not None:
            self._process.terminate()
        for task in list(self._running):
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _take_turn(self, import_id: str) -> None:
        async with self._turn:
            before = await self._job(import_id)
            order = Order(
                self._database.url.render_as_string(hide_password=False),
                self.folder,
                self._region,
                import_id,
            )
            await self._run(order)
            after = await self._job(import_id)
        if before is None or after is None:
            return
        if after.state == "running":
            after = await self._died(import_id)
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

    async def _run(self, order: Order) -> None:
        """Spawned: a fork would copy the server's sockets. No daemon, for it has a child."""
        context = multiprocessing.get_context("spawn")
        process = context.Process(target=customer_import.run, args=(order,))
        self._process = process
        try:
            await asyncio.to_thread(process.start)
            await asyncio.to_thread(process.join)
        finally:
            self._process = None

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
