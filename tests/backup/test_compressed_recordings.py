"""Recordings become smaller when a disk fills, the oldest first, where the settings want that."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from random import Random
from typing import Any

from structlog.testing import capture_logs

from config.disk import DiskSettings
from cti_server.archive_checking import ArchiveCheck
from cti_server.calls.reencoding import Reencoding
from cti_server.compressed_recordings import AGAIN, CompressedRecordings
from cti_server.disk_watch import DiskWatch
from cti_server.disks import Disk
from cti_server.making_room import MakingRoom
from cti_server.open_incidents import OpenIncidents
from cti_server.store.legal_holds import LegalHold
from cti_server.store.recording_keys import RecordingKeys
from cti_server.wire.events import IncidentFound, RecordingReencoded
from recording.budget import Stage
from recording.keys import WrappedKey

from .kept_twice import NINE, KeptTwice

FULL, HALF_FULL = 120, 500  # of a thousand
A_MINUTE = timedelta(minutes=1)


@dataclass
class Centre:
    """A disk that has as much room as a test says, and who makes some on it."""

    it: KeptTwice
    watch: DiskWatch
    work: CompressedRecordings
    disk: dict[str, int]
    events: list[Any] = field(default_factory=list)

    @property
    def compressed(self) -> list[str]:
        return [one.recording_id for one in self.events if isinstance(one, RecordingReencoded)]

    async def until(self, is_so: Callable[[], bool]) -> None:
        async with asyncio.timeout(60):
            while not is_so():  # noqa: ASYNC110
                await asyncio.sleep(0.01)

    async def codecs(self, *names: str) -> list[str | None]:
        return [(await self.it.row(name)).codec for name in names]


@asynccontextmanager
async def centre(it: KeptTwice, batch: int = 2, **steps: float) -> AsyncIterator[Centre]:
    disk = {"free": HALF_FULL}
    settings = DiskSettings.model_validate(
        {"warn": 20, "compress": 15, "move": 10, "spare": 5, "refuse": 1} | steps
    )
    ids = count(1)
    watch = DiskWatch(
        lambda: [Disk(("near",), 1000, disk["free"])],
        settings,
        it.log.append,
        OpenIncidents(it.log.append, lambda: f"incident-{next(ids)}"),
        lambda: 0.0,
    )
    work = CompressedRecordings(
        it.database,
        Reencoding(it.database, it.log, keys=it.kept.keys, jobs=it.jobs, settings=it.stores),
        store="near",
        watch=watch,
        now=it.now,
        batch=batch,
    )
    making = MakingRoom(
        work, watch=watch, step=Stage.COMPRESS, store="near", turn=asyncio.Lock(), pause=0.05
    )
    found = Centre(it, watch, work, disk)
    it.log.subscribe(lambda logged: found.events.append(logged.event))
    for number in range(4):
        await it.add(f"r{number}", at=NINE + number * A_MINUTE)
    making.start()
    try:
        yield found
    finally:
        await making.close()


async def test_the_oldest_come_first_until_there_is_room(it: KeptTwice) -> None:
    async with centre(it, batch=1) as found:

        def room_comes(logged: Any) -> None:
            if len(found.compressed) == 2:
                found.disk["free"] = HALF_FULL

        it.log.subscribe(room_comes)
        await found.watch.look()
        assert found.compressed == []
        found.disk["free"] = FULL
        await found.watch.look()
        await found.until(lambda: found.work.compressed == 2)
        await asyncio.sleep(0.2)

        assert found.compressed == ["r0", "r1"]
        assert await found.codecs("r0", "r1", "r2") == ["OPUS", "OPUS", "PCMU"]
        kinds = [one.kind for one in found.events if isinstance(one, IncidentFound)]
        assert kinds == ["disk_low", "disk_compressing"]
        [disk] = found.watch.disks
        assert disk.cleared > 200_000  # of 320,000 bytes in both


async def test_both_stores_and_the_chain_agree_afterwards(it: KeptTwice) -> None:
    async with centre(it) as found:
        found.disk["free"] = FULL
        await found.watch.look()
        await found.until(lambda: found.work.compressed == 4)
        await it.log.stored()

    for store in ("near", "far"):
        names = sorted(file.name for file in (it.folder / store).rglob("*.sealed"))
        assert names == [f"r{number}.opus.sealed" for number in range(4)]
    check = ArchiveCheck(it.database, it.kept.keys, it.kept.stores, files=None, chance=Random(1))
    assert (await check.run()).faults == []


async def test_by_default_a_full_disk_makes_nothing_smaller(it: KeptTwice) -> None:
    async with centre(it, compress=0) as found:
        found.disk["free"] = 20
        await found.watch.look()
        await asyncio.sleep(0.3)

        assert found.compressed == []
        kinds = [one.kind for one in found.events if isinstance(one, IncidentFound)]
        assert kinds == ["disk_low", "disk_moving", "disk_sparing"]


async def test_what_is_held_or_is_not_in_that_store_stays_as_it_is(it: KeptTwice) -> None:
    async with it.log.paused(), it.database.sessions.begin() as session:
        session.add(
            LegalHold(
                id="h1",
                record="contact",
                record_id="contact-1",
                reason="a court's order",
                placed_by="boss",
                placed_at=NINE,
            )
        )
    async with centre(it) as found:
        await it.add("r4", "far", at=NINE + 5 * A_MINUTE)
        found.disk["free"] = FULL
        await found.watch.look()
        await found.until(lambda: found.work.compressed == 3)
        await asyncio.sleep(0.2)

        assert sorted(found.compressed) == ["r0", "r2", "r3"]


async def test_one_that_cannot_be_made_smaller_keeps_no_others_back(it: KeptTwice) -> None:
    async with centre(it, batch=1) as found:
        for store in ("near", "far"):
            it.rot(store, "r0")
        found.disk["free"] = FULL
        await found.watch.look()
        await found.until(lambda: found.work.compressed == 3)

        assert await found.codecs("r0", "r1", "r2", "r3") == ["PCMU", "OPUS", "OPUS", "OPUS"]


async def test_when_all_were_gone_through_they_rest_for_an_hour_or_until_room_is_wanted_anew(
    it: KeptTwice,
) -> None:
    async with centre(it) as found:
        found.disk["free"] = FULL
        await found.watch.look()
        await found.until(lambda: found.work.compressed == 4)
        await it.add("r5", at=NINE - A_MINUTE)
        await asyncio.sleep(0.3)
        assert found.work.compressed == 4  # nothing of before is looked through each time
        await it.add("r6", at=NINE + 9 * A_MINUTE)
        await found.until(lambda: found.work.compressed == 5)
        assert await found.codecs("r5", "r6") == ["PCMU", "OPUS"]

        it.now.at += AGAIN
        await found.until(lambda: found.work.compressed == 6)
        await it.add("r7", at=NINE - A_MINUTE)
        for free in (HALF_FULL, FULL):
            found.disk["free"] = free
            await found.watch.look()
        await found.until(lambda: found.work.compressed == 7)


async def test_one_whose_key_does_not_open_keeps_no_others_back(it: KeptTwice) -> None:
    async with centre(it) as found:
        async with it.log.paused(), it.database.sessions.begin() as session:
            await RecordingKeys(session).destroy("r0")
            RecordingKeys(session).add("r0", WrappedKey("lost", bytes(60)))
        found.disk["free"] = FULL
        with capture_logs() as told:
            await found.watch.look()
            await found.until(lambda: found.work.compressed == 3)

        assert await found.codecs("r0", "r1", "r2", "r3") == ["PCMU", "OPUS", "OPUS", "OPUS"]
        refused = [one for one in told if one["event"] == "recording.not_compressed"]
        assert {one["recording"] for one in refused} == {"r0"}
