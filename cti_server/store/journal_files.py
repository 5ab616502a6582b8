"""
The journal's files: JSON lines, one event a line, in segments named by their first sequence number.

A segment is begun once and never reopened for writing, so that the torn last line that a crash
leaves behind is never written after: what does not end in a newline was not acknowledged.
"""

import bisect
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import msgspec
import structlog

from cti_server.wire.events import Logged
from recording.disk import Disk

log = structlog.get_logger()

SUFFIX = ".jsonl"
PART = ".part"
_NUMBERED = re.compile(rb'\{"sequence":(\d+),')
_decode = msgspec.json.Decoder(Logged).decode
_encode = msgspec.json.Encoder().encode


class Entry(NamedTuple):
    """An event and its line in the journal, without the newline."""

    logged: Logged
    line: bytes

    @property
    def sequence(self) -> int:
        return self.logged.sequence

    @property
    def payload(self) -> str:
        """The event's own JSON."""
        return self.line[self.line.index(b'"event":') + 8 : -1].decode()


@dataclass(frozen=True, slots=True, order=True)
class Segment:
    """One file. ``first`` is the number of the first event that was to be written to it."""

    first: int
    path: Path

    def lines(self) -> list[bytes]:
        """The whole lines. What comes after the last newline is torn, or still being written."""
        *whole, _torn = self.path.read_bytes().split(b"\n")
        return [line for line in whole if _NUMBERED.match(line)]


def segments(folder: Path) -> list[Segment]:
    """The folder's segments in the order written."""
    return sorted(
        Segment(int(path.stem), path) for path in folder.glob(f"*{SUFFIX}") if path.stem.isdecimal()
    )


def path_of(folder: Path, first: int) -> Path:
    return folder / f"{first:020d}{SUFFIX}"


def last_sequence(folder: Path) -> int:
    """The newest number that the journal knows of, 0 if it never had one."""
    for segment in reversed(segments(folder)):
        if lines := segment.lines():
            return _number(lines[-1])
        if segment.first > 1:
            return segment.first - 1
    return 0


def read(folder: Path, after: int, limit: int) -> list[Entry]:
    """The next entries after this number, in order, at most ``limit``."""
    entries: list[Entry] = []
    for segment in _from(folder, after):
        try:
            lines = segment.lines()
        except FileNotFoundError:
            continue  # released while this was reading
        start = bisect.bisect_right(lines, after, key=_number)
        for line in lines[start:]:
            after = _number(line)  # a batch that was written twice is read once
            if (entry := _entry(line, segment.path)) is not None:
                entries.append(entry)
            if len(entries) >= limit:
                return entries
    return entries


def rewrite(segment: Segment, changed: Callable[[Logged], Logged | None]) -> bool:
    """
    Put other lines in the place of some, at once and for good; whether there were any.

    ``changed`` gives the event as it is to be, None if it stays. Numbers stay as they are. A line
    that nobody can read is left out: nobody can tell what is in it, or is ever given it.
    """
    lines = segment.lines()
    new = [line for each in lines if (line := _rewritten(each, segment.path, changed)) is not None]
    torn = segment.path.stat().st_size != sum(len(line) + 1 for line in lines)
    if new == lines and not torn:
        return False
    part = segment.path.with_suffix(PART)
    disk = Disk()
    disk.write(part, [b"".join([line + b"\n" for line in new])])
    disk.rename(part, segment.path)
    return True


def discard_parts(folder: Path) -> None:
    """What a crash left of a segment that was being rewritten; the segment itself is whole."""
    for part in folder.glob(f"*{PART}"):
        part.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Make the names in it durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _rewritten(line: bytes, path: Path, changed: Callable[[Logged], Logged | None]) -> bytes | None:
    entry = _entry(line, path)
    if entry is None:
        return None
    new = changed(entry.logged)
    return line if new is None else _encode(new)


def _from(folder: Path, after: int) -> Iterator[Segment]:
    """The segments that may have something after this number."""
    found = segments(folder)
    begin = bisect.bisect_right([segment.first for segment in found], after + 1) - 1
    yield from found[max(begin, 0) :]


def _number(line: bytes) -> int:
    found = _NUMBERED.match(line)
    assert found is not None  # noqa: S101 - Segment.lines gives no others
    return int(found[1])


def _entry(line: bytes, path: Path) -> Entry | None:
    try:
        return Entry(_decode(line), line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        log.error(  # noqa: TRY400 - the line says it all, a traceback nothing
            "store.journal_line_unreadable",
            file=str(path),
            sequence=_number(line),
            reason=str(error),
        )
        return None
