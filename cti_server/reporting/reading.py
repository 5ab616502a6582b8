"""
Reports, read interval by interval: what is counted from its quarters, the rest from the records.

An interval's rows are all that is in memory at once. Reads are done in the few places that slow
queries have, off the loop, and touch nothing that routes calls.
"""

from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Literal

from sqlalchemy import Connection

from acd.service_level import ServiceLevel
from cti_server.clock import Clock
from cti_server.store import quarter_sums as stored
from cti_server.store.base import Base
from cti_server.store.database import Database
from cti_server.store.quarter_sources import happened
from cti_server.store.quarters import HandlingQuarter, LineQuarter, MarkQuarter, WaitQuarter

from . import quality
from .columns import Value
from .counting import Counted, begin_of, counted, quarter_of
from .definitions import CENTRE
from .keeping import CountedQuarters
from .report import Report
from .spans import Span
from .waits import QUANTILES, Waits

BUDGET = 30.0  # seconds for a few intervals
TURN = 200  # rows after which the loop gets what there is
MOST_INTERVALS = 100  # of one look, whatever rows they have
MOST_UNCOUNTED = 8  # quarters that are read from the records themselves

Row = dict[str, Value]
_HOUR = timedelta(hours=1)


class ReportsNotReady(Exception):
    """The quarters of the span are being counted: after an upgrade, or a long outage."""

    def __init__(self, since: datetime) -> None:
        super().__init__(f"what happened before {since.isoformat()} is being counted; ask again")


@dataclass(frozen=True, slots=True)
class Asked:
    """
    ``only``: values of the report's keys. ``agents``: whether somebody sees this one, by id and
    team, ``sees_deleted`` whether those of whom nobody knows the team any more, too. ``language``:
    of labels.
    """

    report: Report
    span: Span
    only: Mapping[str, str] = field(default_factory=dict)
    sees: Callable[[str, str | None], bool] = lambda agent_id, team: True
    sees_deleted: bool = True
    team: str | None = None
    language: Literal["zh", "en"] = "zh"


@dataclass(frozen=True, slots=True)
class Terms:
    """What reports need of the centre as it is now."""

    service_level: Callable[[str], ServiceLevel]
    title: Callable[[str, str], str]
    """A queue's, in a language."""
    lines: Mapping[str, int | None]
    """Of each trunk, as far as configured."""


class ManagementReports:
    """Reads them; ``quarters`` says which are counted."""

    def __init__(
        self, database: Database, quarters: CountedQuarters, clock: Clock, terms: Terms
    ) -> None:
        self._database = database
        self.quarters = quarters
        self._clock = clock
        self._terms = terms

    async def rows(self, asked: Asked) -> AsyncIterator[Sequence[Row]]:
        """The rows, some at a time. Raises ReportsNotReady and QueryTooSlow."""
        now = self._clock.now()
        counted_until = self._counted_until(asked.span, now)
        look = partial(self._database.in_slow_look, BUDGET)
        page = await look(lambda it, _: _Page.of(it, asked, self._terms, now, counted_until))
        first = self.quarters.first
        intervals = (each for each in asked.span.intervals() if quarter_of(each[1]) > first)
        while (rows := await look(lambda it, _: page.some(it, intervals))) is not None:
            yield rows

    def _counted_until(self, span: Span, now: datetime) -> int:
        """The first quarter to be read from the records. Raises ReportsNotReady."""
        run = self.quarters.counted
        first = max(quarter_of(span.begin), self.quarters.first)
        last = min(quarter_of(span.end), quarter_of(now) + 1)
        if last - run.stop > MOST_UNCOUNTED or first < min(run.start, last):
            raise ReportsNotReady(begin_of(run.start if first < run.start else last))
        return run.stop


def _uncounted(connection: Connection, first: int, now: datetime) -> Counted:
    since, until = begin_of(first), begin_of(quarter_of(now) + 1)
    return counted(happened(connection, since, until), now) if since < until else {}


