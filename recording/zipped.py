"""
A ZIP file as it grows, in constant memory: sounds are stored as they are, each of any length.

Sizes and checksums come behind each sound (APPNOTE 4.3.9), so that nothing has to be read twice or
kept. Pure: whoever has the bytes writes them somewhere.
"""

import io
import zipfile
from datetime import datetime
from types import TracebackType
from typing import IO, Self


class _Outgoing(io.RawIOBase):
    """What :mod:`zipfile` has written and nobody has taken; it cannot be gone back in."""

    def __init__(self) -> None:
        self._written = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: bytes | bytearray | memoryview) -> int:  # type: ignore[override]
        self._written += data
        return len(data)

    def take(self) -> bytes:
        taken = bytes(self._written)
        self._written.clear()
        return taken


class GrowingZip:
    """One file after the other; :meth:`take` is to be asked after every step."""

    def __init__(self) -> None:
        self._outgoing = _Outgoing()
        self._zip = zipfile.ZipFile(self._outgoing, "w", zipfile.ZIP_STORED, allowZip64=True)
        self._entry: IO[bytes] | None = None

    def begin(self, name: str, at: datetime) -> None:
        """Another file; ZIP knows moments in steps of two seconds, and none before 1980."""
        told = zipfile.ZipInfo(name, at.timetuple()[:6])
        told.compress_type = zipfile.ZIP_STORED
        told.external_attr = 0o600 << 16
        self._entry = self._zip.open(told, "w", force_zip64=True)

    def write(self, data: bytes) -> None:
        if self._entry is None:
            raise ValueError("no file was begun")
        self._entry.write(data)

    def end(self) -> None:
        """The file is whole."""
        if self._entry is not None:
            self._entry.close()
            self._entry = None

    def finish(self) -> None:
        """Nothing comes any more: the list of the files."""
        self._zip.close()

    def take(self) -> bytes:
        """What there is to be sent since the last time."""
        return self._outgoing.take()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """However it ended, nothing of it is left open."""
        self.end()
        self._zip.close()
        self._outgoing.take()
