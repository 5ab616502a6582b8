"""``hotline archive verify``: what is as it was written is sound, and each fault is named."""

import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Table, delete, insert, select, update

from cti_server.archive_checking import ArchiveCheck, Verdict
from cti_server.clock import SystemClock
from cti_server.privacy.recordings import forget
from cti_server.store.base import Base
from cti_server.store.database import Database
from cti_server.store.log import EventLog
from cti_server.store.recordings import Recording
from cti_server.wire.events import RecordingCopied, RecordingStored
from recording.stores.folder import FolderStore
from tests.fakes.archives import ArchiveOfTests, open_archive
from tests.fakes.databases import database, database_url, postgres, postgres_url

__all__ = ["database", "database_url", "postgres", "postgres_url"]

NINE = datetime(2026, 11, 21, 9, 0, 0, 123456, tzinfo=UTC)
TABLES = [Base.metadata.tables[name] for name in ("recording", "archive_entry", "recording_key")]
RECORDING, ENTRY, KEY = TABLES
LONG = bytes(range(256)) * 600  # three chunks


def file_of(recording_id: str) -> str:
    return f"2026/11/21/{recording_id}.wav.sealed"


class Planted:
    """Four recordings in two stores, of which the last is erased; the third came late to one."""

    def __init__(self, database: Database, kept: ArchiveOfTests, folder: Path) -> None:
        self.database = database
        self.kept = kept
        self.folder = folder

    async def verify(
        self, files: int | None = None, noted: tuple[int, str] | None = None
    ) -> Verdict:
        check = ArchiveCheck(
            self.database,
            self.kept.keys,
            self.kept.stores,
            files=files,
            chance=random.Random(1),
        )
        return await check.run(noted)

    async def do(self, *statements: Any) -> None:
        async with self.database.sessions.begin() as session:
            for statement in statements:
                await session.execute(statement)

    async def rows(self, table: Table) -> list[dict[str, Any]]:
        async with self.database.readers() as session:
            return [dict(row) for row in (await session.execute(select(table))).mappings()]

    def file(self, store: str, recording_id: str) -> Path:
        return self.folder / store / file_of(recording_id)

    @asynccontextmanager
    async def undone(self) -> AsyncIterator[None]:
        """What is done to the tables and the files inside is as it was afterwards."""
        rows = {table: await self.rows(table) for table in TABLES}
        files = {
            path: path.read_bytes() for path in self.folder.rglob("*.sealed") if path.is_file()
        }
        yield
        for table, were in rows.items():
            await self.do(delete(table), insert(table).values(were))
        for path, content in files.items():
            path.write_bytes(content)


def stored(recording_id: str, sha256: str, *stores: str, owed: tuple[str, ...] = ()) -> Any:
    return RecordingStored(
        recording_id=recording_id,
        call_id="c1",
        contact_id="k1",
        interaction_id="i1",
        agent_id="li",
        queue="sales",
        caller_number="13800138000",
        dialled_number="1000",
        started_at=NINE,
        duration=76.8,
        file=file_of(recording_id),
        size=len(LONG),
        sha256=sha256,
        codec="PCMU",
        quality={"caller_mos": 4.0},
        stores=stores,
        owed=owed,
    )


async def plant(database: Database, folder: Path) -> Planted:
    near, far = (FolderStore(name, folder / name) for name in ("near", "far"))
    kept = await open_archive(database, folder, near, far)
    log = EventLog(database, folder / "journal", SystemClock(), move_every=0.01)
    await log.start()
    for name in ("r1", "r2", "r3", "r4"):
        sound = await kept.put(name, file_of(name), LONG)
        late = name == "r3"
        there = ("near",) if late else ("near", "far")
        log.append(stored(name, sound.sha256, *there, owed=("far",) if late else ()))
    await log.stored()
    log.append(RecordingCopied(recording_id="r3", store="far"))
    await log.stored()
    await kept.archive.destroy("r4", file_of("r4"))
    async with log.paused(), database.sessions.begin() as session:
        await forget(session, [await session.get_one(Recording, "r4")], NINE)
    await log.close()
    return Planted(database, kept, folder)


Plant = Callable[[Planted], Awaitable[None]]


def altered(place: int) -> Plant:
    async def do(it: Planted) -> None:
        content = bytearray(it.file("far", "r2").read_bytes())
        content[place] ^= 1
        it.file("far", "r2").write_bytes(content)

    return do


def cut(length: int) -> Plant:
    async def do(it: Planted) -> None:
        path = it.file("near", "r1")
        path.write_bytes(path.read_bytes()[:length])

    return do


async def file_gone(it: Planted) -> None:
    it.file("far", "r1").unlink()


async def of_another(it: Planted) -> None:
    it.file("near", "r1").write_bytes(it.file("near", "r2").read_bytes())


