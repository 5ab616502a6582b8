"""Archives with a few real recordings in two stores, on both databases."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cti_server.store.database import Database
from tests.fakes.databases import database, database_url, postgres, postgres_url

from .kept_twice import KeptTwice, kept_twice

__all__ = ["database", "database_url", "postgres", "postgres_url"]


@pytest.fixture
async def it(database: Database, tmp_path: Path) -> AsyncIterator[KeptTwice]:
    async with kept_twice(database, tmp_path) as found:
        yield found
