"""Recordings that leave a full store, on both databases: none is lost, whatever comes between."""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

from config.archive import FolderSettings, StoreSettings
from config.disk import DiskSettings
from cti_server.archive_checking import ArchiveCheck
from cti_server.backup.rounds import missing
from cti_server.clock import SystemClock
from cti_server.disk_watch import DiskWatch
from cti_server.disks import Disk
from cti_server.edited_sound import EditedSounds
from cti_server.file_keys import FileKeys
from cti_server.making_room import MakingRoom
from cti_server.moved_recordings import MovedRecordings
from cti_server.open_incidents import OpenIncidents
from cti_server.recorded_sound import RecordedSounds
from cti_server.store.database import Database
from cti_server.store.log import EventLog
from cti_server.store.recordings import Recording, Recordings
from cti_server.wire.events import IncidentFound, IncidentHealed, RecordingMoved, RecordingStored
from recording.budget import Stage
from recording.copies import keep
from recording.stores.folder import FolderStore
from recording.stores.opening import open_stores
from tests.fakes.archives import MADE_AT

SOUND = b"\x7f" * 1000
NAMES = [f"r{number}" for number in range(5)]


@dataclass
class Keeping:
    """Recordings r0 (the oldest) to r4 in two stores, of which the first one's disk may be full."""

    database: Database
    log: EventLog
    keys: FileKeys
    stores: dict[str, StoreSettings]
    watch: DiskWatch
    moved: MovedRecordings
    making: MakingRoom
    events: list[Any]
    free: int = 1000

    def measured(self) -> list[Disk]:
        return [Disk(("near",), 1000, self.free)]

    async def row(self, name: str) -> Recording:
        await self.log.stored()
        async with self.database.readers() as session:
            found = await Recordings(session).get(name)
        assert found is not None
        return found

    def has(self, store: str, name: str) -> bool:
        return self.store(store).size(file_of(name)) is not None

    def store(self, name: str) -> FolderStore:
        settings = self.stores[name]
        assert isinstance(settings, FolderSettings)
        return FolderStore(name, settings.folder)

    async def heard(self, name: str) -> bytes:
        sounds = RecordedSounds(self.database, self.keys, open_stores(self.stores), Path("/none"))
        return await EditedSounds(self.database, sounds).of_file(file_of(name))

    async def put(self, name: str, *stores: str, owed: tuple[str, ...] = ()) -> None:
        key = (await self.keys.ensure([name]))[name]
        for store in stores:
            sound = keep(self.store(store), file_of(name), lambda: [SOUND], key, name)
        self.log.append(
            RecordingStored(
                recording_id=name,
                call_id="k",
                contact_id="c",
                interaction_id="i",
                agent_id="li",
                queue="sales",
                caller_number="",
                dialled_number="",
                started_at=MADE_AT + timedelta(minutes=NAMES.index(name)),
                duration=1.0,
                file=file_of(name),
                size=sound.size,
                sha256=sound.sha256,
                codec="PCMU",
                stores=stores,
                owed=owed,
            )
        )
        await self.log.stored()

    async def until(self, kind: type, number: int = 1) -> None:
        async with asyncio.timeout(10):
            while sum(isinstance(event, kind) for event in self.events) < number:  # noqa: ASYNC110
                await asyncio.sleep(0.01)

    async def faults(self) -> list[str]:
        stores = open_stores(self.stores)
        check = ArchiveCheck(self.database, self.keys, stores, files=None, chance=Random(1))
        return (await check.run()).faults


def file_of(name: str) -> str:
    return f"2026/11/21/{name}.wav.sealed"


@asynccontextmanager
async def keeping(database: Database, folder: Path, *stores: str) -> AsyncIterator[Keeping]:
    settings: dict[str, StoreSettings] = {
        name: FolderSettings(kind="folder", folder=folder / name)
        for name in stores or ("near", "far")
    }
    log = EventLog(database, folder / "journal", SystemClock(), move_every=0.01)
    await log.start()
    keys = await FileKeys.open(database, folder / "archive.key", None, now=MADE_AT, own=True)
    events: list[Any] = []
    log.subscribe(lambda logged: events.append(logged.event))
    ids = count(1)
    incidents = OpenIncidents(log.append, lambda: f"incident-{next(ids)}")
    watch = DiskWatch(
        lambda: it.measured(),
        DiskSettings(warn=20, move=10, spare=5, refuse=1, margin=5),
        log.append,
        incidents,
        lambda: 0.0,
    )
    with ThreadPoolExecutor(1) as jobs:
        moved = MovedRecordings(
            database,
            log,
            keys=keys,
            jobs=jobs,
            settings=settings,
            watch=watch,
            incidents=incidents,
            batch=2,
        )
        making = MakingRoom(
            moved, watch=watch, step=Stage.MOVE, store="near", turn=asyncio.Lock(), pause=0.05
        )
        it = Keeping(database, log, keys, settings, watch, moved, making, events)
        try:
            yield it
        finally:
            await making.close()
            await log.close()


