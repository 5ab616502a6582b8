"""
The database: SQLite by default, PostgreSQL by configuration alone.

Two ways in: :attr:`Database.sessions` for whoever may write, :attr:`Database.readers` for whoever
only reads. On SQLite the first takes the write lock when its transaction begins, because a
transaction that reads first and writes later fails at once, whatever the busy timeout, when
somebody wrote in between (SQLITE_BUSY_SNAPSHOT). On PostgreSQL the second is READ ONLY.
"""

import asyncio
import sqlite3
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from weakref import WeakSet

import asyncpg  # type: ignore[import-untyped]
import msgspec
from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
from sqlalchemy.exc import DBAPIError, SQLAlchemyError, StatementError
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.pool import ConnectionPoolEntry

from . import upgrade, writer
from .errors import Superseded, UnsupportedDatabase
from .query_places import QueryPlaces

T = TypeVar("T")

DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "postgresql": "postgresql+asyncpg",
    "postgres": "postgresql+asyncpg",
}
UNAVAILABLE = (
    *(SQLAlchemyError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError),
    Superseded,
)
"""What a database that does not answer raises, OSError covers TimeoutError; or not to us."""
VALUE_ERRORS = (ValueError, TypeError, OverflowError)
"""What a value raises that cannot become a column's."""

_OPTIONS: dict[str, Any] = {
    "hide_parameters": True,  # errors are logged, and numbers are personal
    "json_serializer": lambda value: msgspec.json.encode(value).decode(),
    "json_deserializer": msgspec.json.decode,
}
_LOCK_PATIENCE = 5.0  # seconds that SQLite waits for another writer at most
_UPGRADE_PATIENCE = 60.0  # seconds: several may bring the schema to this release's, each in turn
_CONNECT_PATIENCE = 5.0  # seconds
_SLOW_AT_ONCE = 3  # queries that may be slow: whoever answers a call looks in the same database
_READERS_PATIENCE = 1.0  # seconds that readers are waited for while writers wait, too
_VACUUM_PATIENCE = 30.0  # seconds: it needs a moment in which nobody writes


