"""The note of which process serves a data folder; locked for as long as it does."""

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from .refusals import CommandRefused

NAME = "hotline.pid"
ATTEMPTS, MOMENT = 10, 0.05  # s


class DataFolderInUse(CommandRefused):
    """Another process serves the folder."""

    def __init__(self, data: Path, pid: str) -> None:
        super().__init__(f"process {pid or '?'} serves {data}: a data folder has one server")
        self.data = data
        self.pid = pid


@contextmanager
def serving(data: Path) -> Iterator[int | None]:
    """
    Hold the note while this process serves the folder. Raises DataFolderInUse.

    Gives the number of the one before if that did not end as it should: the note is empty after a
    server that stopped or refused to start. The lock goes with the process, however it ends.
    """
    data.mkdir(parents=True, exist_ok=True)
    with (data / NAME).open("a+") as note:
        _lock(note, data)
        note.seek(0)
        before = note.read().strip()
        note.truncate(0)
        note.write(f"{os.getpid()}\n")
        note.flush()
        try:
            yield int(before) if before.isdecimal() else None
        except CommandRefused:
            note.truncate(0)
            raise
        note.truncate(0)


def _lock(note: TextIO, data: Path) -> None:
    """Who only asks (:func:`running_server`) has the lock for a moment, too."""
    for _ in range(ATTEMPTS):
        with contextlib.suppress(BlockingIOError):
            return fcntl.flock(note, fcntl.LOCK_EX | fcntl.LOCK_NB)
        time.sleep(MOMENT)
    note.seek(0)
    raise DataFolderInUse(data, note.read().strip())


def running_server(data: Path) -> int | None:
    """The process id of the server that serves the folder now, if one does."""
    try:
        with (data / NAME).open() as note:
            try:
                fcntl.flock(note, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return int(note.read())
            return None
    except (FileNotFoundError, ValueError):
        return None