async def test_the_oldest_leave_until_there_is_room_and_are_heard_from_the_other_store(
    database: Database, tmp_path: Path
) -> None:
    async with keeping(database, tmp_path) as it:
        for name in NAMES:
            await it.put(name, "near", "far")

        def room_comes(logged: Any) -> None:
            if isinstance(logged.event, RecordingMoved) and logged.event.recording_id == "r1":
                it.free = 500  # what two of them took

        it.log.subscribe(room_comes)
        it.free = 90
        it.making.start()
        await it.watch.look()
        await it.until(IncidentHealed, 2)

        moves = [event for event in it.events if isinstance(event, RecordingMoved)]
        assert [(one.recording_id, one.store, one.kept_in) for one in moves] == [
            ("r0", "near", "far"),
            ("r1", "near", "far"),
        ]
        for name in NAMES:
            row = await it.row(name)
            gone = name in ("r0", "r1")
            assert row.stores == (["far"] if gone else ["near", "far"])
            assert (row.moved, row.leaving) == ("near" if gone else None, None)
            assert missing(row, it.stores) == ()  # no round brings it back
            assert it.has("near", name) is not gone
            assert it.has("far", name)
            assert await it.heard(name) == SOUND
        assert it.moved.moved == 2
        assert await it.faults() == []


async def test_what_the_other_store_is_owed_is_brought_there_first(
    database: Database, tmp_path: Path
) -> None:
    async with keeping(database, tmp_path) as it:
        await it.put("r0", "near", owed=("far",))
        it.free = 90
        it.making.start()
        await it.watch.look()
        await it.until(RecordingMoved)
        await it.until(IncidentFound, 3)  # all that could leave has left: it is told

        row = await it.row("r0")
        assert (row.stores, row.owed, row.leaving) == (["far"], None, None)
        assert not it.has("near", "r0")
        assert await it.heard("r0") == SOUND
        assert await it.faults() == []


async def test_without_another_store_nothing_leaves_and_people_are_told(
    database: Database, tmp_path: Path
) -> None:
    async with keeping(database, tmp_path, "near") as it:
        await it.put("r0", "near")
        it.free = 90
        it.making.start()
        await it.watch.look()
        await it.until(IncidentFound, 3)

        told = [event for event in it.events if isinstance(event, IncidentFound)]
        assert [(one.kind, one.subject) for one in told] == [
            ("disk_low", "near"),
            ("disk_moving", "near"),
            ("disk_not_relieved", "near"),
        ]
        assert told[-1].detail == "there is no other store"
        assert it.has("near", "r0")
        assert (await it.row("r0")).stores == ["near"]

        it.free = 900
        await it.watch.look()
        healed = [event.kind for event in it.events if isinstance(event, IncidentHealed)]
        assert sorted(healed) == ["disk_low", "disk_moving", "disk_not_relieved"]


async def test_one_that_cannot_leave_keeps_no_others_back(
    database: Database, tmp_path: Path
) -> None:
    async with keeping(database, tmp_path) as it:
        for name in NAMES:
            await it.put(name, "near")
        it.store("near").delete(file_of("r0"))  # somebody's hand
        it.free = 90
        it.making.start()
        await it.watch.look()
        await it.until(RecordingMoved, 4)

        rows = [await it.row(name) for name in NAMES]
        assert [row.stores for row in rows] == [["near"], *([["far"]] * 4)]
        assert [name for name in NAMES if it.has("far", name)] == NAMES[1:]


async def test_a_crash_before_the_file_was_deleted_is_made_up_for_by_the_next_start(
    database: Database, tmp_path: Path
) -> None:
    async with keeping(database, tmp_path) as it:
        await it.put("r0", "near", "far")
        it.log.append(RecordingMoved(recording_id="r0", store="near", kept_in="far"))
        assert (await it.row("r0")).leaving == "near"
        assert it.has("near", "r0")

        it.making.start()
        async with asyncio.timeout(10):
            while (await it.row("r0")).leaving is not None:  # noqa: ASYNC110
                await asyncio.sleep(0.01)

        assert not it.has("near", "r0")
        assert await it.heard("r0") == SOUND


async def test_a_store_that_nobody_has_it_in_is_no_place_to_move_to(
    database: Database, tmp_path: Path
) -> None:
    """The row would name no store at all: the sound would be lost to whoever asks."""
    async with keeping(database, tmp_path) as it:
        await it.put("r0", "near")
        it.log.append(RecordingMoved(recording_id="r0", store="near", kept_in="far"))

        row = await it.row("r0")

    assert (row.stores, row.moved, row.leaving) == (["near"], None, None)