async def swapped(it: Planted) -> None:
    """Entries 1 and 2 change places, each with its own hashes."""
    one, two, *_ = sorted(await it.rows(ENTRY), key=lambda row: int(row["sequence"]))
    both = delete(ENTRY).where(ENTRY.c.sequence.in_([1, 2]))
    await it.do(both, insert(ENTRY).values([one | {"sequence": 2}, two | {"sequence": 1}]))


def sql(statement: Any) -> Plant:
    async def do(it: Planted) -> None:
        await it.do(statement)

    return do


ROW = update(RECORDING).where(RECORDING.c.id == "r1")
ENTRY_2 = ENTRY.c.sequence == 2
NEWCOMER = {
    **dict.fromkeys(("call_id", "contact_id", "interaction_id", "agent_id", "queue"), "x"),
    **dict.fromkeys(("caller_number", "dialled_number"), "1"),
    "id": "r0",
    "kind": "message",
    "state": "stored",
    "file": "f",
    "size": 1,
    "sha256": "0",
    "started_at": NINE,
    "recovered": False,
    "quality": {},
    "stores": ["near"],
}
FAULTS: list[tuple[Plant, str]] = [
    (altered(70_000), f"recording r2: {file_of('r2')} in 'far' was altered: chunk 1 of 3"),
    (altered(3), f"recording r2: {file_of('r2')} in 'far' was altered: it does not begin as"),
    (cut(65_536 + 16 + 27), f"recording r1: {file_of('r1')} in 'near' was altered: chunk 0 of 1"),
    (cut(10), f"recording r1: {file_of('r1')} in 'near' was altered: 10 bytes are no"),
    (file_gone, f"recording r1: {file_of('r1')} in 'far' is not there"),
    (of_another, f"recording r1: {file_of('r1')} in 'near' was altered: it is another recording's"),
    (sql(ROW.values(agent_id="wang")), "recording r1: its row was altered since entry 1"),
    (sql(ROW.values(duration=1.0)), "recording r1: its row was altered since entry 1"),
    (sql(ROW.values(state="erased")), "recording r1: its row was altered since entry 1"),
    (sql(ROW.values(id="r9")), "recording r1: its row was removed"),
    (sql(ROW.values(id="r9")), "recording r9: has no entry"),
    (
        sql(update(RECORDING).where(RECORDING.c.id == "r4").values(state="stored")),
        "recording r4: is there, though entry 6 erased it",
    ),
    (sql(delete(RECORDING).where(RECORDING.c.id == "r2")), "recording r2: its row was removed"),
    (sql(insert(RECORDING).values(NEWCOMER)), "recording r0: has no entry"),
    (sql(delete(KEY).where(KEY.c.recording_id == "r2")), "recording r2: its key was removed"),
    (
        sql(update(KEY).where(KEY.c.recording_id == "r2").values(wrapped=b"0" * 60)),
        "recording r2: its key does not open",
    ),
    (sql(delete(ENTRY).where(ENTRY_2)), "entry 2: removed"),
    (sql(update(ENTRY).where(ENTRY_2).values(recording_id="r1")), "entry 2: altered"),
    (sql(update(ENTRY).where(ENTRY_2).values(content="0" * 64)), "entry 2: altered"),
    (sql(update(ENTRY).where(ENTRY_2).values(sequence=20)), "entries 7 to 19: removed"),
    (swapped, "entry 1: does not follow the entry before it"),
]


async def test_what_is_sound_has_no_fault_and_each_fault_is_named(
    database: Database, tmp_path: Path
) -> None:
    it = await plant(database, tmp_path)
    sound = await it.verify()
    assert (sound.faults, sound.entries, sound.recordings, sound.files) == ([], 6, 4, 3)

    for plant_it, fault in FAULTS:
        async with it.undone():
            await plant_it(it)
            found = (await it.verify()).faults
        assert any(each.startswith(fault) for each in found), (fault, found)

    assert (await it.verify()).faults == []
    last, _, head = sound.head.partition(":")
    assert (await it.verify(noted=(int(last), head))).faults == []
    async with it.undone():
        await it.do(delete(ENTRY).where(ENTRY.c.sequence == 6))
        await it.do(update(RECORDING).where(RECORDING.c.id == "r4").values(state="failed"))
        cut_off = (await it.verify(noted=(6, head))).faults
    assert "entry 6: removed, and all after it" in cut_off
    wrong = (await it.verify(noted=(5, head))).faults
    assert wrong == ["entry 5: its hash is not the noted one"]


async def test_a_sample_is_as_large_as_was_asked_for(database: Database, tmp_path: Path) -> None:
    it = await plant(database, tmp_path)

    assert [(await it.verify(files=count)).files for count in (0, 2, 9)] == [0, 2, 3]


async def test_a_retention_of_contacts_alone_is_no_fault(
    database: Database, tmp_path: Path
) -> None:
    it = await plant(database, tmp_path)

    await it.do(update(RECORDING).values(caller_number=""))

    assert (await it.verify()).faults == []
