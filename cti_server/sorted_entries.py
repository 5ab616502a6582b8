"""
Entries of the customers' indexes in their order, in a file of their own.

A file sorts more than memory holds. Nothing of it is worth keeping: it is made again.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from .store.customer_search import terms_in

Kept = Literal["term", "key", "due"]
Rows = Sequence[tuple[Any, ...]]

_CACHE = 65_536  # KiB of memory to sort in
_TABLES = (
    "gathered_term (entry TEXT, id TEXT)",
    "gathered_key (entry INTEGER, id TEXT)",
    "term (entry TEXT, id TEXT)",
    "key (entry INTEGER, id TEXT)",
    "due (id TEXT)",
)


class SortedEntries:
    """
    Terms and keys, each with its customer, and whose they are. One thread at a time has it.

    Rows have the numbers from 1 on as ``rowid``, those of an index in the index's order.
    """

    def __init__(self, path: Path) -> None:
        """Anew, without what a process that was killed has left there."""
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        self._file = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        for setting in ("journal_mode = OFF", "synchronous = OFF", f"cache_size = -{_CACHE}"):
            self._file.execute(f"PRAGMA {setting}")
        for table in _TABLES:
            self._file.execute(f"CREATE TABLE {table}")

    def gather(self, customers: Sequence[tuple[str, str, str]]) -> None:
        """Of each: its id, terms (as they are stored) and keys."""
        terms = [(term, id) for id, lines, _ in customers for term in terms_in(lines)]
        keys = [(int(key), id) for id, _, own in customers for key in own.split()]
        self._file.execute("BEGIN")
        self._file.executemany("INSERT INTO gathered_term VALUES (?, ?)", terms)
        self._file.executemany("INSERT INTO gathered_key VALUES (?, ?)", keys)
        self._file.executemany("INSERT INTO due VALUES (?)", [(id,) for id, _, _ in customers])
        self._file.execute("COMMIT")

    def sort(self) -> None:
        """All that was gathered."""
        for kept in ("term", "key"):
            rows = f"SELECT entry, id FROM gathered_{kept} ORDER BY entry, id"  # noqa: S608 - ours
            self._file.execute(f"INSERT INTO {kept} {rows}")
            self._file.execute(f"DROP TABLE gathered_{kept}")

    def count(self, kept: Kept) -> int:
        """How many rows there are of this, and the number of the last."""
        last = f"SELECT coalesce(max(rowid), 0) FROM {kept}"  # noqa: S608 - a table of ours
        return int(self._file.execute(last).fetchone()[0])

    def some(self, kept: Kept, after: int, to: int) -> Rows:
        """The rows with the numbers behind ``after``, up to ``to``."""
        rows = f"SELECT * FROM {kept} WHERE rowid > ? AND rowid <= ? ORDER BY rowid"  # noqa: S608
        return self._file.execute(rows, (after, to)).fetchall()

    def close(self) -> None:
        self._file.close()
        self.path.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class Part:
    """Some of the rows: those behind ``after``, up to ``to``."""

    entries: SortedEntries
    kept: Kept
    after: int
    to: int

    @property
    def rows(self) -> Rows:
        return self.entries.some(self.kept, self.after, self.to)
