"""What the figures that targets are about were, and are today: from the management reports."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping
from datetime import datetime
from typing import Final

from cti_server.reporting.definitions import CENTRE, REPORTS
from cti_server.reporting.reading import Asked, ManagementReports, Row
from cti_server.reporting.spans import Span
from cti_server.wire.targets import Target

KEPT_FOR: Final = 5.0  # seconds for which today's values are not read again

_REVIEWS: Final = {"queue": "quality-queues", "team": "quality-teams", "centre": CENTRE}
_REPORTS: Final = {"queue": "queues", "team": "teams", "centre": CENTRE}


def report_of(target: Target) -> tuple[str, str]:
    """The report that has the figure, and its column."""
    match target.kpi:
        case "quality_score":
            return _REVIEWS[target.subject], "score"
        case "blocked_rate":
            return "calls", "blocked_rate"
        case kpi:
            return _REPORTS[target.subject], kpi


class TargetValues:
    """Each report is read once for all targets, and for all who ask within some seconds."""

    def __init__(self, reports: ManagementReports) -> None:
        self._reports = reports
        self._today: dict[str, Mapping[str | None, Row]] = {}
        self._read: dict[str, tuple[Span, float]] = {}  # each report's span, and loop time
        self._one_at_a_time = asyncio.Lock()

    async def of_today(self, targets: Collection[Target], today: Span) -> list[float | None]:
        """One for each. Raises ReportsNotReady and QueryTooSlow."""
        async with self._one_at_a_time:
            for report in sorted({report_of(target)[0] for target in targets}):
                await self._refresh(report, today)
        return [self._value(target) for target in targets]

    async def history(
        self, target: Target, span: Span
    ) -> AsyncIterator[tuple[datetime, float | None]]:
        """Interval by interval. Raises ReportsNotReady and QueryTooSlow."""
        report, column = report_of(target)
        key = None if target.name is None else REPORTS[report].keys[0].name
        only = {} if key is None or target.name is None else {key: target.name}
        async for page in self._reports.rows(Asked(REPORTS[report], span, only=only)):
            for row in page:
                if key is None or row[key] == target.name:
                    yield datetime.fromisoformat(str(row["begins_at"])), _number(row, column)

    async def _refresh(self, report: str, today: Span) -> None:
        now = asyncio.get_running_loop().time()
        span, at = self._read.get(report, (None, 0.0))
        if span == today and now - at < KEPT_FOR:
            return
        keys, rows = REPORTS[report].keys, dict[str | None, Row]()
        async for page in self._reports.rows(Asked(REPORTS[report], today)):
            rows |= {str(row[keys[0].name]) if keys else None: row for row in page}
        self._today[report], self._read[report] = rows, (today, now)

    def _value(self, target: Target) -> float | None:
        report, column = report_of(target)
        return _number(self._today[report].get(target.name, {}), column)


def _number(row: Row, column: str) -> float | None:
    value = row.get(column)
    return None if value is None else float(value)
