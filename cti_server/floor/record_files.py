"""The files of the routing's record: one a day, named by it, and packed when the day is over."""

import gzip
import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from io import BufferedReader
from pathlib import Path

import msgspec

from acd.errors import InvalidValue
from cti_server.refusals import CommandRefused

from .record_lines import Continued, Line, Opened, decode

SUFFIX = ".jsonl"
_PACKED = ".jsonl.gz"
_PART = ".part"
_LEVEL = 6  # a tenth is left; a day of 50,000 calls takes three seconds


class RecordUnreadable(CommandRefused):
    """The record is damaged, or a part of it is missing; the message says where."""


def path_of(folder: Path, day: date) -> Path:
    return folder / f"{day.isoformat()}{SUFFIX}"


def tidy(folder: Path, today: date, kept: timedelta) -> None:
    """
    Delete the days before those that are kept, and pack those that are over.

    A day stays as long as a later one that is kept goes on from it. Blocks.
    """
    found = _days(folder)
    first = next((day for day in found if day >= today - kept), today)
    if first in found and isinstance(start := _first(found[first]), Continued):
        first = min(first, start.since)
    for day, path in found.items():
        if day < first:
            path.unlink(missing_ok=True)
        elif day < today and path.name.endswith(SUFFIX):
            _pack(path)


def _days(folder: Path) -> dict[date, Path]:
    """Those that have a file, in order."""
    paths = (*folder.glob(f"????-??-??{_PACKED}"), *folder.glob(f"????-??-??{SUFFIX}"))
    return dict(sorted((_day(path), path) for path in paths))


def _pack(path: Path) -> None:
    """Whenever this is cut short, one of the two files is whole."""
    packed, part = path.with_name(path.stem + _PACKED), path.with_name(path.stem + _PART)
    with path.open("rb") as source, gzip.open(part, "wb", compresslevel=_LEVEL) as target:
        shutil.copyfileobj(source, target, 1 << 20)
    part.replace(packed)
    path.unlink()


def _open(path: Path) -> gzip.GzipFile | BufferedReader:
    if path.name.endswith(_PACKED):
        return gzip.open(path)
    return path.open("rb")


def _first(path: Path) -> Line | None:
    try:
        with _open(path) as file:
            return decode(file.readline())
    except (OSError, EOFError, msgspec.DecodeError, UnicodeDecodeError, InvalidValue):
        return None


def read(path: Path) -> Iterator[tuple[bytes, Line]]:
    """
    The file's lines, and before them those of earlier days that its first segment began in.

    Raises RecordUnreadable, OSError, and InvalidValue for a policy that is not there.
    """
    if isinstance(first := _first(path), Continued):
        yield from _segment(path.parent, first.since, _day(path))
    yield from _lines(path)


def _segment(folder: Path, since: date, until: date) -> Iterator[tuple[bytes, Line]]:
    """The last segment that began on that day, up to the other day."""
    found = _days(folder)
    for number in range((until - since).days):
        day = since + timedelta(days=number)
        if (path := found.get(day)) is None:
            raise RecordUnreadable(f"{folder}: {day} is missing, and what follows goes on from it")
        start = 0 if number else _last_opened(path)
        yield from (line for n, line in enumerate(_lines(path)) if n >= start)


def _last_opened(path: Path) -> int:
    return max(n for n, (_, line) in enumerate(_lines(path)) if isinstance(line, Opened))


def _lines(path: Path) -> Iterator[tuple[bytes, Line]]:
    """A line that a crash tore is left out: the last one of a segment."""
    torn: str | None = None
    with _open(path) as file:
        for number, raw in enumerate(file, start=1):
            try:
                line = decode(raw)
            except (msgspec.DecodeError, UnicodeDecodeError, InvalidValue) as error:
                if torn is not None:
                    raise RecordUnreadable(torn) from error
                torn = f"{path}: line {number}: {error}"
                continue
            if torn is not None and not isinstance(line, Opened):
                raise RecordUnreadable(torn)
            torn = None
            yield raw.rstrip(b"\n"), line


def _day(path: Path) -> date:
    return date.fromisoformat(path.name[:10])
