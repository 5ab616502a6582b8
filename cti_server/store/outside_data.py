"""
Other systems' databases, looked into by SQL that operations have written: read only, in time.

They are not ours: nothing is migrated, no setting of theirs is changed, nothing can be written
(PostgreSQL: READ ONLY transactions; SQLite: opened so). One that hangs keeps nobody from calls.
"""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from datetime import time as time_of_day
from decimal import Decimal
from typing import Any
from urllib.parse import quote
from uuid import UUID

from sqlalchemy import URL, Connection, Engine, QueuePool, create_engine, make_url, text
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from config.queries import OutsideDatabaseSettings
from crm.errors import InvalidField
from crm.queries import Lookup, OutsideUnavailable, QueryTooSlow

from .database import DRIVERS, UNAVAILABLE, refused_the_data
from .errors import UnsupportedDatabase
from .query_places import QueryPlaces
from .saved_queries_run import Found, in_time

_LONGEST = 2_000  # characters of a cell
_GRACE = 1.0  # seconds for the database to end a statement by itself


class OutsideData:
    """The configured databases. Opens nothing until it is used."""

    def __init__(self, databases: Mapping[str, OutsideDatabaseSettings]) -> None:
        """Raises UnsupportedDatabase."""
        self._databases = {name: _opened(each) for name, each in databases.items()}

    async def look_up(self, name: str, lookup: Lookup, values: Mapping[str, Any]) -> Found:
        """
        The rows for these values; a parameter without one is NULL.

        Raises QueryTooSlow, InvalidField for values that the database does not take, and
        OutsideUnavailable.
        """
        database = self._databases[lookup.database]
        given = {each.name: values.get(each.name) for each in lookup.parameters}

        def look(connection: Connection, left: float) -> Found:
            return in_time(connection, left, lambda: _rows(connection, lookup, given))

        try:
            return await database.run(look)
        except UNAVAILABLE as error:
            if refused_the_data(error):
                raise InvalidField("parameters", f"{lookup.database} does not take them") from error
            raise OutsideUnavailable(f"{name}: {lookup.database} does not answer") from error

    async def close(self) -> None:
        for database in self._databases.values():
            await database.close()


def _rows(connection: Connection, lookup: Lookup, values: Mapping[str, Any]) -> Found:
    streamed = connection.execution_options(
        stream_results=True, max_row_buffer=lookup.limit + 1
    )  # or the driver would read all that there is
    with streamed.execute(text(lookup.sql), values) as result:
        if list(result.keys()) != [column.column for column in lookup.columns]:
            raise OutsideUnavailable(f"{lookup.database} gives other columns than are declared")
        rows = result.fetchmany(lookup.limit + 1)
    shown = [tuple(map(_cell, row)) for row in rows[: lookup.limit]]
    return Found(shown, len(rows) > lookup.limit)


def _cell(value: object) -> Any:
    """What JSON can say of it."""
    match value:
        case None | bool() | int() | float() | datetime():
            return value
        case Decimal() | UUID():
            return str(value)
        case date() | time_of_day():
            return value.isoformat()
    return str(value)[:_LONGEST]


def _opened(settings: OutsideDatabaseSettings) -> "_Sqlite | _Postgres":
    url, seconds = make_url(settings.url.get_secret_value()), settings.timeout.total_seconds()
    kind = url.get_backend_name()
    if kind not in DRIVERS:
        raise UnsupportedDatabase(kind)
    if kind == "sqlite":
        places = QueryPlaces(settings.connections, "outside-queries", grace=_GRACE)
        return _Sqlite(_read_only(url, settings.connections, seconds), places, seconds)
    engine = create_async_engine(
        url.set(drivername=DRIVERS[kind]),
        pool_size=settings.connections,
        max_overflow=0,
        pool_timeout=seconds,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={
            "timeout": seconds,
            "command_timeout": seconds + _GRACE,
            "server_settings": {"application_name": "hotline", "jit": "off"},
        },
    )
    return _Postgres(engine.execution_options(postgresql_readonly=True), seconds)


def _read_only(url: URL, connections: int, seconds: float) -> Engine:
    address = f"file:{quote(url.database or '')}?mode=ro"
    return create_engine(
        "sqlite://",
        creator=lambda: sqlite3.connect(
            address, uri=True, timeout=seconds, check_same_thread=False
        ),
        poolclass=QueuePool,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=seconds,
        hide_parameters=True,
    )


@dataclass(frozen=True, slots=True)
class _Sqlite:
    """In threads of its own, one for each connection."""

    engine: Engine
    places: QueryPlaces
    seconds: float

    async def run(self, look: Callable[[Connection, float], Found]) -> Found:
        def in_thread(left: float) -> Found:
            with self.engine.connect() as connection:
                return look(connection, left)

        return await self.places.in_thread(self.seconds, in_thread)

    async def close(self) -> None:
        self.places.close()
        self.engine.dispose()


@dataclass(frozen=True, slots=True)
class _Postgres:
    engine: AsyncEngine
    seconds: float

    async def run(self, look: Callable[[Connection, float], Found]) -> Found:
        until = time.monotonic() + self.seconds
        try:
            async with asyncio.timeout(self.seconds + _GRACE), self.engine.connect() as connection:
                return await connection.run_sync(look, until - time.monotonic())
        except (PoolTimeout, QueryTooSlow):
            raise QueryTooSlow(self.seconds) from None

    async def close(self) -> None:
        await self.engine.dispose()
