"""
Customers from a spreadsheet's CSV.

A file is stored a few rows at a time, each few in a transaction of their own, and with pauses: a
call does not wait for an import on the control loop, and the event log does not wait for it at
SQLite's one write lock. So an import that is broken off has stored its first rows, and says so;
the whole file can simply come again, for rows that are known are updated.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from aiohttp import web

from crm.customer_row import CustomerRow
from crm.importing import read_customers
from cti_server.store.customer_imports import CustomerImports
from cti_server.store.database import UNAVAILABLE, refused_the_data
from cti_server.wire.events import CustomersImported
from cti_server.wire.rest import CustomerImport

from .parts import Parts, identity, parts
from .problems import BadRequest, ImportBrokenOff, ImportRefused
from .routing import Routes, answer

log = structlog.get_logger()
routes = Routes()

LARGEST = 32 * 1024 * 1024  # bytes of one file
ROWS_AT_ONCE = 25  # some 3 ms of the loop and 30 ms of the write lock


@dataclass(slots=True)
class Progress:
    """What an import has stored so far, of how many good rows."""

    rows: int
    created: int = 0
    updated: int = 0

    @property
    def stored(self) -> int:
        return self.created + self.updated


@routes.add(
    "POST",
    "/api/v1/customers/import",
    needs=("customers.import",),
    answers=CustomerImport,
    accepts="text/csv",
)
async def import_customers(request: web.Request) -> web.Response:
    """Create and update customers from a CSV file (body); bad rows are named and left out."""
    data = await _body(request)
    here = parts(request)
    read = await asyncio.to_thread(read_customers, data, here.default_region)
    progress = Progress(len(read.customers))
    try:
        await _store(here, read.customers, progress)
    except UNAVAILABLE as error:
        log.warning("api.import_broken_off", stored=progress.stored, reason=type(error).__name__)
        raise _broken_off(progress, error) from error
    finally:
        if progress.stored or not progress.rows:
            here.log.append(
                CustomersImported(
                    imported_by=identity(request).agent_id,
                    created=progress.created,
                    updated=progress.updated,
                    refused=len(read.problems),
                )
            )
    return answer(
        CustomerImport(
            created=progress.created,
            updated=progress.updated,
            problems=[str(problem) for problem in read.problems],
        )
    )


async def _store(here: Parts, rows: Sequence[CustomerRow], progress: Progress) -> None:
    clock = asyncio.get_running_loop().time
    for start in range(0, len(rows), ROWS_AT_ONCE):
        begun = clock()
        async with here.database.sessions() as session, session.begin():
            done = await CustomerImports(session).take_in(
                rows[start : start + ROWS_AT_ONCE], new_id=here.new_id, now=here.clock.now()
            )
        progress.created += done.created
        progress.updated += done.updated
        await asyncio.sleep(clock() - begun)  # half of the time is everybody else's


def _broken_off(progress: Progress, error: Exception) -> Exception:
    stored = (
        f"{progress.stored} of {progress.rows} rows are stored "
        f"({progress.created} created, {progress.updated} updated); then the database "
    )
    if refused_the_data(error):
        one = f"refused one of the next {ROWS_AT_ONCE}; "
        return ImportRefused(stored + one + "correct it and send the whole file again")
    return ImportBrokenOff(stored + "did not answer; send the whole file again, known rows stay")


async def _body(request: web.Request) -> bytes:
    """The whole body, whatever the application's limit for JSON is; raises BadRequest."""
    chunks, size = [], 0
    async for chunk in request.content.iter_chunked(64 * 1024):
        size += len(chunk)
        if size > LARGEST:
            raise BadRequest(f"body: larger than {LARGEST // 1024 // 1024} MiB")
        chunks.append(chunk)
    return b"".join(chunks)