@dataclass(frozen=True, slots=True)
class _Page:
    """One report being read: what is the same for all its intervals. ``more``: not stored yet."""

    asked: Asked
    terms: Terms
    now: datetime
    counted_until: int
    more: Counted
    people: Mapping[str, tuple[str, str | None]]
    codes: Mapping[str, tuple[Mapping[str, str], str | None]]
    quality: quality.Titles

    @classmethod
    def of(
        cls, connection: Connection, asked: Asked, terms: Terms, now: datetime, counted_until: int
    ) -> "_Page":
        more = _uncounted(connection, counted_until, now)
        people, codes = stored.people(connection), stored.codes(connection)
        titles = quality.Titles.of(connection)
        return cls(asked, terms, now, counted_until, more, people, codes, titles)

    def some(
        self, connection: Connection, intervals: Iterator[tuple[datetime, datetime]]
    ) -> list[Row] | None:
        """The next intervals' rows; None if there is no more."""
        found: list[Row] | None = None
        for looked, (begin, end) in enumerate(intervals, 1):
            if begin > self.now:
                break
            found = [] if found is None else found
            found.extend(_Interval(connection, self, begin, end).rows())
            if len(found) >= TURN or looked >= MOST_INTERVALS:
                break
        return found

    def sees(self, agent_id: str) -> bool:
        if agent_id not in self.people and not self.asked.sees_deleted:
            return False
        _, team = self.people.get(agent_id, ("", None))
        return self.asked.sees(agent_id, team) and self.asked.team in {None, team}


