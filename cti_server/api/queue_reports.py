"""Reports of the queues, from the records: waits, service levels, handlings, resolution."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from aiohttp import web

from acd.service_level import ServiceLevel
from cti_server.live.reports import report_row
from cti_server.store.queue_reports import Asked, queue_report
from cti_server.store.resolution_reports import Resolved, resolution_report
from cti_server.store.stretches import LENGTHS, Stretches
from cti_server.wire.figures import (
    QueueReport,
    QueueReportRow,
    ResolutionReport,
    ResolutionRow,
)

from .editing import named
from .parts import parts
from .problems import BadRequest
from .routing import Query, Routes, answer, day, number

routes = Routes()

_DAYS = 400  # at once
_DAYS_OF_PARTS = 31  # of stretches that are shorter than a day

_PERIOD = (
    Query("since", "string", "a day, as 2026-11-22; today by default"),
    Query("until", "string", "the last day; since by default"),
    Query("by", "string", "15m, 30m, hour, day or all (default): the length of a stretch"),
)


@routes.add(
    "GET",
    "/api/v1/reports/queues",
    needs=("reports.read",),
    answers=QueueReport,
    query=(*_PERIOD, Query("queue", "string", "of this queue only")),
)
async def get_queue_report(request: web.Request) -> web.Response:
    """Waits, service level, speed of answer, handling times and fairness, by stretch and queue."""
    stretches, levels = _stretches(request), parts(request).figures.levels
    usual = ServiceLevel()
    asked = Asked(stretches, levels, usual, queue=named(request, "queue"))
    async with parts(request).database.readers() as session:
        found = await queue_report(session, asked)
    rows = [
        QueueReportRow(
            begins_at=stretches.begin(key),
            queue=queue,
            **report_row(one, levels.get(queue, usual)),
        )
        for (key, queue), one in sorted(found.items())
    ]
    return answer(QueueReport(since=stretches.since, until=stretches.until, rows=rows))


@routes.add(
    "GET",
    "/api/v1/reports/resolution",
    needs=("reports.read",),
    answers=ResolutionReport,
    query=(*_PERIOD, Query("days", "integer", "within which nobody comes again; 7 by default")),
)
async def get_resolution_report(request: web.Request) -> web.Response:
    """Transfers per contact and first contact resolution, by stretch and queue (AC-17)."""
    stretches, now = _stretches(request), parts(request).clock.now()
    days = max(1, number(request, "days", default=7, most=90))
    async with parts(request).database.readers() as session:
        found = await resolution_report(session, stretches, timedelta(days=days), now)
    return answer(
        ResolutionReport(
            since=stretches.since,
            until=stretches.until,
            days=days,
            rows=[_resolution(one, stretches.begin(one.number)) for one in found],
        )
    )


def _resolution(one: Resolved, begins_at: datetime) -> ResolutionRow:
    return ResolutionRow(
        begins_at=begins_at,
        queue=one.queue or "",
        contacts=one.contacts,
        transferred=one.transferred,
        transfers=one.transfers,
        transfers_per_contact=round(one.transfers / one.contacts, 4),
        resolved=one.resolved,
        pending=one.pending,
        first_contact_resolution=round(one.resolved / one.contacts, 4),
    )


def _stretches(request: web.Request) -> Stretches:
    """Raises BadRequest."""
    here, by = parts(request), request.query.get("by", "all")
    zone = ZoneInfo(here.time_zone)
    since = day(request, "since") or here.clock.now().astimezone(zone).date()
    until = day(request, "until") or since
    if by != "all" and by not in LENGTHS:
        raise BadRequest(f"by: {', '.join(LENGTHS)} or all")
    longest = _DAYS if by in {"all", "day"} else _DAYS_OF_PARTS
    if not 0 <= (until - since).days < longest:
        raise BadRequest(f"until: must not be before since, nor {longest} days after it")
    return Stretches(
        datetime.combine(since, time(), zone),
        datetime.combine(until + timedelta(days=1), time(), zone),
        here.time_zone,
        by,
    )