class Database:
    """The engine and its sessions. Opens nothing until it is used."""

    def __init__(self, url: str, *, patience: float = 10.0, epoch: int | None = None) -> None:
        """
        ``patience``: seconds that PostgreSQL may take for one statement, and at most 5 of them
        that SQLite waits for another writer. ``epoch``: of the server that this is part of.
        """
        self.epoch = epoch
        self.url = _with_driver(make_url(url))
        self.engine = _engine(self.url, patience)
        self._direct: Engine | None = None
        self._direct_readers: Engine | None = None
        self._lookers: AsyncEngine | None = None
        self._looking: deque[Connection] = deque()
        self._slow = QueryPlaces(_SLOW_AT_ONCE, "slow-queries")
        if self.dialect == "sqlite":
            lock_patience = min(patience, _LOCK_PATIENCE)
            self._direct = _direct(self.url, lock_patience, writing=True)
            readers = _direct(self.url, lock_patience, writing=False)
            self._direct_readers = readers.execution_options(no_transaction=True)
            event.listen(self._direct, "begin", self._let_in)
        else:
            self._lookers = _engine(self.url, patience, looking=True)
        event.listen(self.engine.sync_engine, "begin", self._let_in)
        writing = self.engine.execution_options(writing=True)
        reading = self.engine.execution_options(postgresql_readonly=True)
        self.sessions = async_sessionmaker(writing, expire_on_commit=False)
        self.readers = async_sessionmaker(reading, expire_on_commit=False)
        at_once = reading
        if self.dialect != "sqlite":  # whose readers see one moment as it is
            at_once = reading.execution_options(isolation_level="REPEATABLE READ")
        self.at_one_moment = async_sessionmaker(at_once, expire_on_commit=False)
        """Readers for what is added up by several statements: all see what the first one saw."""
        self.writing = writing
        self.reading = reading
        self._outside_transactions = self.engine.execution_options(no_transaction=True)

    @property
    def dialect(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return self.engine.dialect.name

    async def upgrade(self) -> None:
        """
        Bring the schema to this release's, from empty if need be.

        Safe when several processes do so at once. Raises DatabaseTooNew.
        """
        self._make_folder()
        # The lock is held for a second and more, not for the moment that other writers have it.
        if self._direct is not None:
            patient = _direct(self.url, _UPGRADE_PATIENCE, writing=True)
            try:
                await asyncio.to_thread(_commit, patient, upgrade.upgrade)
            finally:
                patient.dispose()
            return
        engine = _engine(self.url, _UPGRADE_PATIENCE)
        try:
            async with engine.begin() as connection:
                await connection.run_sync(upgrade.upgrade)
        finally:
            await engine.dispose()

    async def has_turns(self) -> bool:
        """Whether it says who may write: not before its first server of this release."""
        self._make_folder()
        return await self.in_one_look(lambda it: inspect(it).has_table(writer.Writer.__tablename__))

    async def ready(self) -> bool:
        """Whether the database answers and has this release's schema."""
        try:
            async with self.engine.connect() as connection:
                return await connection.run_sync(upgrade.is_current)
        except UNAVAILABLE:
            return False

    async def make_durable(self) -> bool:
        """
        Whether everything committed so far now survives a power cut.

        SQLite in WAL mode with synchronous=NORMAL syncs at checkpoints only, so this makes one;
        False if a reader is in its way.
        """
        if self.dialect != "sqlite":
            return True
        async with self._outside_transactions.connect() as connection:
            busy, _, _ = (await connection.execute(text("PRAGMA wal_checkpoint(FULL)"))).one()
            return not busy

    async def write_anew(self) -> None:
        """
        Write the whole file anew, so that nothing of what was deleted is left between the rows.

        SQLite leaves behind what it moved to another page; only VACUUM is rid of it (measured: of
        15,000 names that were overwritten 90 stay, also with ``secure_delete``). Writers wait for
        as long as it takes to copy the database. The old pages are there until the write-ahead
        log is emptied. PostgreSQL's own VACUUM frees what was deleted, by itself.
        """
        if self._direct is not None:
            await asyncio.to_thread(_vacuum, self.url)

    async def empty_log(self) -> bool:
        """
        Bring SQLite's write-ahead log into the file, and leave it empty.

        False if a reader still needs it: try again. Writers wait no longer than a moment for it.
        """
        if self._direct is None:
            return True
        return await asyncio.to_thread(_empty_log, self.url)

    async def size(self) -> int:
        """Bytes of the database."""
        asked = (
            "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
            if self.dialect == "sqlite"
            else "SELECT pg_database_size(current_database())"
        )
        async with self.engine.connect() as connection:
            return int((await connection.execute(text(asked))).scalar_one())

    async def in_transaction(self, work: Callable[[Connection], T]) -> T:
        """
        Do work that is many statements in one writing transaction; it must not touch the loop.

        On SQLite it runs in a thread, on a connection without asyncio's adapter in between: that
        would hop to a thread and back three times a statement, which costs more than the work.
        """
        if self._direct is not None:
            return await asyncio.to_thread(_commit, self._direct, work)
        async with self.writing.begin() as connection:
            return await connection.run_sync(work)

    async def in_one_look(self, work: Callable[[Connection], T]) -> T:
        """
        Do a few reading statements at once; the work must not touch the loop.

        Outside of any transaction: each statement sees what is there at its own moment. On SQLite
        in one hop to a thread, for the reason that :meth:`in_transaction` has; on PostgreSQL
        without the three round trips that a connection's check and a transaction take, so the
        work is done again if the server had gone away since the last one.
        """
        if self._direct_readers is not None:
            return await asyncio.to_thread(_look, self._direct_readers, self._looking, work)
        try:
            return await self._look(work)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
        return await self._look(work)

    async def in_slow_look(self, seconds: float, work: Callable[[Connection, float], T]) -> T:
        """
        Do one reading statement that may be slow, a few at once; the work must not touch the loop.

        The work is told how many of these ``seconds`` are left, and has to keep to them. On
        PostgreSQL in a transaction of its own, whose time-out is nobody else's. Raises
        QueryTooSlow.
        """
        readers = self._direct_readers
        if readers is not None:
            return await self._slow.in_thread(
                seconds, lambda left: _look(readers, self._looking, lambda one: work(one, left))
            )
        async with self._slow.taken(seconds) as left, self.reading.connect() as connection:
            return await connection.run_sync(work, left)

    def _make_folder(self) -> None:
        if self.dialect == "sqlite" and self.url.database:
            Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)

    def _let_in(self, connection: Connection) -> None:
        if self.epoch is not None and connection.get_execution_options().get("writing"):
            writer.check(connection, self.epoch)

    async def _look(self, work: Callable[[Connection], T]) -> T:
        engine = self._lookers or self.reading
        async with engine.connect() as connection:
            return await connection.run_sync(work)

    async def close(self) -> None:
        self._slow.close()
        while self._looking:
            self._looking.pop().close()
        await self.engine.dispose()
        if self._lookers is not None:
            await self._lookers.dispose()
        for direct in (self._direct, self._direct_readers):
            if direct is not None:
                direct.dispose()


def refused_the_data(error: Exception) -> bool:
    """
    Whether the error is about the values, so that trying again cannot help.

    SQLSTATE classes 22 (data exception) and 23 (integrity constraint); SQLite and the type
    conversion in front of both raise their own.
    """
    if isinstance(error, (DBAPIError, asyncpg.PostgresError)):
        state = getattr(getattr(error, "orig", error), "sqlstate", None)
        if state is not None:
            return str(state)[:2] in {"22", "23"}
        return type(error).__name__ in {"DataError", "IntegrityError"}
    return isinstance(error, (StatementError, *VALUE_ERRORS))


