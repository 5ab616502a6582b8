"""The note of which process serves a data folder; locked for as long as it does."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NAME = "hotline.pid"


@contextmanager
def serving(data: Path) -> Iterator[None]:
    """
    Hold the note while this process serves the folder.

    The lock goes with the process, however it ends; the number alone may belong to somebody else
    by the time it is read.
    """
    with (data / NAME).open("a+") as note:
        fcntl.flock(note, fcntl.LOCK_EX)
        note.truncate(0)
        note.write(f"{os.getpid()}\n")
        note.flush()
        yield
        note.truncate(0)


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
