"""
Systems that leave files: a folder in which they drop what they saw of customers.

A file is complete when it has its name: it is written under another (``….part``) and renamed. Then
it is claimed by moving it to ``taken/``, which one server alone can do, and each line is reported.
What was wrong is in ``rejected/``, to be mended and dropped again, with why beside it; the rest is
in ``processed/``. A file that a dead server left in ``taken/`` is read again from the start: every
line has the other system's id, and is known by it.
"""

import asyncio
import csv
import json
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO, TypeVar

import structlog
from pydantic import ValidationError

from config.connectors import DropFolderSettings
from crm.errors import CrmError
from cti_server.background import Background
from cti_server.store.database import UNAVAILABLE
from cti_server.wire.storable import fault_of
from cti_server.wire.timeline import TimelineEventToAdd

from .claims import Claims, files_in, free

log = structlog.get_logger()

TAKEN, PROCESSED, REJECTED = "taken", "processed", "rejected"
CSV, JSON_LINES = ".csv", ".jsonl"
LONGEST_LINE = 64 * 1024  # characters
MOST_FAULTS = 10_000  # lines of one file
MOST_FAULTY = 16 * 1024 * 1024  # characters of them
AT_ONCE = 200  # lines read in one go
REST = 30.0  # seconds after which a database that was away is asked again
_OF_DATA = "data."

T = TypeVar("T")
Report = Callable[[TimelineEventToAdd], Awaitable[bool]]
"""Takes a line down; whether it was new. Raises CrmError, or what a database raises."""


class Unreadable(Exception):
    """Nothing more can be read of the file."""


class Unmovable(Exception):
    """The file cannot be opened or put away now, which keeps no other file waiting."""


@dataclass(frozen=True, slots=True)
class Line:
    """``text`` is as it was dropped; ``fault``: why it is no report."""

    number: int
    text: str
    report: TimelineEventToAdd | None = None
    fault: str = ""


@dataclass(slots=True)
class Taken:
    """What has become of a file."""

    new: int = 0
    known: int = 0
    header: str = ""
    faults: list[Line] = field(default_factory=list)
    faulty: int = 0
    """Characters of the faults."""

    def reject(self, line: Line) -> None:
        self.faults.append(line)
        self.faulty += len(line.text) + len(line.fault)

    def check(self) -> None:
        """Raises Unreadable where too much is wrong to be kept in memory."""
        if len(self.faults) > MOST_FAULTS:
            raise Unreadable(f"more than {MOST_FAULTS} lines are wrong")
        if self.faulty > MOST_FAULTY:
            raise Unreadable(f"lines with more than {MOST_FAULTY} characters are wrong")


class DropFolder:
    """One folder; looked into again and again, for who drops a file cannot tell us."""

    def __init__(self, name: str, settings: DropFolderSettings, report: Report) -> None:
        self._name = name
        self._folder = settings.folder
        self._every = settings.every.total_seconds()
        self._report = report
        self._claims = Claims(settings.folder / TAKEN)
        self._running = Background(f"drop folder {name}")

    def start(self) -> None:
        self._running.start(self._run())

    async def close(self) -> None:
        await self._running.close()
        await asyncio.to_thread(self._claims.close)

    async def look(self) -> int:
        """Take what is there, the oldest name first; return how many files that were."""
        files = await asyncio.to_thread(self._claimed)
        for file in files:
            try:
                await self._look_at(file)
            except Unmovable as error:
                log.warning("connectors.file_failed", connector=self._name, reason=str(error))
        return len(files)

    async def _look_at(self, file: Path) -> None:
        taken = Taken()
        try:
            await self._take(file, taken)
        except (Unreadable, UnicodeDecodeError, csv.Error) as error:
            reason = str(error) if isinstance(error, Unreadable) else "not UTF-8, or no CSV"
            taken.reject(Line(0, "", fault=reason))
            await _of_disk(lambda: self._reject_whole(file, taken))
        else:
            await _of_disk(lambda: self._put_away(file, taken))
        log.info(
            "connectors.file_taken",
            connector=self._name,
            new=taken.new,
            known=taken.known,
            rejected=len(taken.faults),
        )

    async def _run(self) -> None:
        while True:
            try:
                await self.look()
            except (*UNAVAILABLE, OSError) as error:
                log.warning(
                    "connectors.folder_failed", connector=self._name, reason=type(error).__name__
                )
                await asyncio.sleep(REST)
            await asyncio.sleep(self._every)

    def _claimed(self) -> list[Path]:
        for below in (TAKEN, PROCESSED, REJECTED):
            (self._folder / below).mkdir(parents=True, exist_ok=True)
        self._claims.open()
        self._claims.take_over()
        dropped = files_in(self._folder)
        self._claims.claim(each for each in dropped if each.suffix in {CSV, JSON_LINES})
        return self._claims.files()

    async def _take(self, file: Path, taken: Taken) -> None:
        lines = _read(file, self._name, taken)
        while some := await _of_disk(lambda: _some(lines)):
            for line in some:
                await self._take_line(line, taken)
            taken.check()

    async def _take_line(self, line: Line, taken: Taken) -> None:
        if line.report is None:
            taken.reject(line)
            return
        try:
            new = await self._report(line.report)
        except CrmError as error:
            taken.reject(Line(line.number, line.text, fault=str(error)))
            return
        taken.new, taken.known = taken.new + new, taken.known + (not new)

    def _put_away(self, file: Path, taken: Taken) -> None:
        if taken.faults:
            again = free(self._folder / REJECTED, file.name)
            lines = [taken.header, *(line.text for line in taken.faults)]
            _explain(again, taken)  # first: without it nothing comes back, time and again
            again.write_text("".join(filter(None, lines)), encoding="utf-8")
        file.rename(free(self._folder / PROCESSED, file.name))

    def _reject_whole(self, file: Path, taken: Taken) -> None:
        whole = file.rename(free(self._folder / REJECTED, file.name))
        _explain(whole, taken)


