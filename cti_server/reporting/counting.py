"""
What each quarter of an hour had, from what the records say of it. Pure.

Every formula of a sum is here; what is reckoned from sums is in :mod:`.definitions`. As in the live
figures each thing counts when it is over, *offered*, *presented* and *arrived* when they begin, and
time in the quarters in which it passed.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from cti_server.store.base import Base
from cti_server.store.quarter_sources import Happened
from cti_server.store.quarters import (
    AbsenceQuarter,
    AgentQuarter,
    ContactQuarter,
    HandlingQuarter,
    LineQuarter,
    WaitQuarter,
)

from .satisfaction import told

QUARTER = timedelta(minutes=15)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_LENGTH = QUARTER // _MILLISECOND

MOST_OF_A_PATH = 20
"""Nodes of a menu path that are told; who went further is with all others who did."""

NO_PATH = "-"
"""Of who came through no menu."""

Row = dict[str, Any]
Key = tuple[Any, ...]
Counted = dict[type[Base], list[Row]]
"""Rows with all columns of their table."""

_REFUSED = {
    "timed_out": "missed",
    "declined": "declined",
    "unreachable": "unreachable",
    "withdrawn": "withdrawn",
}


def quarter_of(moment: datetime) -> int:
    return (moment - _EPOCH) // QUARTER


def begin_of(number: int) -> datetime:
    return _EPOCH + number * QUARTER


def counted(happened: Happened, now: datetime) -> Counted:
    """
    Its quarters; it begins and ends with one. ``now``: up to when what goes on has lasted.
    """
    sheet = _Sheet(happened.since, happened.until, now)
    for count in (_states, _offers, _parts, _waits, _contacts, _calls, _lines, _refusals, _told):
        count(sheet, happened)
    _busy(sheet)
    return sheet.rows()


class _Sheet:
    """The sums while they are added up."""

    def __init__(self, since: datetime, until: datetime, now: datetime) -> None:
        self.since, self.until, self.now = _ms(since), _ms(until), _ms(now)
        self.busy: defaultdict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
        """By kind and name of lines, from when to when each was occupied."""
        self._sums: defaultdict[type[Base], defaultdict[Key, Counter[str]]] = defaultdict(
            lambda: defaultdict(Counter)
        )
        self._lengths: defaultdict[Key, defaultdict[str, list[int]]] = defaultdict(
            lambda: defaultdict(list)
        )

    def of(self, table: type[Base], at: int, *names: str) -> Counter[str]:
        """What is counted there of the quarter with this moment."""
        return self._sums[table][(at // _LENGTH, *names)]

    def has(self, moment: datetime | None) -> bool:
        return moment is not None and self.since <= _ms(moment) < self.until

    def waited(self, at: int, queue: str, how: str, length: int) -> None:
        self.of(WaitQuarter, at, queue)  # a row, whatever else is in it
        self._lengths[at // _LENGTH, queue][how].append(length)

    def spread(self, begin: int, end: int | None) -> Iterator[tuple[int, int]]:
        """A moment in each quarter that the time touches, and the milliseconds in there."""
        begin, end = max(begin, self.since), min(self.now if end is None else end, self.until)
        while begin < end:
            step = min(end, (begin // _LENGTH + 1) * _LENGTH)
            yield begin, step - begin
            begin = step

    def rows(self) -> Counted:
        return {
            table: [
                self._row(table, key, counts)
                for key, counts in sums.items()
                if any(counts.values()) or (table is WaitQuarter and key in self._lengths)
            ]
            for table, sums in self._sums.items()
        }

    def _row(self, table: type[Base], key: Key, counts: Counter[str]) -> Row:
        names = iter(key)
        row: Row = {
            column.name: next(names) if column.primary_key else counts[column.name]
            for column in table.__table__.columns
        }
        if table is WaitQuarter:
            row |= {how: sorted(self._lengths[key][how]) for how in _WAITED}
        return row


_WAITED = frozenset({"answered", "abandoned"})


def _states(sheet: _Sheet, happened: Happened) -> None:
    for agent_id, state, reason, started_at, ended_at in happened.periods:
        begin = _ms(started_at)
        for at, ms in sheet.spread(begin, _maybe(ended_at)):
            sheet.of(AgentQuarter, at, agent_id)[f"{state}_ms"] += ms
            if state == "not_ready":
                absence = sheet.of(AbsenceQuarter, at, agent_id, reason or "")
                absence["not_ready_ms"] += ms
                absence["times"] += at == begin


def _offers(sheet: _Sheet, happened: Happened) -> None:
    for agent_id, queue, channel, offered_at, accepted_at, rule in happened.offers:
        names = (agent_id, queue, channel or "")
        taken = rule == "taken_over"
        if sheet.has(offered_at):
            counts = sheet.of(HandlingQuarter, _ms(offered_at), *names)
            counts["taken_over" if taken else "presented"] += 1
        if not taken and sheet.has(accepted_at):
            sheet.of(HandlingQuarter, _ms(accepted_at), *names)["accepted"] += 1


def _parts(sheet: _Sheet, happened: Happened) -> None:
    for (
        agent_id,
        queue,
        channel,
        outcome,
        started_at,
        ended_at,
        over_at,
        held,
        by,
    ) in happened.parts:
        counts = sheet.of(HandlingQuarter, _ms(over_at), agent_id, queue, channel or "")
        if outcome in _REFUSED:
            counts[_REFUSED[outcome]] += 1
        elif started_at is not None:
            hold = round(held * 1000)
            counts["handled"] += 1
            counts["transferred"] += by == "transfer"
            counts["hold_ms"] += hold
            counts["talk_ms"] += _ms(ended_at) - _ms(started_at) - hold
            counts["wrap_ms"] += _ms(over_at) - _ms(ended_at)


def _waits(sheet: _Sheet, happened: Happened) -> None:
    for queue, joined_at, outcome, deferred in happened.joined:
        if outcome != "turned_away":
            counts = sheet.of(WaitQuarter, _ms(joined_at), queue)
            counts["deferred_offered" if deferred else "offered"] += 1
    for queue, ended_at, outcome, deferred, seconds in happened.left:
        at = _ms(ended_at)
        if deferred:
            sheet.of(WaitQuarter, at, queue)["deferred_answered"] += outcome == "answered"
        elif outcome in _WAITED:
            sheet.waited(at, queue, outcome, round(seconds * 1000))
        elif outcome in {"turned_away", "sent_away"}:
            sheet.of(WaitQuarter, at, queue)["turned_away"] += 1
            sheet.of(LineQuarter, at, "all", "")["turned_away"] += 1
        else:
            sheet.of(WaitQuarter, at, queue)[outcome] += 1


def _contacts(sheet: _Sheet, happened: Happened) -> None:
    for (
        channel,
        direction,
        flow,
        path,
        outcome,
        ended_at,
        connected_at,
        transfers,
    ) in happened.contacts:
        ways = [("channel", channel)]
        if channel == "voice" and direction == "inbound":
            ways.append(("path", path_of(flow, path)))
        for kind, name in ways:
            counts = sheet.of(ContactQuarter, _ms(ended_at), kind, name)
            counts["contacts"] += 1
            counts[direction] += 1
            counts["connected"] += connected_at is not None
            counts[outcome] += 1
            counts["transfers"] += transfers


def path_of(flow: str | None, nodes: Iterable[str]) -> str:
    if flow is None:
        return NO_PATH
    told = list(nodes)
    more = [*told[:MOST_OF_A_PATH], "…"] if len(told) > MOST_OF_A_PATH else told
    return f"{flow}: {' > '.join(more)}"


def _calls(sheet: _Sheet, happened: Happened) -> None:
    for trunk, number, direction, arrived_at, answered_at, ended_at, reason in happened.calls:
        begin, end = _ms(arrived_at), _maybe(ended_at)
        came_in = direction == "inbound"
        ways = [("number", number)]
        if came_in:  # the line of one that we placed is told by itself
            ways += [("trunk", trunk), ("all", "")]
        for way in ways:
            sheet.busy[way].append((begin, sheet.now if end is None else end))
            if sheet.has(arrived_at):
                sheet.of(LineQuarter, begin, *way)["arrived" if came_in else "placed"] += 1
            if sheet.has(answered_at):
                how = "answered" if came_in else "placed_answered"
                sheet.of(LineQuarter, _ms(answered_at), *way)[how] += 1
            if came_in and end is not None and sheet.has(ended_at):
                unavailable = reason == "media-unavailable"
                sheet.of(LineQuarter, end, *way)["unavailable"] += unavailable


def _lines(sheet: _Sheet, happened: Happened) -> None:
    for trunk, taken_at, freed_at, answered in happened.lines:
        begin, end = _ms(taken_at), _maybe(freed_at)
        for way in (("trunk", trunk), ("all", "")):
            sheet.busy[way].append((begin, sheet.now if end is None else end))
            if sheet.has(taken_at):
                sheet.of(LineQuarter, begin, *way)["placed"] += 1
            if end is not None and sheet.has(freed_at):
                sheet.of(LineQuarter, end, *way)["placed_answered"] += bool(answered)


def _refusals(sheet: _Sheet, happened: Happened) -> None:
    for trunk, refused_at, calls in happened.refusals:
        for way in (("trunk", trunk), ("all", "")):
            sheet.of(LineQuarter, _ms(refused_at), *way)["refused"] += calls


def _told(sheet: _Sheet, happened: Happened) -> None:
    for table, moment, names, counts in told(happened):
        sheet.of(table, _ms(moment), *names).update(counts)


def _busy(sheet: _Sheet) -> None:
    """How long lines were occupied, and how many were at once."""
    for way, stretches in sheet.busy.items():
        for begin, end in stretches:
            for at, ms in sheet.spread(begin, end):
                sheet.of(LineQuarter, at, *way)["busy_ms"] += ms
        for at, busy in _at_once(stretches, sheet):
            counts = sheet.of(LineQuarter, at, *way)
            counts["peak"] = max(counts["peak"], busy)


def _at_once(stretches: list[tuple[int, int]], sheet: _Sheet) -> Iterator[tuple[int, int]]:
    """
    After each change, and at the beginning of each quarter, how many there are.

    Who goes in the same moment in which another comes is gone first.
    """
    changes = [(begin, 1) for begin, _ in stretches] + [(end, -1) for _, end in stretches]
    quarters = range(sheet.since, min(sheet.until, sheet.now), _LENGTH)
    changes += [(begin, 0) for begin in quarters]
    busy = 0
    for at, change in sorted(changes):
        busy += change
        if sheet.since <= at < sheet.until:
            yield at, busy


def _ms(moment: datetime) -> int:
    return (moment - _EPOCH) // _MILLISECOND


def _maybe(moment: datetime | None) -> int | None:
    return None if moment is None else _ms(moment)
