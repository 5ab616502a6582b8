"""The few steps on the disk that an archive consists of, each durable when it returns."""

import os
from collections.abc import Iterable
from pathlib import Path

from .errors import RecordingError

_BLOB = bytes | bytearray | memoryview


class Disk:
    """
    The real disk. What it did is still so after a power cut.

    A rename is only durable once its folder was synced, a new folder once its parent was.
    """

    def make_folder(self, folder: Path) -> None:
        """Create the folder and whatever is missing above it."""
        if folder.is_dir():
            return
        self.make_folder(folder.parent)
        folder.mkdir(mode=0o750, exist_ok=True)
        self.sync_folder(folder.parent)

    def write(self, path: Path, blocks: Iterable[_BLOB]) -> None:
        """Write a new file, or over an old one."""
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o640)
        try:
            for block in blocks:
                self._write_all(file, block)
            os.fsync(file)
        finally:
            os.close(file)

    def rename(self, source: Path, target: Path) -> None:
        """Give a file or folder its name, at once and for good."""
        source.replace(target)
        self.sync_folder(target.parent)
        if source.parent != target.parent:
            self.sync_folder(source.parent)

    def remove(self, path: Path) -> None:
        path.unlink(missing_ok=True)

    def remove_folder(self, folder: Path) -> None:
        folder.rmdir()
        self.sync_folder(folder.parent)

    def sync_folder(self, folder: Path) -> None:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def write_atomically(self, path: Path, blocks: Iterable[_BLOB]) -> None:
        """Write a file that is there whole or not at all."""
        self.rename(self.write_part(path, blocks), path)

    def write_part(self, path: Path, blocks: Iterable[_BLOB]) -> Path:
        """Write the file under a temporary name beside its place; return that."""
        part = self.part_of(path)
        try:
            self.write(part, blocks)
        except (OSError, RecordingError):
            self.remove(part)  # a full disk gets its space back
            raise
        return part

    @staticmethod
    def part_of(path: Path) -> Path:
        """The temporary name of a file."""
        return path.with_name(f".{path.name}.part")

    @staticmethod
    def _write_all(file: int, block: _BLOB) -> None:
        left = memoryview(block)
        while left:
            left = left[os.write(file, left) :]
