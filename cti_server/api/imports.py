"""
Customers from a spreadsheet: upload it, look at what it would do, start it, watch it.

The file goes to the disk as it comes. What an import does, it does in a process of its own
(:mod:`cti_server.customer_import`), whether whoever started it is still there or not.
"""

import asyncio
import shutil
from datetime import datetime
from itertools import islice
from pathlib import Path

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from crm.errors import NotNow, UnknownRecord
from crm.import_text import Unreadable
from crm.importing import CustomerFile, ReadRow
from cti_server.customer_import import PROBLEMS, SOURCE, own_fields
from cti_server.store.customer_fields import CustomerFields
from cti_server.store.customer_imports import CustomerImports
from cti_server.store.erasures import Erasures
from cti_server.store.import_jobs import (
    BROKEN_OFF,
    CANCELLED,
    RUNNING,
    UPLOADED,
    ImportJob,
    ImportJobs,
)
from cti_server.wire.imports import (
    ColumnView,
    ImportColumns,
    ImportPage,
    ImportPreview,
    ImportView,
    ProblemView,
    RowView,
)

from .paging import PAGING, after, cursor, limit
from .parts import identity, parts
from .problems import BadRequest, ImportRefused
from .routing import Query, Routes, answer, read

routes = Routes()

LARGEST = 1024 * 1024 * 1024  # bytes of one file
LOOKED_AT = 1_000  # rows of a preview
SHOWN = 20  # of these
_CHUNK = 1024 * 1024  # bytes written at once
_MIGHT = ("customers.import",)


@routes.add(
    "POST",
    "/api/v1/customer-imports",
    needs=_MIGHT,
    answers=ImportView,
    accepts="application/octet-stream",
    query=(Query("filename", "string", "what people call the file"),),
    status=201,
)
async def upload_customers(request: web.Request) -> web.Response:
    """Upload a CSV or XLSX file (the body); nothing is read into the records yet."""
    here = parts(request)
    name = request.query.get("filename", "customers")
    if not name.isprintable() or not 0 < len(name) <= 200:
        raise BadRequest("filename: must be 1 to 200 characters that can be printed")
    import_id = here.new_id()
    folder = here.imports.folder / import_id
    try:
        size = await _receive(request, folder)
        job = ImportJob(
            id=import_id,
            filename=name,
            size=size,
            created_by=identity(request).agent_id,
            created_at=here.clock.now(),
        )
        async with here.changes.begin(job.created_by) as change:
            ImportJobs(change.session).add(job)
            change.record(ImportJob.__tablename__, import_id, "created")
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return answer(_view(job), status=201)


@routes.add("GET", "/api/v1/customer-imports", needs=_MIGHT, answers=ImportPage, query=PAGING)
async def list_imports(request: web.Request) -> web.Response:
    """The imports, the newest first."""
    most = limit(request)
    async with parts(request).database.readers() as session:
        found = await ImportJobs(session).page(most, after(request, tuple[datetime, str]))
    more = cursor(found[-1].created_at, found[-1].id) if len(found) == most else None
    return answer(ImportPage(items=[_view(job) for job in found], next=more))


@routes.add("GET", "/api/v1/customer-imports/{import_id}", needs=_MIGHT, answers=ImportView)
async def get_import(request: web.Request) -> web.Response:
    """An import: how far it is."""
    async with parts(request).database.readers() as session:
        return answer(_view(await _named(request, session)))


@routes.add(
    "POST",
    "/api/v1/customer-imports/{import_id}/preview",
    needs=_MIGHT,
    body=ImportColumns,
    answers=ImportPreview,
)
async def preview_import(request: web.Request) -> web.Response:
    """What the first rows would do: columns, problems, who is there already; nothing is stored."""
    wanted = await read(request, ImportColumns)
    here = parts(request)
    async with here.database.readers() as session:
        job = await _named(request, session)
        own = own_fields(await CustomerFields(session).all())
    source = here.imports.folder / job.id / SOURCE

    def look() -> tuple[CustomerFile, list[ReadRow]]:
        with source.open("rb") as data:
            file = CustomerFile(data, here.default_region, own=own, chosen=wanted.columns)
            return file, list(islice(file, LOOKED_AT + 1))

    try:
        file, rows = await asyncio.to_thread(look)
    except Unreadable as problem:
        raise ImportRefused(f"the file {problem.rule}") from problem
    except FileNotFoundError as error:
        raise NotNow("the file of an import that is over is not kept") from error
    async with here.database.readers() as session:
        return answer(await _preview(session, file, rows))


