"""
The two databases that every store test runs on: fixtures, to be imported by a ``conftest``.

``database`` is fresh and migrated, once as SQLite and once as PostgreSQL.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from cti_server.store.database import Database
from cti_server.store.tables import Base
from tests.fakes.postgres import PostgresServer

__all__ = ["database", "database_url", "migrated_sqlite", "postgres", "postgres_url"]


async def _migrate(url: str) -> None:
    database = Database(url)
    await database.upgrade()
    await database.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    server = PostgresServer()
    try:
        server.create("migrated")
        asyncio.run(_migrate(server.url("migrated")))
        yield server
    finally:
        server.close()


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("migrated") / "hotline.db"
    asyncio.run(_migrate(f"sqlite+aiosqlite:///{file}"))
    return file


@pytest.fixture
def postgres_url(postgres: PostgresServer) -> Iterator[str]:
    yield postgres.url("migrated")
    # Creating a database takes a second, this a twentieth. Who left a transaction open fails it.
    tables = ", ".join(f'"{table}"' for table in Base.metadata.tables)
    postgres.execute(f"SET lock_timeout = '5s'; TRUNCATE {tables}", "migrated")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Of a migrated database without rows, of each kind in turn."""
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgres_url"))
    folder: Path = request.getfixturevalue("tmp_path")
    file = folder / "hotline.db"
    shutil.copy(request.getfixturevalue("migrated_sqlite"), file)
    return f"sqlite+aiosqlite:///{file}"


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    yield database
    await database.close()
