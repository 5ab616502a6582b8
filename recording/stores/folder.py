"""A folder of this machine as a store."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from recording.disk import Disk
from recording.sealing import Block

_BLOCK = 1 << 17  # bytes read at once


class FolderStore:
    """Files below a folder; what was put is still there after a power cut."""

    def __init__(self, name: str, folder: Path, disk: Disk | None = None) -> None:
        self.name = name
        self._folder = folder
        self._disk = disk or Disk()

    def put(self, file: str, blocks: Iterable[Block]) -> None:
        path = self._folder / file
        self._disk.make_folder(path.parent)
        self._disk.write_atomically(path, blocks)

    def get(self, file: str, start: int, end: int) -> Iterator[bytes]:
        with (self._folder / file).open("rb") as opened:
            opened.seek(start)
            while start < end and (block := opened.read(min(_BLOCK, end - start))):
                yield block
                start += len(block)

    def size(self, file: str) -> int | None:
        try:
            return (self._folder / file).stat().st_size
        except FileNotFoundError:
            return None

    def delete(self, file: str) -> None:
        path = self._folder / file
        if path.parent.is_dir():
            self._disk.remove(path)
            self._disk.remove(self._disk.part_of(path))
            self._disk.sync_folder(path.parent)

    def files(self) -> Iterator[str]:
        for path in self._folder.rglob("*"):
            if path.is_file() and not path.name.startswith("."):
                yield path.relative_to(self._folder).as_posix()
