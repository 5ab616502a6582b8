"""What is to be sent, what could not be, and what people decide of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from aiohttp import web
from sqlalchemy import ColumnElement

from crm.errors import NotNow
from crm.masking import mask_address
from crm.numbers import mask
from cti_server.store.contact_scope import customer_seen_by
from cti_server.store.outbox import DEAD, SENT, STATES, WAITING, WITHDRAWN, OutboxJob, OutboxJobs
from cti_server.store.sms_parts import SmsPart, SmsParts, delivery_of
from cti_server.wire.outbox import OutboxJobView, OutboxPage

from .contact_scope import in_sight
from .paging import PAGING, after, cursor, limit
from .parameters import named
from .parts import identity, parts
from .problems import BadRequest
from .routing import Query, Routes, answer

routes = Routes()


@routes.add(
    "GET",
    "/api/v1/outbox",
    needs=("outbox.read",),
    answers=OutboxPage,
    query=(*PAGING, Query("state", description=", ".join(STATES)), Query("channel")),
)
async def outbox(request: web.Request) -> web.Response:
    """What is to be sent and what was, the newest first; not what is about others' customers."""
    most, place = limit(request), after(request, tuple[datetime, str])
    state, channel = request.query.get("state"), named(request, "channel")
    if state not in {None, *STATES}:
        raise BadRequest(f"state: must be one of {', '.join(STATES)}")
    async with parts(request).database.readers() as session:
        found = await OutboxJobs(session).page(
            most, jobs_in_sight(request), state=state, channel=channel, before=place
        )
        known = await SmsParts(session).of_jobs([one.id for one in found])
    last = found[-1] if len(found) == most else None
    following = None if last is None else cursor(last.created_at, last.id)
    items = [_view(request, one, known.get(one.id, ())) for one in found]
    return answer(OutboxPage(items=items, next=following))


@routes.add("GET", "/api/v1/outbox/{job_id}", needs=("outbox.read",), answers=OutboxJobView)
async def outbox_job(request: web.Request) -> web.Response:
    """One message."""
    async with parts(request).database.readers() as session:
        jobs = OutboxJobs(session)
        found = await jobs.need(request.match_info["job_id"], jobs_in_sight(request))
        known = await SmsParts(session).of_job(found.id)
    return answer(_view(request, found, known))


@routes.add(
    "POST", "/api/v1/outbox/{job_id}/retry", needs=("outbox.manage",), answers=OutboxJobView
)
async def retry(request: web.Request) -> web.Response:
    """Send a dead letter again, or one that waits at once; patience with it begins anew."""
    here = parts(request)
    async with here.changes.begin(identity(request).agent_id) as change:
        job = await _stopped(request, OutboxJobs(change.session))
        job.state, job.attempts, job.ended_at = WAITING, 0, None
        job.wanted_at = job.due_at = here.clock.now()
        change.record("outbox_job", job.id, "retried", fields=["state"])
        shown = _view(request, job)
    return answer(shown)


@routes.add("DELETE", "/api/v1/outbox/{job_id}", needs=("outbox.manage",), status=204)
async def withdraw(request: web.Request) -> web.Response:
    """Never send what waits or is dead."""
    here = parts(request)
    async with here.changes.begin(identity(request).agent_id) as change:
        job = await _stopped(request, OutboxJobs(change.session))
        job.withdraw(here.clock.now())
        change.record("outbox_job", job.id, "withdrawn")
    return web.Response(status=204)


async def _stopped(request: web.Request, jobs: OutboxJobs) -> OutboxJob:
    """Raises UnknownRecord, and NotNow for what is on its way or has arrived."""
    job = await jobs.need(request.match_info["job_id"], jobs_in_sight(request), to_change=True)
    if job.state not in {WAITING, DEAD}:
        raise NotNow(f"the message is {job.state}")
    return job


def jobs_in_sight(request: web.Request) -> list[ColumnElement[bool]]:
    """By whom it is about; what is about nobody is everybody's. None that was withdrawn."""
    who = identity(request)
    contact_id = cast("Any", OutboxJob.contact_id)
    return [
        OutboxJob.state != WITHDRAWN,
        *in_sight(who, contact_id),
        customer_seen_by(who.teams, OutboxJob.customer_id),
    ]


def _view(request: web.Request, job: OutboxJob, known: Sequence[SmsPart] = ()) -> OutboxJobView:
    to = job.recipient
    is_held = job.state == WAITING and job.channel not in parts(request).ways_out
    return OutboxJobView(
        id=job.id,
        channel=job.channel,
        recipient=mask_address("mail", to) if "@" in to else mask(to),
        state=cast("Any", job.state),
        priority=job.priority,
        created_at=job.created_at,
        wanted_at=job.wanted_at,
        due_at=job.due_at,
        attempts=job.attempts,
        failure=job.failure,
        held="no_sender" if is_held else None,
        ended_at=job.ended_at,
        delivery=delivery_of(known) if job.state == SENT else None,
        contact_id=job.contact_id,
        customer_id=job.customer_id,
    )
