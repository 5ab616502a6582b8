"""A data folder's journal, when another folder's server may have gone on without it."""

from datetime import UTC, datetime
from pathlib import Path

import msgspec
from sqlalchemy import insert

from cti_server.store import journal_files
from cti_server.store.database import Database
from cti_server.store.journal_aside import take_up
from cti_server.store.writer import WriterTurn
from cti_server.wire.events import Logged, ServerStarted
from tests.fakes.databases import new_sqlite

AT = datetime(2026, 11, 22, tzinfo=UTC)


def write(folder: Path, first: int, last: int) -> None:
    """A segment of a journal."""
    folder.mkdir(exist_ok=True)
    lines = [
        msgspec.json.encode(Logged(n, AT, ServerStarted(version="1"))) + b"\n"
        for n in range(first, last + 1)
    ]
    journal_files.path_of(folder, first).write_bytes(b"".join(lines))


async def turns(database: Database, *began: tuple[int, str, int]) -> None:
    rows = [
        {"epoch": epoch, "holder": "", "folder_id": folder_id, "began_after": after}
        for epoch, folder_id, after in began
    ]
    async with database.writing.begin() as connection:
        await connection.execute(insert(WriterTurn), rows)


def numbers(folder: Path) -> list[int]:
    return [entry.sequence for entry in journal_files.read(folder, 0, 1000)]


async def test_its_own_servers_journal_goes_on(tmp_path: Path) -> None:
    """Also where a start of its own came to nothing meanwhile."""
    database, journal = new_sqlite(tmp_path), tmp_path / "journal"
    await turns(database, (1, "a", 0), (2, "a", 7))
    await take_up(database, journal, 1, "a")
    write(journal, 1, 10)
    aside = await take_up(database, journal, 3, "a")
    await database.close()

    assert aside is None
    assert numbers(journal) == list(range(1, 11))


async def test_what_the_database_never_got_before_others_went_on_is_put_aside(
    tmp_path: Path,
) -> None:
    database, journal = new_sqlite(tmp_path), tmp_path / "journal"
    await turns(database, (1, "a", 0), (2, "b", 8), (3, "b", 20), (4, "a", 30))
    await take_up(database, journal, 1, "a")
    write(journal, 1, 6)
    write(journal, 7, 10)
    aside = await take_up(database, journal, 4, "a")
    once_more = await take_up(database, journal, 5, "a")
    await database.close()

    assert aside is not None
    assert (aside.file, aside.events) == (journal / "aside" / "epoch-000001.jsonl", 2)
    lines = aside.file.read_bytes().splitlines()
    assert [msgspec.json.decode(line)["sequence"] for line in lines] == [9, 10]
    assert once_more is None
    assert numbers(journal) == []


async def test_a_journal_that_was_stored_whole_only_goes(tmp_path: Path) -> None:
    database, journal = new_sqlite(tmp_path), tmp_path / "journal"
    await turns(database, (1, "a", 0), (2, "b", 10), (3, "a", 30))
    await take_up(database, journal, 1, "a")
    write(journal, 1, 10)
    aside = await take_up(database, journal, 3, "a")
    await database.close()

    assert aside is None
    assert numbers(journal) == []
    assert not (journal / "aside").exists()


async def test_what_was_put_aside_stays_whole_if_that_is_broken_off(tmp_path: Path) -> None:
    """Before the journal's last file went: it is the file aside that has all of them."""
    database, journal = new_sqlite(tmp_path), tmp_path / "journal"
    await turns(database, (1, "a", 0), (2, "b", 2), (3, "a", 30), (4, "a", 30))
    await take_up(database, journal, 1, "a")
    write(journal, 1, 4)
    write(journal, 5, 6)
    await take_up(database, journal, 3, "a")
    (journal / "epoch").write_text("1\n")
    write(journal, 5, 6)
    aside = await take_up(database, journal, 4, "a")
    await database.close()

    assert aside is not None
    assert aside.events == 4
    assert numbers(journal) == []