def _with_driver(url: URL) -> URL:
    kind = url.get_backend_name()
    if kind not in DRIVERS:
        raise UnsupportedDatabase(kind)
    return url.set(drivername=DRIVERS[kind])


def _engine(url: URL, patience: float, *, looking: bool = False) -> AsyncEngine:
    """``looking``: for statements that only read, each in a transaction of its own."""
    if url.get_backend_name() == "sqlite":
        factory = {"factory": _EndedByClosing}
        engine = create_async_engine(url, connect_args=factory, **_OPTIONS)
        _prepare_sqlite(engine.sync_engine, min(patience, _LOCK_PATIENCE))
        return engine
    settings = {
        "application_name": "hotline",
        "jit": "off",
        "synchronous_commit": "on",  # the journal lets go of what was committed
    }
    if looking:
        settings["default_transaction_read_only"] = "on"
    return create_async_engine(
        url,
        pool_pre_ping=not looking,
        **({"isolation_level": "AUTOCOMMIT"} if looking else {}),
        connect_args={
            "timeout": min(patience, _CONNECT_PATIENCE),
            "command_timeout": patience,
            "server_settings": settings,
        },
        **_OPTIONS,
    )


class _EndedByClosing(sqlite3.Connection):
    """
    Closed in the middle of a transaction it is rid of it, and of its locks, at once.

    SQLite would keep both until the last cursor with rows to give is gone (sqlite3_close_v2), and
    the traceback of whoever was cancelled while reading may hold one for long.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._cursors: WeakSet[sqlite3.Cursor] = WeakSet()

    def cursor(self, *args: Any) -> Any:
        made = super().cursor(*args)
        self._cursors.add(made)
        return made

    def close(self) -> None:
        open_ones, self._cursors = list(self._cursors), WeakSet()
        for cursor in open_ones:
            cursor.close()
        super().close()


def _direct(url: URL, patience: float, *, writing: bool) -> Engine:
    """
    SQLite without asyncio: one connection that writes, or as many as threads read at once.

    ``patience``: seconds that it waits for another writer.
    """
    pool = {"pool_size": 1, "max_overflow": 0} if writing else {"max_overflow": -1}
    engine = create_engine(url.set(drivername="sqlite"), **pool, **_OPTIONS)
    _prepare_sqlite(engine, patience)
    return engine.execution_options(writing=writing)


def _commit(engine: Engine, work: Callable[[Connection], T]) -> T:
    with engine.begin() as connection:
        return work(connection)


def _vacuum(url: URL) -> None:
    engine = _direct(url, _VACUUM_PATIENCE, writing=True).execution_options(no_transaction=True)
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql("VACUUM")
    finally:
        engine.dispose()


def _empty_log(url: URL) -> bool:
    engine = _direct(url, _READERS_PATIENCE, writing=True).execution_options(no_transaction=True)
    try:
        with engine.connect() as connection:
            busy, _, _ = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
            return not busy
    finally:
        engine.dispose()


def _look(engine: Engine, idle: deque[Connection], work: Callable[[Connection], T]) -> T:
    """
    On one of the ``idle`` connections, which are kept outside of any transaction.

    To check one out of the pool, begin and roll back costs more than the look itself.
    """
    try:
        connection = idle.pop()
    except IndexError:
        connection = engine.connect()
    try:
        found = work(connection)
    except BaseException:
        connection.close()
        raise
    idle.append(connection)
    return found


def _prepare_sqlite(engine: Engine, patience: float) -> None:
    pragmas = (
        f"PRAGMA busy_timeout = {patience * 1000:.0f}",
        "PRAGMA synchronous = NORMAL",
        "PRAGMA foreign_keys = ON",
        "PRAGMA secure_delete = FAST",  # zeros for what is deleted, where it costs no writing
    )

    def configure(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        # Transactions begin where SQLAlchemy says so, not at sqlite3's first INSERT.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(pragma)
        _write_ahead(cursor, patience)
        cursor.close()

    event.listen(engine, "connect", configure)
    event.listen(engine, "begin", _begin_sqlite)


def _write_ahead(cursor: DBAPICursor, patience: float) -> None:
    """
    A file keeps its write-ahead log; who turns a new one to it needs its locks for a moment.

    Who finds them taken is refused at once, whatever the busy timeout, for both hold one that the
    other waits for; a transaction waits its turn.
    """
    until = time.monotonic() + patience
    while True:
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() >= until:
                raise
        else:
            return
        cursor.execute("BEGIN IMMEDIATE")
        cursor.execute("ROLLBACK")


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    if options.get("no_transaction"):
        return
    connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("writing") else "BEGIN")
