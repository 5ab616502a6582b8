"""One statement for many rows, as cheap as the driver allows."""

from collections.abc import Callable, Sequence
from functools import cache
from operator import itemgetter
from typing import Any, cast

import asyncpg  # type: ignore[import-untyped]
from sqlalchemy import Connection, Dialect, Insert, Table, insert
from sqlalchemy.orm import Session
from sqlalchemy.util import await_only

from .base import Base
from .inserts import insert_into
from .rows import Row

MANY = 50  # rows: fewer are sooner inserted than copied


class Bulk:
    """
    An INSERT, compiled once, that takes whole rows.

    SQLAlchemy renders it and its types convert the values; but its own way to execute spends
    25 µs on each row's parameters, more than SQLite needs to write the row.
    """

    def __init__(self, statement: Insert, table: Table, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        names: Sequence[str] = compiled.positiontup or ()
        self.table = table.name
        self.names = names
        self._text = str(compiled)
        self._values = itemgetter(*names)
        self._conversions: list[tuple[int, Callable[[Any], Any]]] = []
        for place, name in enumerate(names):
            convert = table.columns[name].type.dialect_impl(dialect).bind_processor(dialect)
            if convert is not None:
                self._conversions.append((place, convert))

    def execute(self, connection: Connection, rows: Sequence[Row]) -> None:
        connection.exec_driver_sql(self._text, [self._parameters(row) for row in rows])

    def copy(self, connection: Connection, rows: Sequence[Row]) -> None:
        """PostgreSQL's own way to take many, which knows no conflicts; in the transaction."""
        connection.exec_driver_sql("SELECT 1")  # SQLAlchemy begins one with the first statement
        driver: asyncpg.Connection = connection.connection.driver_connection
        records = [self._parameters(row) for row in rows]
        await_only(driver.copy_records_to_table(self.table, records=records, columns=self.names))

    def _parameters(self, row: Row) -> tuple[Any, ...]:
        values = list(self._values(row))
        for place, convert in self._conversions:
            values[place] = convert(values[place])
        return tuple(values)


def insert_all(session: Session, record: type[Base], rows: Sequence[Row]) -> None:
    """Rows with all columns of the table, at once, in the session's transaction."""
    if rows:
        insert_rows(session.connection(), record, rows)


def insert_rows(connection: Connection, record: type[Base], rows: Sequence[Row]) -> None:
    """The same in the connection's transaction."""
    bulk = prepared(inserted, record, connection.dialect)
    if connection.dialect.name == "postgresql" and len(rows) >= MANY:
        bulk.copy(connection, rows)
    else:
        bulk.execute(connection, rows)


def put_rows(connection: Connection, record: type[Base], rows: Sequence[Row]) -> None:
    """Rows with all columns of the table, over those that are there."""
    prepared(_put, record, connection.dialect).execute(connection, rows)


Writing = Callable[[type[Base], Dialect], Insert]
"""How rows of a table are written."""


def prepared(writing: Writing, record: type[Base], dialect: Dialect) -> Bulk:
    """Made once, however many databases are opened: the dialects of one kind are set up alike."""
    return _prepared(writing, record, _Kind(dialect))


class _Kind:
    """A dialect that stands for all of its kind."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Kind) and type(other.dialect) is type(self.dialect)

    def __hash__(self) -> int:
        return hash(type(self.dialect))


@cache
def _prepared(writing: Writing, record: type[Base], kind: _Kind) -> Bulk:
    return Bulk(writing(record, kind.dialect), cast(Table, record.__table__), kind.dialect)


def inserted(record: type[Base], dialect: Dialect) -> Insert:
    return insert(record)


def _put(record: type[Base], dialect: Dialect) -> Insert:
    table = cast(Table, record.__table__)
    statement = insert_into(record, dialect)
    changing = {
        column.name: statement.excluded[column.name]
        for column in table.columns
        if not column.primary_key
    }
    return statement.on_conflict_do_update(index_elements=[*table.primary_key], set_=changing)
