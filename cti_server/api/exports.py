"""
Customers as a spreadsheet: ask for it, watch it, download it.

The file is made by a process of its own (:mod:`cti_server.customer_export`) and is its maker's
alone, for it has whom they may see.
"""

import asyncio
from datetime import datetime

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from crm.errors import NotNow, UnknownRecord
from cti_server.customer_export import file_of, sheet_of
from cti_server.customer_export_runs import forget
from cti_server.customer_import import own_fields
from cti_server.store.customer_fields import CustomerFields
from cti_server.store.exports import CANCELLED, DONE, EXPIRED, RUNNING, ExportJob, ExportJobs
from cti_server.wire.events import RecordRead
from cti_server.wire.exports import ExportCreate, ExportPage, ExportView

from .paging import PAGING, after, cursor, limit
from .parts import identity, parts
from .routing import Routes, answer, read

routes = Routes()

MOST_RUNNING = 5  # of one person
_MIGHT = ("customers.export",)
_PATH = "/api/v1/customer-exports/{export_id}"
_KINDS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@routes.add(
    "POST",
    "/api/v1/customer-exports",
    needs=_MIGHT,
    body=ExportCreate,
    answers=ExportView,
    status=202,
)
async def export_customers(request: web.Request) -> web.Response:
    """Have a file of customers made; masked, unless it is to be revealed to who may see it."""
    wanted = await read(request, ExportCreate)
    here, who = parts(request), identity(request)
    if wanted.revealed:
        who.need("customers.reveal")
    async with here.changes.begin(who.agent_id) as change:
        jobs = ExportJobs(change.session)
        if await jobs.running_of(who.agent_id) >= MOST_RUNNING:
            raise NotNow(f"{MOST_RUNNING} exports of yours are running; wait for one of them")
        job = ExportJob(
            id=here.new_id(),
            format=wanted.format,
            revealed=wanted.revealed,
            wish=wanted.model_dump(exclude={"format", "revealed"}),
            scope={"teams": None if who.teams is None else sorted(who.teams)},
            created_by=who.agent_id,
            created_at=here.clock.now(),
        )
        sheet_of(job, own_fields(await CustomerFields(change.session).all()))  # or it is refused
        jobs.add(job)
        change.record(ExportJob.__tablename__, job.id, "created")
    here.exports.start(job.id)
    return answer(_view(job), status=202)


@routes.add("GET", "/api/v1/customer-exports", needs=_MIGHT, answers=ExportPage, query=PAGING)
async def list_exports(request: web.Request) -> web.Response:
    """One's own exports, the newest first."""
    most, place = limit(request), after(request, tuple[datetime, str])
    async with parts(request).database.readers() as session:
        found = await ExportJobs(session).page(identity(request).agent_id, most, place)
    more = cursor(found[-1].created_at, found[-1].id) if len(found) == most else None
    return answer(ExportPage(items=[_view(job) for job in found], next=more))


@routes.add("GET", _PATH, needs=_MIGHT, answers=ExportView)
async def get_export(request: web.Request) -> web.Response:
    """An export: how far it is."""
    async with parts(request).database.readers() as session:
        return answer(_view(await _own(request, session)))


@routes.add("GET", f"{_PATH}/file", needs=_MIGHT, media_type="application/octet-stream")
async def download_export(request: web.Request) -> web.StreamResponse:
    """The whole file; each download is audited."""
    here, who = parts(request), identity(request)
    async with here.database.readers() as session:
        job = await _own(request, session)
    if job.revealed:
        who.need("customers.reveal")  # it may have been taken from them meanwhile
    expired = job.expires_at is not None and job.expires_at <= here.clock.now()
    file = file_of(here.exports.folder, job)
    if job.state != DONE or expired or not await asyncio.to_thread(file.is_file):
        raise NotNow(f"there is no file of an export that is {EXPIRED if expired else job.state}")
    here.log.append(
        RecordRead(
            record=ExportJob.__tablename__,
            record_id=job.id,
            what=f"download of {job.rows} customers",
            read_by=who.agent_id,
        )
    )
    name = f"customers-{job.created_at:%Y%m%d-%H%M%S}.{job.format}"
    headers = {
        "Content-Type": _KINDS[job.format],
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return web.FileResponse(file, headers=headers)


@routes.add("POST", f"{_PATH}/discard", needs=_MIGHT, answers=ExportView)
async def discard_export(request: web.Request) -> web.Response:
    """Break it off, or remove its file before its time."""
    here, who = parts(request), identity(request)
    async with here.changes.begin(who.agent_id) as change:
        job = await _own(request, change.session)
        if job.state not in {RUNNING, DONE}:
            raise NotNow(f"this export is {job.state}")
        done = job.state == DONE
        forget(job, EXPIRED if done else CANCELLED)
        job.ended_at = job.ended_at or here.clock.now()
        change.record(ExportJob.__tablename__, job.id, "discarded")
    if done:  # else its process removes what it has written
        await here.exports.remove(job.id)
    return answer(_view(job))


async def _own(request: web.Request, session: AsyncSession) -> ExportJob:
    """Raises UnknownRecord, also for another's."""
    export_id = request.match_info["export_id"]
    job = await ExportJobs(session).get(export_id)
    if job is None or job.created_by != identity(request).agent_id:
        raise UnknownRecord("export", export_id)
    return job


def _view(job: ExportJob) -> ExportView:
    return ExportView.model_validate({name: getattr(job, name) for name in ExportView.model_fields})
