"""The rows that a projection reads and changes, in memory. Pure: it knows no database."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from .base import Base

Row = dict[str, Any]
"""A record's columns by name: what one mapped class has, in the form that is written in bulk."""
Key = tuple[type[Base], str | int]

MAX_KEPT = 20_000
"""Rows kept between batches: those of some thousand live calls. The rest is read again."""


class Kept:
    """Rows as the database has them, the most recently changed ones."""

    def __init__(self, limit: int = MAX_KEPT) -> None:
        self._limit = limit
        self._rows: dict[Key, Row] = {}

    def find(self, key: Key) -> Row | None:
        return self._rows.get(key)

    def keep(self, rows: Mapping[Key, Row]) -> None:
        """Remember what was read or written; what was not changed for longest makes room."""
        for key, row in rows.items():
            self._rows.pop(key, None)
            self._rows[key] = row
        while len(self._rows) > self._limit:
            del self._rows[next(iter(self._rows))]

    def forget(self) -> None:
        self._rows.clear()


class Rows:
    """
    One batch's changes on top of the kept rows.

    A row that was asked for and is not here is noted in :attr:`missing`. The batch is then
    projected anew with those rows ``loaded`` (None: there is none): so a batch costs a query a
    table when it touches old rows, and none when it does not.
    """

    def __init__(self, kept: Kept, loaded: Mapping[Key, Row | None] | None = None) -> None:
        self.changed: dict[Key, Row] = {}
        self.links: dict[tuple[str, str], datetime | None] = {}
        self.missing: set[Key] = set()
        self._kept = kept
        self._loaded = loaded or {}

    def add(self, table: type[Base], id: str | int, row: Row) -> None:
        """A new row; one that is there under this id is replaced."""
        self.changed[table, id] = row

    def get(self, table: type[Base], id: str | int | None) -> Row | None:
        """The row to look at, None if there is none."""
        if id is None:
            return None
        key = (table, id)
        row = self.changed.get(key)
        if row is None:
            row = self._kept.find(key)
        if row is None:
            row = self._loaded.get(key)
            if row is None and key not in self._loaded:
                self.missing.add(key)
        return row

    def change(self, table: type[Base], id: str | int | None) -> Row | None:
        """The row to change in place, None if there is none. Its values are to be replaced."""
        row = self.get(table, id)
        if row is not None and id is not None and (table, id) not in self.changed:
            row = row.copy()
            self.changed[table, id] = row
        return row

    def link(self, contact_id: str, customer_id: str, arrived_at: datetime) -> None:
        """Note that the contact, which arrived then, may be this customer's."""
        self.links[contact_id, customer_id] = arrived_at

    def unlink(self, contact_id: str, customer_id: str) -> None:
        """Note that it is not."""
        self.links[contact_id, customer_id] = None
