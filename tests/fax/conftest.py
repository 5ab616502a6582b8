"""The databases of the store's tests."""

from tests.fakes.databases import database, database_url, postgres, postgres_url

__all__ = ["database", "database_url", "postgres", "postgres_url"]