async def _of_disk(work: Callable[[], T]) -> T:
    """In a thread. Raises Unmovable: an OSError may be the database's as well."""
    try:
        return await asyncio.to_thread(work)
    except OSError as error:
        raise Unmovable(type(error).__name__) from None


def _explain(rejected: Path, taken: Taken) -> None:
    faults = "".join(f"line {line.number}: {line.fault}\n" for line in taken.faults)
    rejected.with_name(rejected.name + ".why").write_text(faults, encoding="utf-8")


def _read(file: Path, source: str, taken: Taken) -> Iterator[Line]:
    """The file's lines, as its kind has them; raises Unreadable."""
    with file.open(encoding="utf-8-sig", newline="") as opened:
        if file.suffix == JSON_LINES:
            for number, text in _lines(opened):
                yield _checked(number, text, source, _object(text))
            return
        lines = _lines(opened)
        _, taken.header = next(lines, (1, ""))
        names = next(csv.reader([taken.header]), [])
        for number, text in lines:
            cells = _cells(text)
            row = dict(zip(names, cells, strict=False)) if len(cells) == len(names) else None
            yield _checked(number, text, source, row and _nested(row))


def _lines(opened: TextIO) -> Iterator[tuple[int, str]]:
    number = 0
    while text := opened.readline(LONGEST_LINE + 1):
        number += 1
        if len(text) > LONGEST_LINE:
            raise Unreadable(f"line {number} has more than {LONGEST_LINE} characters")
        if text.strip():
            yield number, text if text.endswith("\n") else text + "\n"


def _cells(text: str) -> list[str]:
    """None where a quote is open or in a wrong place, which is a fault of this line alone."""
    try:
        return next(csv.reader([text], strict=True), [])
    except csv.Error:
        return []


def _object(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _nested(row: dict[str, str]) -> dict[str, Any]:
    """Empty cells are not given; ``data.amount`` is the field ``amount`` of ``data``."""
    given = {name: cell for name, cell in row.items() if cell != ""}
    data = {n.removeprefix(_OF_DATA): cell for n, cell in given.items() if n.startswith(_OF_DATA)}
    plain = {name: cell for name, cell in given.items() if not name.startswith(_OF_DATA)}
    return plain | {"data": data}


def _checked(number: int, text: str, source: str, found: object) -> Line:
    if not isinstance(found, dict):
        return Line(number, text, fault="is no object, or has not as many cells as the header")
    if (odd := fault_of(found, "")) is not None:
        return Line(number, text, fault=odd)
    if "source" in found:
        return Line(number, text, fault="source: is the folder's name, not the file's to say")
    try:
        report = TimelineEventToAdd.model_validate(found | {"source": source})
    except ValidationError as error:
        fault = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(map(str, fault["loc"]))
        return Line(number, text, fault=f"{where}: {fault['msg']}" if where else str(fault["msg"]))
    if report.external_id is None:
        return Line(number, text, fault="external_id: must be given, by it a line is known again")
    return Line(number, text, report)


def _some(lines: Iterator[Line]) -> list[Line]:
    return [line for _, line in zip(range(AT_ONCE), lines, strict=False)]
