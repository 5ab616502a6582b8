"""A real file system of some megabytes, which is full when it is full."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MB = 1 << 20


class SmallDisk:
    """Mounted at ``folder``; the ballast takes whatever is to be taken of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ballast = folder / ".ballast"

    @property
    def free(self) -> int:
        found = os.statvfs(self.folder)
        return found.f_bavail * found.f_frsize

    def leave(self, free: int) -> None:
        """Have so many bytes free, to the block."""
        self._ballast.unlink(missing_ok=True)
        with self._ballast.open("wb") as file:
            file.write(bytes(max(0, self.free - free)))

    def leave_nothing(self) -> None:
        """No block is free."""
        self.leave(0)
        with self._ballast.open("ab", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError:
                return

    def make_room(self) -> None:
        self._ballast.unlink(missing_ok=True)


@contextmanager
def small_disk(folder: Path, size: int = 4 * MB) -> Iterator[SmallDisk]:
    """Whoever is not root needs sudo, as for CI's packages."""
    folder.mkdir(parents=True, exist_ok=True)
    asked = [] if os.geteuid() == 0 else ["sudo", "-n"]
    options = f"size={size},mode=0777"
    _run(*asked, "mount", "-t", "tmpfs", "-o", options, "small", str(folder))
    try:
        yield SmallDisk(folder)
    finally:
        _run(*asked, "umount", "--lazy", str(folder))


def _run(*words: str) -> None:
    subprocess.run(words, check=True, capture_output=True)
