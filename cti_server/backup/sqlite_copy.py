"""A consistent copy of a SQLite database that others write to, and the way back."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, create_engine

from recording.disk import Disk

from .errors import BackupError, WouldOverwrite

T = TypeVar("T")

_BLOCK = 1 << 20


def copy(source: Path, target: Path) -> None:
    """
    By SQLite's own backup, in one step: one moment of it, and in WAL mode nobody waits.

    Raises BackupError for a copy that is not sound.
    """
    if not source.is_file():
        raise BackupError(f"{source}: there is no database")
    with (
        closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=rw", uri=True)) as live,
        closing(sqlite3.connect(target)) as copied,
    ):
        live.backup(copied)
        copied.execute("PRAGMA journal_mode = DELETE")  # one file, with nothing beside it
        _check(copied, target)
    Disk().sync_folder(target.parent)


def bring_back(source: Path, target: Path) -> None:
    """
    The target is there whole or not at all.

    Raises WouldOverwrite, and BackupError for a copy that is not sound.
    """
    if target.exists():
        raise WouldOverwrite(f"{target} is there: move it away first")
    disk = Disk()
    disk.make_folder(target.parent)
    part = disk.part_of(target)
    try:
        with source.open("rb") as opened:
            disk.write(part, iter(lambda: opened.read(_BLOCK), b""))
        with closing(sqlite3.connect(part)) as copied:
            _check(copied, source)
        for late in ("-wal", "-shm"):  # of the database that was here: another one's pages
            disk.remove(target.with_name(target.name + late))
        disk.rename(part, target)
    finally:
        disk.remove(part)


def look(file: Path, read: Callable[[Connection], T]) -> T:
    engine = create_engine(f"sqlite:///{file}")
    try:
        with engine.connect() as connection:
            return read(connection)
    finally:
        engine.dispose()


def _check(database: sqlite3.Connection, file: Path) -> None:
    try:
        found = [row[0] for row in database.execute("PRAGMA integrity_check(3)")]
    except sqlite3.DatabaseError as error:
        found = [str(error)]
    if found != ["ok"]:
        raise BackupError(f"{file}: is not sound: {'; '.join(found)}")
