"""Management reports of any span, as JSON, for spreadsheets and as workbooks."""

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog
from aiohttp import web

from crm.queries import QueryTooSlow
from cti_server.process_turns import answer_of
from cti_server.reporting.columns import Column
from cti_server.reporting.definitions import REPORTS
from cti_server.reporting.files import (
    BYTE_ORDER_MARK,
    LARGEST_SHEET,
    Language,
    Sheet,
    csv_text,
    titles,
    write_workbook,
)
from cti_server.reporting.reading import Asked, Row
from cti_server.reporting.report import Report
from cti_server.reporting.spans import INTERVALS, PARTS_OF_A_DAY, Span
from cti_server.store.database import UNAVAILABLE
from cti_server.store.resolution_reports import Resolved, resolution_report
from cti_server.store.stretches import LENGTHS, Stretches
from cti_server.wire.figures import ResolutionReport, ResolutionRow
from cti_server.wire.reports import (
    ManagementReport,
    ReportColumn,
    ReportDefinition,
    ReportTitles,
)
from cti_server.wire.storable import fault_of

from .parameters import day, number
from .parts import identity, parts
from .problems import BadRequest, NotFound
from .routing import Query, Routes, answer, answer_many

log = structlog.get_logger()
routes = Routes()

_one_workbook_at_a_time = asyncio.Lock()

_DAYS = 400  # at once
_DAYS_OF_PARTS = 31  # of intervals that are shorter than a day

_PERIOD = (
    Query("since", "string", "a day, as 2026-11-22; today by default"),
    Query("until", "string", "the last day; since by default"),
)
_KINDS = {
    "json": "application/json",
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_FILTERS = sorted({key.name for report in REPORTS.values() for key in report.keys})


@routes.add("GET", "/api/v1/reports", needs=("reports.read",), answers=ReportDefinition, many=True)
async def list_reports(request: web.Request) -> web.Response:
    """The reports that there are: what each has a row for, its columns and their formulas."""
    return answer_many([_definition(report) for report in REPORTS.values()])


@routes.add(
    "GET",
    "/api/v1/reports/resolution",
    needs=("reports.read",),
    answers=ResolutionReport,
    query=(
        *_PERIOD,
        Query("by", "string", f"{', '.join(LENGTHS)} or all (default)"),
        Query("days", "integer", "within which nobody comes again; 7 by default"),
    ),
)
async def get_resolution_report(request: web.Request) -> web.Response:
    """Transfers per contact and first contact resolution, by stretch and queue (AC-17)."""
    span, now = _span(request, (*LENGTHS, "all")), parts(request).clock.now()
    stretches = Stretches(span.begin, span.end, parts(request).time_zone, span.by)
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


@routes.add(
    "GET",
    "/api/v1/reports/{report}",
    needs=("reports.read",),
    answers=ManagementReport,
    query=(
        *_PERIOD,
        Query("by", "string", f"{', '.join(INTERVALS)}: the intervals; all by default"),
        Query("format", "string", "json (default), csv or xlsx"),
        Query("language", "string", "zh (default) or en: of titles and labels"),
        *(Query(name, "string", f"of this {name} only, where that is a key") for name in _FILTERS),
    ),
)
async def get_report(request: web.Request) -> web.StreamResponse:
    """A report by interval: of agents, teams, queues, trunks, numbers, menus, channels …"""
    asked, form = _asked(request), request.query.get("format", "json")
    if form not in _KINDS:
        raise BadRequest(f"format: {', '.join(_KINDS)}")
    pages = parts(request).reports.rows(asked)
    first: Sequence[Row] = await anext(
        pages, []
    )  # what is refused is refused here, before anything is sent
    if form == "xlsx":
        return await _workbook(request, asked, _and_then(first, pages))
    write = _csv if form == "csv" else _json
    return await _stream(request, asked, form, write(asked, _and_then(first, pages)))


async def _and_then(
    first: Sequence[Row], others: AsyncIterator[Sequence[Row]]
) -> AsyncIterator[Sequence[Row]]:
    yield first
    async for page in others:
        yield page


async def _stream(
    request: web.Request, asked: Asked, form: str, chunks: AsyncIterator[str]
) -> web.StreamResponse:
    response = web.StreamResponse(headers=_headers(asked, form))
    response.content_type, response.charset = _KINDS[form], "utf-8"
    await response.prepare(request)
    try:
        async for chunk in chunks:
            await response.write(chunk.encode())
    except (QueryTooSlow, *UNAVAILABLE) as error:
        # Half of it is there: whoever reads it must not take that for the whole.
        log.warning("report.broken_off", report=asked.report.name, reason=type(error).__name__)
        if request.transport is not None:
            request.transport.abort()
        return response
    await response.write_eof()
    return response


async def _json(asked: Asked, pages: AsyncIterator[Sequence[Row]]) -> AsyncIterator[str]:
    head = ManagementReport(
        **_definition(asked.report).model_dump(),
        since=asked.span.begin,
        until=asked.span.end,
        by=asked.span.by,
        rows=[],
    )
    yield head.model_dump_json().removesuffix("]}")
    between = ""
    async for page in pages:
        if page:
            yield between + await asyncio.to_thread(_objects, page)
            between = ","
    yield "]}"


def _objects(rows: Sequence[Row]) -> str:
    return ",".join(json.dumps(row, ensure_ascii=False) for row in rows)


async def _csv(asked: Asked, pages: AsyncIterator[Sequence[Row]]) -> AsyncIterator[str]:
    columns = asked.report.every_column
    yield BYTE_ORDER_MARK + csv_text([titles(columns, asked.language)])
    async for page in pages:
        yield await asyncio.to_thread(csv_text, _cells(columns, page))


async def _workbook(
    request: web.Request, asked: Asked, pages: AsyncIterator[Sequence[Row]]
) -> web.Response:
    """By a process of its own, in its turn: a workbook takes twenty times what its rows took."""
    columns = asked.report.every_column
    with tempfile.TemporaryDirectory(prefix="hotline-report-") as folder:
        sheet = Sheet(
            asked.report.zh if asked.language == "zh" else asked.report.en,
            titles(columns, asked.language),
            Path(folder) / "rows",
            Path(folder) / "report.xlsx",
        )
        await _note(sheet.rows, columns, pages)
        async with _one_workbook_at_a_time:
            await answer_of(write_workbook, sheet)
        body = await asyncio.to_thread(sheet.file.read_bytes)
    return web.Response(body=body, headers=_headers(asked, "xlsx"), content_type=_KINDS["xlsx"])


async def _note(file: Path, columns: Sequence[Column], pages: AsyncIterator[Sequence[Row]]) -> None:
    """The rows for the process. Raises BadRequest."""
    rows = 0
    async for page in pages:
        rows += len(page)
        if rows > LARGEST_SHEET:
            raise BadRequest(f"format: a workbook has {LARGEST_SHEET} rows at most; ask for csv")
        await asyncio.to_thread(_append, file, _cells(columns, page))
    await asyncio.to_thread(file.touch)


def _append(file: Path, rows: Sequence[Sequence[object]]) -> None:
    with file.open("a", encoding="utf-8") as text:
        text.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _cells(columns: Sequence[Column], rows: Sequence[Row]) -> list[list[str | int | float | None]]:
    return [[row.get(column.name) for column in columns] for row in rows]


def _headers(asked: Asked, form: str) -> dict[str, str]:
    headers = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}
    if form != "json":
        span = asked.span
        name = f"{asked.report.name}-{span.since:%Y%m%d}-{span.until:%Y%m%d}.{form}"
        headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return headers


