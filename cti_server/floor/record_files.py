"""The files of the routing's record: one a day, named by it."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import msgspec

from acd.errors import InvalidValue
from cti_server.refusals import CommandRefused

from .record_lines import Continued, Line, Opened, decode

SUFFIX = ".jsonl"


class RecordUnreadable(CommandRefused):
    """The record is damaged, or a part of it is missing; the message says where."""


def path_of(folder: Path, day: date) -> Path:
    return folder / f"{day.isoformat()}{SUFFIX}"


def days(folder: Path) -> list[date]:
    """Those that have a file, in order."""
    return sorted(_day(path) for path in folder.glob(f"????-??-??{SUFFIX}"))


def delete_before(folder: Path, first: date) -> None:
    for day in days(folder):
        if day < first:
            path_of(folder, day).unlink(missing_ok=True)


def read(path: Path) -> Iterator[tuple[bytes, Line]]:
    """
    The file's lines, and before them those of earlier days that its first segment began in.

    Raises RecordUnreadable, OSError, and InvalidValue for a policy that is not there.
    """
    first = next(_lines(path), None)
    if first is not None and isinstance(first[1], Continued):
        yield from _segment(path.parent, first[1].since, _day(path))
    yield from _lines(path)


def _segment(folder: Path, since: date, until: date) -> Iterator[tuple[bytes, Line]]:
    """The last segment that began on that day, up to the other day."""
    for number in range((until - since).days):
        path = path_of(folder, since + timedelta(days=number))
        if not path.exists():
            raise RecordUnreadable(f"{path}: is missing, and what follows goes on from there")
        start = 0 if number else _last_opened(path)
        yield from (line for n, line in enumerate(_lines(path)) if n >= start)


def _last_opened(path: Path) -> int:
    return max(n for n, (_, line) in enumerate(_lines(path)) if isinstance(line, Opened))


def _lines(path: Path) -> Iterator[tuple[bytes, Line]]:
    """A line that a crash tore is left out: the last one of a segment."""
    torn: str | None = None
    with path.open("rb") as file:
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
    return date.fromisoformat(path.name.removesuffix(SUFFIX))