class _Interval:
    """One interval's sums, and the rows that they make."""

    def __init__(self, connection: Connection, page: _Page, begin: datetime, end: datetime) -> None:
        self._connection = connection
        self._page = page
        self._begin = begin
        self._end = end
        self._quarters = stored.Quarters(quarter_of(begin), quarter_of(end), page.counted_until)
        self._more = page.more
        self._values: defaultdict[stored.Key, Row] = defaultdict(dict)

    def rows(self) -> list[Row]:
        report = self._page.asked.report
        groups = self._groups_of(report)
        if report.name in {"queues", CENTRE}:
            self._add_waits(groups)
        if report.name == "queues":
            self._add_fairness(groups)
        if any(part.table is LineQuarter for part in report.parts):
            self._add_lines(groups)
        order = sorted(groups, key=lambda key: (-groups[key][report.most_first], key))
        return [self._row(report, key, groups[key]) for key in order]

    def _row(self, report: Report, key: stored.Key, sums: Mapping[str, int]) -> Row:
        row: Row = {"begins_at": self._begin.isoformat()}
        for column, name in zip(report.keys, key, strict=True):
            row |= {column.name: name, **self._names(column.name, name)}
        values = self._values[key]
        for column in report.columns:
            row[column.name] = (
                values.get(column.name) if column.unit == "moment" else column.of(sums)
            )
        return row

    def _names(self, key: str, name: str) -> Row:
        page = self._page
        if key == "agent":
            return {"name": page.people.get(name, ("", None))[0]}
        if key == "queue":
            return {"title": page.terms.title(name, page.asked.language)}
        if key == "disposition":
            labels, group = page.codes.get(name, ({}, None))
            return {"label": labels.get(page.asked.language, ""), "group": group or ""}
        if key in quality.TITLES:
            return page.quality.titles(key, name, page.asked.language)
        return {}

    def _groups_of(self, report: Report) -> stored.Sums:
        match report.name:
            case "dispositions":
                return self._dispositions()
            case "ratings":
                return self._ratings()
            case name if name == CENTRE:
                return self._centre(report)
            case name if name.startswith(quality.PREFIX):
                asked = self._page.asked
                return quality.groups(
                    quality.Span(self._connection, self._begin, self._end),
                    report.keys[0].name,
                    asked.only.get(report.keys[0].name),
                    sees=self._page.sees,
                    team_of=lambda agent_id: self._team_of(agent_id)[0],
                )
            case _:
                return self._groups(report)

    def _centre(self, report: Report) -> stored.Sums:
        found = self._groups(report)
        reviewed = quality.groups(
            quality.Span(self._connection, self._begin, self._end),
            "queue",
            None,
            sees=lambda agent_id: True,
            team_of=lambda agent_id: "",
        )
        for sums in reviewed.values():
            found.setdefault((), Counter()).update(sums)
        return found

    def _groups(self, report: Report) -> stored.Sums:
        found: stored.Sums = defaultdict(Counter)
        for part in report.parts:
            only = self._only(report, part.by)
            if part.kind:
                only["kind"] = part.kind
            for key, sums in self._sums(part.table, part.by, only).items():
                if part.named and not key[0]:
                    continue
                if report.of_agents and not self._page.sees(key[0]):
                    continue
                group = found[self._team_of(key[0]) if report.by_team else key]
                group.update({part.prefix + name: number for name, number in sums.items()})
        return found

    def _only(self, report: Report, by: Sequence[str]) -> dict[str, str]:
        if report.by_team:
            return {}
        only, keys = self._page.asked.only, [column.name for column in report.keys]
        return {column: only[key] for key, column in zip(keys, by, strict=True) if key in only}

    def _team_of(self, agent_id: str) -> stored.Key:
        return (self._page.people.get(agent_id, ("", None))[1] or "",)

    def _sums(self, table: type[Base], by: Sequence[str], only: dict[str, str]) -> stored.Sums:
        more = self._more.get(table, ())
        return stored.sums(self._connection, table, by, self._quarters, more, **only)

    def _dispositions(self) -> stored.Sums:
        only = self._page.asked.only.get("disposition")
        seen: Counter[str] = Counter()
        recorded = stored.dispositions(self._connection, self._begin, self._end)
        for (code, agent_id), number in recorded.items():
            if self._page.sees(agent_id):
                seen[code] += number
        return {
            (code,): Counter(recorded=number, all_recorded=seen.total())
            for code, number in seen.items()
            if only in {None, code}
        }

    def _ratings(self) -> stored.Sums:
        """Shares are of all marks of the question, whichever mark is asked for."""
        only = dict(self._page.asked.only)
        mark = only.pop("mark", None)
        by = ("agent_id", "question", "best", "mark")
        seen: stored.Sums = defaultdict(Counter)
        scales: Counter[stored.Key] = Counter()
        for (agent_id, *key), sums in self._sums(MarkQuarter, by, only).items():
            if self._page.sees(agent_id):
                seen[tuple(key)]["marks"] += sums["marks"]
                scales[tuple(key[:2])] += sums["marks"]
        return {
            key: Counter(marks=sums["marks"], all_marks=scales[key[:2]])
            for key, sums in seen.items()
            if mark in {None, key[2]}
        }

    def _add_waits(self, groups: stored.Sums) -> None:
        only = dict(self._page.asked.only)
        waits: defaultdict[str, Waits] = defaultdict(Waits)
        more = self._more.get(WaitQuarter, ())
        for queue, answered, abandoned in stored.waits(
            self._connection, self._quarters, more, **only
        ):
            waits[queue].add(answered, abandoned)
        for queue, each in waits.items():
            sums = each.sums(self._page.terms.service_level(queue))
            if self._page.asked.report.name == CENTRE:  # quantiles of queues do not add up
                sums = {name: number for name, number in sums.items() if name not in QUANTILES}
            key = (queue,) if self._page.asked.report.keys else ()
            groups.setdefault(key, Counter()).update(sums)

    def _add_fairness(self, groups: stored.Sums) -> None:
        only = self._only(self._page.asked.report, ("queue",))
        by_queue: defaultdict[str, list[Mapping[str, int]]] = defaultdict(list)
        for (queue, _), sums in self._sums(HandlingQuarter, ("queue", "agent_id"), only).items():
            by_queue[queue].append(sums)
        for queue, agents in by_queue.items():
            handled = [each["handled"] for each in agents]
            busy = [each["talk_ms"] + each["hold_ms"] + each["wrap_ms"] for each in agents]
            groups[queue,].update(
                fairness_agents=len(agents),
                contacts_shared=sum(handled) ** 2,
                contacts_squares=len(agents) * sum(x * x for x in handled),
                busy_shared=sum(busy) ** 2,
                busy_squares=len(agents) * sum(x * x for x in busy),
            )

    def _add_lines(self, groups: stored.Sums) -> None:
        """How long the interval is so far, how many lines there are, and the busy hour."""
        end, lines = min(self._end, self._page.now), self._page.terms.lines
        span = (end - self._begin) // timedelta(milliseconds=1)
        every = sum(each for each in lines.values() if each is not None)
        for key, sums in groups.items():
            known = lines.get(key[0]) if key else every or None
            sums["span_ms"] = span
            if known is not None:
                sums.update(lines=known, lines_ms=known * span)
        if self._end - self._begin > _HOUR:
            self._add_busy_hours(groups)

    def _add_busy_hours(self, groups: stored.Sums) -> None:
        [part] = self._page.asked.report.parts
        only = self._only(self._page.asked.report, part.by)
        offset = (self._begin.utcoffset() or timedelta()) // timedelta(minutes=15)
        hours: defaultdict[stored.Key, Counter[int]] = defaultdict(Counter)
        more = self._more.get(LineQuarter, ())
        for name, number, busy in stored.busy_times(
            self._connection, part.kind, self._quarters, more, **only
        ):
            hours[(name,) if part.by else ()][(number + offset) // 4] += busy
        for key, by_hour in hours.items():
            hour, busy = max(by_hour.items(), key=lambda each: (each[1], -each[0]))
            begin = begin_of(hour * 4 - offset).astimezone(self._begin.tzinfo)
            self._values[key]["busy_hour"] = begin.isoformat()
            groups[key].update(
                busy_hour_ms=busy, busy_hour_span_ms=_HOUR // timedelta(milliseconds=1)
            )
