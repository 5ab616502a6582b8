"""
Which server reads which of the dropped files: whoever moved it away, for as long as they live.

Each server has a folder of its own below ``taken/``, with a lock in it that goes with the process,
however it ends: so what a dead one left is told from what another reads this minute.
"""

import contextlib
import fcntl
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TextIO
from uuid import uuid4

_LOCK = ".lock"


class Claims:
    """One server's files. All but :meth:`close` may raise OSError."""

    def __init__(self, taken: Path) -> None:
        self._taken = taken
        self._own = taken / uuid4().hex
        self._lock: TextIO | None = None

    def open(self) -> None:
        """Have the folder, also where somebody cleared it away."""
        if self._lock is not None and self._own.is_dir():
            return
        self.close()
        hidden = self._taken / f".{self._own.name}"  # nobody looks there before it is locked
        hidden.mkdir(parents=True, exist_ok=True)
        self._lock = (hidden / _LOCK).open("w")
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        hidden.rename(self._own)

    def close(self) -> None:
        """Whoever looks next takes over what was not read."""
        if self._lock is not None:
            _clear_away(self._own)
            self._lock.close()
            self._lock = None

    def claim(self, files: Iterable[Path]) -> None:
        for file in files:
            with contextlib.suppress(FileNotFoundError):  # another server was faster
                file.rename(free(self._own, file.name))

    def take_over(self) -> None:
        """What dead servers left."""
        for other in self._taken.iterdir():
            if other != self._own and not other.name.startswith("."):
                with _ended(other) as ended:
                    if ended:
                        self.claim(files_in(other))
                        _clear_away(other)
        self.claim(files_in(self._taken))

    def files(self) -> list[Path]:
        """The oldest name first."""
        return files_in(self._own)


def files_in(folder: Path) -> list[Path]:
    """In the order of their names; nothing hidden, and no links."""
    if not folder.is_dir():
        return []
    found = (each for each in folder.iterdir() if not each.name.startswith("."))
    return sorted(each for each in found if each.is_file() and not each.is_symlink())


def free(below: Path, name: str) -> Path:
    """A name that no earlier file has."""
    wanted, n = below / name, 1
    while wanted.exists():
        n += 1
        wanted = below / f"{Path(name).stem}~{n}{Path(name).suffix}"
    return wanted


@contextlib.contextmanager
def _ended(folder: Path) -> Iterator[bool]:
    """Whether the folder is of a server that is no more; nobody else finds so meanwhile."""
    try:
        lock = (folder / _LOCK).open("r+")
    except (FileNotFoundError, NotADirectoryError):
        yield False
        return
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def _clear_away(folder: Path) -> None:
    """Unless there is something in it, which then keeps its lock for whoever takes it over."""
    with contextlib.suppress(OSError):
        if [each.name for each in folder.iterdir()] == [_LOCK]:
            (folder / _LOCK).unlink()
            folder.rmdir()
