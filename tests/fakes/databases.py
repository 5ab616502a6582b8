"""
The two databases that every store test runs on: fixtures, to be imported by a ``conftest``.

``database`` is fresh and migrated, once as SQLite and once as PostgreSQL.
"""

import asyncio
import functools
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from cti_server.store import upgrade
from cti_server.store.database import Database
from cti_server.store.tables import Base
from tests.fakes.postgres import PostgresServer

__all__ = ["database", "database_url", "new_sqlite", "postgres", "postgres_url"]


async def _migrate(url: str) -> None:
    database = Database(url)
    await database.upgrade()
    await database.close()


@functools.cache
def _template() -> bytes:
    """An empty SQLite database of this release, made once: migrating takes a third of a second."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "hotline.db"
        engine = create_engine(f"sqlite:///{file}")
        with engine.begin() as connection:
            upgrade.upgrade(connection)
        engine.dispose()
        return file.read_bytes()


def new_sqlite(folder: Path, *, patience: float = 10.0) -> Database:
    """A migrated database without rows, in the folder's ``hotline.db``."""
    file = folder / "hotline.db"
    file.write_bytes(_template())
    return Database(f"sqlite+aiosqlite:///{file}", patience=patience)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    server = PostgresServer()
    try:
        server.create("migrated")
        asyncio.run(_migrate(server.url("migrated")))
        yield server
    finally:
        server.close()


@pytest.fixture
def postgres_url(postgres: PostgresServer) -> Iterator[str]:
    yield postgres.url("migrated")
    postgres.execute(_emptied(), "migrated")


def _emptied() -> str:
    """
    As it was when migrated. Who left a transaction open fails it.

    Creating a database takes a second. To truncate every table takes a fifth of one, for each has
    its files, and few were written to.
    """
    tables = ", ".join(f'"{table}"' for table in Base.metadata.tables)
    return f"""
        SET lock_timeout = '5s';
        SET client_min_messages = warning;
        BEGIN;
        LOCK TABLE {tables};
        DO $$ DECLARE written text; BEGIN
            SELECT string_agg(quote_ident(relname), ', ') INTO STRICT written FROM pg_class
            WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
            AND relname <> 'alembic_version' AND pg_relation_size(oid) > 0;
            EXECUTE 'TRUNCATE ' || written || ' CASCADE';
        END $$;
        INSERT INTO writer VALUES (0, '', '', 0);
        COMMIT
    """  # noqa: S608 - our own tables' names


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Of a migrated database without rows, of each kind in turn."""
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgres_url"))
    return str(new_sqlite(tmp_path).url)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    yield database
    await database.close()
