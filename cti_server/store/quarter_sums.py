"""
Sums of the counted quarters, added up by the database. On a connection of the caller's.

``more`` are rows of quarters that are not stored yet; they are added as if they were.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import JSON, ColumnElement, Connection, String, func, select

from .agents import Agent
from .base import Base
from .dispositions import Disposition, DispositionCode
from .quarters import LineQuarter, WaitQuarter

Key = tuple[str, ...]
Sums = dict[Key, Counter[str]]


@dataclass(frozen=True, slots=True)
class Quarters:
    """From one number to another, exclusive; those before ``stored_until`` are stored."""

    first: int
    until: int
    stored_until: int


def sums(
    connection: Connection,
    table: type[Base],
    by: Sequence[str],
    quarters: Quarters,
    more: Iterable[Mapping[str, Any]] = (),
    **only: str,
) -> Sums:
    """What was counted of each group; of ``peak`` the most. ``only``: columns' values."""
    columns = table.__table__.columns
    keys = [columns[name] for name in by]
    values = [each for each in columns if not each.primary_key and not _other(each)]
    added = [_added(each) for each in values]
    query = select(*keys, *added).where(*_picked(columns, quarters, only))
    if keys:
        query = query.group_by(*keys)
    names, found = [each.name for each in values], dict[Key, Counter[str]]()
    for row in connection.execute(query):
        if any(value is not None for value in row[len(by) :]):
            counts = zip(names, map(int, row[len(by) :]), strict=True)
            found[tuple(row[: len(by)])] = Counter(dict(counts))
    for late in _within(more, quarters, only):
        group = found.setdefault(tuple(late[name] for name in by), Counter())
        for name in names:
            value = late[name]
            group[name] = max(group[name], value) if name == "peak" else group[name] + value
    return found


def waits(
    connection: Connection,
    quarters: Quarters,
    more: Iterable[Mapping[str, Any]] = (),
    **only: str,
) -> Iterable[tuple[str, Sequence[int], Sequence[int]]]:
    """Queue by queue: how long each wait was that was answered, and that was abandoned; in ms."""
    columns = WaitQuarter.__table__.columns
    query = select(columns.queue, columns.answered, columns.abandoned)
    yield from connection.execute(query.where(*_picked(columns, quarters, only)))
    for row in _within(more, quarters, only):
        yield row["queue"], row["answered"], row["abandoned"]


def busy_times(
    connection: Connection,
    kind: str,
    quarters: Quarters,
    more: Iterable[Mapping[str, Any]] = (),
    **only: str,
) -> Iterable[tuple[str, int, int]]:
    """Name, quarter, and the milliseconds in which lines were busy."""
    columns = LineQuarter.__table__.columns
    query = select(columns.name, columns.number, columns.busy_ms)
    only = {"kind": kind, **only}
    yield from connection.execute(
        query.where(*_picked(columns, quarters, only), columns.busy_ms > 0)
    )
    for row in _within(more, quarters, only):
        yield row["name"], row["number"], row["busy_ms"]


def dispositions(connection: Connection, since: Any, until: Any) -> Mapping[Key, int]:
    """How many were recorded, by code and agent."""
    one = Disposition
    query = (
        select(one.code_id, one.agent_id, func.count())
        .where(one.created_at >= since, one.created_at < until)
        .group_by(one.code_id, one.agent_id)
    )
    return {(code, agent): number for code, agent, number in connection.execute(query)}


def codes(connection: Connection) -> dict[str, tuple[Mapping[str, str], str | None]]:
    """The labels of each disposition, and its group."""
    query = select(DispositionCode.id, DispositionCode.labels, DispositionCode.parent_id)
    return {code: (labels, group) for code, labels, group in connection.execute(query)}


def people(connection: Connection) -> dict[str, tuple[str, str | None]]:
    """The name and the team of each agent."""
    found = connection.execute(select(Agent.id, Agent.name, Agent.team))
    return {agent_id: (name, team) for agent_id, name, team in found}


def _added(column: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.max(column) if column.key == "peak" else func.sum(column)


def _other(column: ColumnElement[Any]) -> bool:
    return isinstance(column.type, (JSON, String))


def _picked(columns: Any, quarters: Quarters, only: Mapping[str, str]) -> list[Any]:
    until = min(quarters.until, quarters.stored_until)
    picked = [columns[name] == value for name, value in only.items()]
    return [columns.number >= quarters.first, columns.number < until, *picked]


def _within(
    rows: Iterable[Mapping[str, Any]], quarters: Quarters, only: Mapping[str, str]
) -> Iterable[Mapping[str, Any]]:
    first = max(quarters.first, quarters.stored_until)
    for row in rows:
        if first <= row["number"] < quarters.until and all(
            row[name] == only[name] for name in only
        ):
            yield row
