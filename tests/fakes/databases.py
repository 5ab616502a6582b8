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
    # Creating a database takes a second, this a twentieth. Who left a transaction open fails it.
    tables = ", ".join(f'"{table}"' for table in Base.metadata.tables)
    postgres.execute(
        f"SET lock_timeout = '5s'; TRUNCATE {tables};"  # noqa: S608 - our own tables' names
        "INSERT INTO writer VALUES (0, '', '', 0)",
        "migrated",
    )


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
