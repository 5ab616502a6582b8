"""Statements for many rows: made once for each kind of database, whichever database it is."""

from sqlalchemy.dialects import postgresql, sqlite

from cti_server.store.bulk import inserted, prepared
from cti_server.store.stored_events import StoredEvent


def test_a_statement_is_made_once_for_a_kind_of_database() -> None:
    other = postgresql.asyncpg.dialect()  # type: ignore[no-untyped-call]
    one = prepared(inserted, StoredEvent, sqlite.dialect())

    assert prepared(inserted, StoredEvent, sqlite.dialect()) is one
    assert prepared(inserted, StoredEvent, other) is not one
