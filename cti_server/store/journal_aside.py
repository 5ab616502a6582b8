"""
A journal that another server has gone on without.

While this data folder's server was frozen or cut off, another one took over and gave the next
numbers to events of its own. What the journal had and the database never got is no part of the log
any more: it is put aside for people to look at, and told. The rest is in the database.
"""

import asyncio
from dataclasses import dataclass
from pathlib import Path

import structlog

from recording.disk import Disk

from . import journal_files, writer
from .database import Database

log = structlog.get_logger()

ASIDE = "aside"
EPOCH = "epoch"
_ALL = 2**63


@dataclass(frozen=True, slots=True)
class Aside:
    """What was put aside, and where."""

    file: Path
    events: int


async def take_up(database: Database, folder: Path, epoch: int, folder_id: str) -> Aside | None:
    """
    Make sure that the journal is the log's end, whose turn this is; what was put aside for that.

    ``epoch``: of the turn just taken by the server of this data folder. The journal notes whose it
    is when it is in order, so this may be broken off. Raises what the database and the disk raise.
    """
    noted = folder / EPOCH
    aside = None
    if noted.exists():
        last = int(noted.read_text(encoding="ascii"))
        after = await database.in_one_look(
            lambda it: writer.others_went_on_after(it, last, epoch, folder_id)
        )
        if after is not None:
            file = folder / ASIDE / f"epoch-{last:06d}.jsonl"
            aside = await asyncio.to_thread(_set_aside, folder, after, file)
    await asyncio.to_thread(_note, noted, epoch)
    return aside


def _set_aside(folder: Path, after: int, file: Path) -> Aside | None:
    """The file is written once, and whole, before the first of the journal's goes."""
    lines = [entry.line + b"\n" for entry in journal_files.read(folder, after, _ALL)]
    if lines and not file.exists():
        Disk().make_folder(file.parent)
        _write(file, lines)
        log.error("store.journal_set_aside", file=str(file), events=len(lines))
    for segment in journal_files.segments(folder):
        segment.path.unlink()
    return Aside(file, file.read_bytes().count(b"\n")) if file.exists() else None


def _note(noted: Path, epoch: int) -> None:
    noted.parent.mkdir(parents=True, exist_ok=True)
    _write(noted, [b"%d\n" % epoch])


def _write(file: Path, lines: list[bytes]) -> None:
    disk, part = Disk(), file.with_suffix(journal_files.PART)
    disk.write(part, lines)
    disk.rename(part, file)
