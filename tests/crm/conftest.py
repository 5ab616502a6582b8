from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cti_server.store.database import Database
from cti_server.store.tables import Base


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """A real database with every table and nothing in them."""
    database = Database(f"sqlite:///{tmp_path}/hotline.db")
    async with database.writing.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield database
    await database.close()
