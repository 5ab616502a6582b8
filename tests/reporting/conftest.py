"""The two databases of the store."""

from tests.fakes.databases import (
    database,
    database_url,
    postgres,
    postgres_url,
)

__all__ = ["database", "database_url", "postgres", "postgres_url"]
