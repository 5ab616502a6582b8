"""The databases of the store's tests, for servers that run on PostgreSQL."""

from tests.fakes.databases import postgres

__all__ = ["postgres"]