@routes.add(
    "POST",
    "/api/v1/customer-imports/{import_id}/start",
    needs=_MIGHT,
    body=ImportColumns,
    answers=ImportView,
    status=202,
)
async def start_import(request: web.Request) -> web.Response:
    """Store the rows, or go on with an import that was broken off."""
    wanted = await read(request, ImportColumns)
    here, who = parts(request), identity(request)
    async with here.changes.begin(who.agent_id) as change:
        await ImportJobs(change.session).hold()
        job = await _named(request, change.session)
        if await Erasures(change.session).searching():
            raise NotNow("files are searched for somebody who is being erased; try again later")
        if job.state not in {UPLOADED, BROKEN_OFF}:
            raise NotNow(f"this import is {job.state}")
        if job.state == UPLOADED:
            job.columns = {header: name or "" for header, name in wanted.columns.items()}
            job.started_at = here.clock.now()
        job.state, job.reason, job.ended_at = RUNNING, None, None
        change.record(ImportJob.__tablename__, job.id, "started")
    here.imports.start(job.id)
    return answer(_view(job), status=202)


@routes.add("POST", "/api/v1/customer-imports/{import_id}/cancel", needs=_MIGHT, answers=ImportView)
async def cancel_import(request: web.Request) -> web.Response:
    """Take in no more rows; those that are stored stay."""
    here, who = parts(request), identity(request)
    async with here.changes.begin(who.agent_id) as change:
        job = await _named(request, change.session)
        if job.state not in {UPLOADED, RUNNING, BROKEN_OFF}:
            raise NotNow(f"this import is {job.state}")
        idle = job.state != RUNNING
        job.state, job.ended_at = CANCELLED, here.clock.now()
        change.record(ImportJob.__tablename__, job.id, "cancelled")
    if idle:
        source = here.imports.folder / job.id / SOURCE
        await asyncio.to_thread(source.unlink, missing_ok=True)
    return answer(_view(job))


@routes.add(
    "GET",
    "/api/v1/customer-imports/{import_id}/problems",
    needs=_MIGHT,
    media_type="text/csv",
)
async def download_problems(request: web.Request) -> web.StreamResponse:
    """The rows that were refused, as they were, with what is wrong with each (CSV)."""
    here = parts(request)
    async with here.database.readers() as session:
        job = await _named(request, session)
    file: Path = here.imports.folder / job.id / PROBLEMS
    if not await asyncio.to_thread(file.is_file):
        raise NotNow("this import has not begun")
    headers = {
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Disposition": f'attachment; filename="problems-{job.id}.csv"',
        "X-Content-Type-Options": "nosniff",
    }
    return web.FileResponse(file, headers=headers)


async def _named(request: web.Request, session: AsyncSession) -> ImportJob:
    """Raises UnknownRecord."""
    import_id = request.match_info["import_id"]
    job = await ImportJobs(session).get(import_id)
    if job is None:
        raise UnknownRecord("import", import_id)
    return job


async def _receive(request: web.Request, folder: Path) -> int:
    """The body, to the disk; its size in bytes. Raises BadRequest."""
    await asyncio.to_thread(folder.mkdir, parents=True, mode=0o700)
    size = 0
    with (folder / SOURCE).open("wb") as file:
        waiting = bytearray()
        async for chunk in request.content.iter_chunked(64 * 1024):
            size += len(chunk)
            if size > LARGEST:
                raise BadRequest(f"body: larger than {LARGEST // 1024 // 1024} MiB")
            waiting += chunk
            if len(waiting) >= _CHUNK:
                await asyncio.to_thread(file.write, bytes(waiting))
                waiting.clear()
        await asyncio.to_thread(file.write, bytes(waiting))
    if not size:
        raise BadRequest("body: is empty")
    return size


async def _preview(session: AsyncSession, file: CustomerFile, rows: list[ReadRow]) -> ImportPreview:
    looked_at, whole = rows[:LOOKED_AT], len(rows) <= LOOKED_AT
    customers = [row.customer for row in looked_at if row.customer is not None]
    known = iter(await CustomerImports(session).known(customers))
    means = {row.row: next(known) for row in looked_at if row.customer is not None}
    updated = sum(customer_id is not None for customer_id in means.values())
    problems = [problem for row in looked_at for problem in row.problems]
    return ImportPreview(
        kind="xlsx" if file.kind == "xlsx" else "csv",
        columns=[
            ColumnView(header=header, field=field)
            for header, field in zip(file.header, file.columns.fields, strict=True)
        ],
        first_rows=[
            RowView(row=row.row, cells=list(row.cells), customer_id=means.get(row.row))
            for row in looked_at[:SHOWN]
        ],
        problems=[ProblemView(row=p.row, field=p.field, rule=p.rule) for p in problems],
        rows=len(looked_at),
        whole=whole,
        created=len(means) - updated,
        updated=updated,
        refused=len(looked_at) - len(means),
    )


def _view(job: ImportJob) -> ImportView:
    return ImportView.model_validate({name: getattr(job, name) for name in ImportView.model_fields})
