"""
A saved query on the database: within its row limit and its time, seeing what its runner may see.

The time is kept by the database itself, so that nothing goes on behind somebody who was told that
it took too long: by a statement's time-out on PostgreSQL, by a progress handler on SQLite.
"""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Select, literal, select, text
from sqlalchemy.exc import DBAPIError

from crm.queries import Comparison, Definition, QueryTooSlow

from .customers import Customer
from .database import UNAVAILABLE
from .saved_queries_resources import Shown, Source, Viewer

T = TypeVar("T")

ATTRIBUTE = "attributes."
_STEPS = 4_000  # of SQLite's machine between two looks at the clock: some tens of microseconds
_CANCELLED = "57014"  # PostgreSQL: query_canceled


@dataclass(frozen=True, slots=True)
class Found:
    """``more``: there were more rows than the query shows."""

    rows: Sequence[Sequence[Any]]
    more: bool


def statement(
    definition: Definition,
    source: Source,
    comparisons: Sequence[Comparison],
    viewer: Viewer,
    same: Mapping[Any, Collection[Any]],
) -> Select[Any]:
    """``same``: values that stand for several: a customer's ids, ways to write a number."""
    chosen = [
        _selected(source, each.column).label(f"c{number}")
        for number, each in enumerate(definition.columns)
    ]
    query = source.rows(select(*chosen)).where(*source.seen(viewer))
    for one in comparisons:
        query = query.where(*_conditions(source.columns[one.column], one, same))
    for each in definition.order:
        expression = source.columns[each.column].expression
        query = query.order_by(expression.desc() if each.descending else expression)
    return query.limit(definition.limit + 1)


def _selected(source: Source, name: str) -> ColumnElement[Any]:
    if source.own_fields and name.startswith(ATTRIBUTE):
        return Customer.__table__.c.attributes
    return source.columns[name].expression  # type: ignore[no-any-return]


def _conditions(
    column: Shown, one: Comparison, same: Mapping[Any, Collection[Any]]
) -> list[ColumnElement[bool]]:
    values = one.value if isinstance(one.value, list) else [one.value]
    if column.type in {"customer", "phone"} and one.operator == "is":
        values = list(same.get(one.value, values))
    if column.having is not None:
        return [column.having(values)]
    expression = column.expression
    if one.since is not None or one.until is not None:
        since = [expression >= one.since] if one.since is not None else []
        return since + ([expression < one.until] if one.until is not None else [])
    return [_compared(expression, one.operator, values)]


def _compared(expression: Any, operator: str, values: Sequence[Any]) -> Any:
    [first, *_] = values
    match operator:
        case "is" if len(values) == 1:
            return expression == first
        case "is" | "one_of":
            return expression.in_(values)
        case "is_not":
            return expression.is_distinct_from(literal(first))
        case "begins":
            return expression.startswith(first, autoescape=True)
        case "at_least":
            return expression >= first
        case "less_than":
            return expression < first
        case "empty":
            return expression.is_(None)
        case "filled":
            return expression.is_not(None)
    raise ValueError(operator)


def find(connection: Connection, query: Select[Any], limit: int, seconds: float) -> Found:
    """The rows, one more than the limit of which says that there are more. Raises QueryTooSlow."""
    rows = in_time(connection, seconds, lambda: connection.execute(query).all())
    return Found([tuple(row) for row in rows[:limit]], len(rows) > limit)


def in_time(connection: Connection, seconds: float, work: Callable[[], T]) -> T:
    """One reading statement that the database ends when its time is over. Raises QueryTooSlow."""
    if connection.dialect.name == "sqlite":
        return _in_time_on_sqlite(connection, seconds, work)
    milliseconds = max(1, int(seconds * 1000))  # 0 would be no limit
    connection.execute(text(f"SET LOCAL statement_timeout = {milliseconds}"))
    try:
        return work()
    except UNAVAILABLE as error:  # a stream raises what the driver does
        if getattr(getattr(error, "orig", error), "sqlstate", None) == _CANCELLED:
            raise QueryTooSlow(seconds) from error
        raise


def _in_time_on_sqlite(connection: Connection, seconds: float, work: Callable[[], T]) -> T:
    driver: Any = connection.connection.driver_connection
    until = time.monotonic() + seconds
    driver.set_progress_handler(lambda: time.monotonic() > until, _STEPS)
    try:
        return work()
    except DBAPIError as error:
        if time.monotonic() > until and "interrupted" in str(error.orig):
            raise QueryTooSlow(seconds) from error
        raise
    finally:
        driver.set_progress_handler(None, 0)