def _asked(request: web.Request) -> Asked:
    """Raises NotFound and BadRequest."""
    who, name = identity(request), request.match_info["report"]
    if (report := REPORTS.get(name)) is None:
        raise NotFound("report", name)
    keys = [key.name for key in report.keys]
    filters = [*keys, "team"] if report.of_agents else keys
    for other in _FILTERS:
        if other in request.query and other not in filters:
            raise BadRequest(f"{other}: report {name!r} has no such key; {', '.join(filters)}")
    given = {key: _text(request, key) for key in filters if key in request.query}
    return Asked(
        report,
        _span(request, INTERVALS),
        only={key: value for key, value in given.items() if key in keys},
        sees=_seen_by(who.teams),
        sees_deleted=who.teams is None,
        team=given.get("team"),
        language=_language(request),
    )


def _text(request: web.Request, key: str) -> str:
    """A key may be a menu's path: more than a name. Raises BadRequest."""
    value = request.query[key]
    if (fault := fault_of(value, key)) is not None:
        raise BadRequest(fault)
    return value


def _seen_by(teams: frozenset[str] | None) -> Callable[[str, str | None], bool]:
    """As the live figures: their team's, and those of no team."""
    return lambda agent_id, team: teams is None or team is None or team in teams


def _span(request: web.Request, intervals: Sequence[str]) -> Span:
    """Raises BadRequest."""
    here, by = parts(request), request.query.get("by", "all")
    zone = ZoneInfo(here.time_zone)
    since = day(request, "since") or here.clock.now().astimezone(zone).date()
    until = day(request, "until") or since
    if by not in intervals:
        raise BadRequest(f"by: {', '.join(intervals)}")
    longest = _DAYS_OF_PARTS if by in PARTS_OF_A_DAY else _DAYS
    if not 0 <= (until - since).days < longest:
        raise BadRequest(f"until: must not be before since, nor {longest} days after it")
    return Span(since, until, zone, by)


def _language(request: web.Request) -> Language:
    """Raises BadRequest."""
    match request.query.get("language", "zh"):
        case "zh":
            return "zh"
        case "en":
            return "en"
    raise BadRequest("language: zh or en")


def _definition(report: Report) -> ReportDefinition:
    return ReportDefinition(
        report=report.name,
        titles=ReportTitles(zh=report.zh, en=report.en),
        keys=[key.name for key in report.keys],
        columns=[
            ReportColumn(
                name=column.name,
                titles=ReportTitles(zh=column.zh, en=column.en),
                unit=column.unit,
                formula=column.formula,
            )
            for column in report.every_column
        ],
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
