"""Disks that fill and have room again: every step is told, once, by whichever server it is."""

import shutil
from collections.abc import Sequence
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from config.archive import FolderSettings, S3Settings
from config.disk import DiskSettings
from cti_server.clock import SystemClock
from cti_server.disk_watch import DiskWatch
from cti_server.disks import Disk, free_of_first, measured
from cti_server.open_incidents import OpenIncidents
from cti_server.store.database import Database
from cti_server.store.incidents import Incident
from cti_server.wire.events import DiskStageChanged, IncidentFound, IncidentHealed
from recording.budget import Room, Stage
from tests.fakes.databases import new_sqlite
from tests.fakes.small_disks import small_disk

SETTINGS = DiskSettings(warn=20, move=10, spare=5, refuse=1, margin=2)


class Watched:
    """A watch over disks that have as much room as a test says."""

    def __init__(self) -> None:
        self.log: list[Any] = []
        self.disks: Sequence[Disk] = []
        self.seconds = 0.0
        ids = count(1)
        self.incidents = OpenIncidents(self.log.append, lambda: f"incident-{next(ids)}")
        self.watch = DiskWatch(
            lambda: self.disks, SETTINGS, self.log.append, self.incidents, lambda: self.seconds
        )

    async def has(self, free: int, *others: Disk) -> list[str]:
        """The spool's disk has so many of a thousand bytes; what is told of that."""
        self.disks = [Disk(("data", "spool"), 1000, free), *others]
        before = len(self.log)
        await self.watch.look()
        return [told(event) for event in self.log[before:]]


def told(event: Any) -> str:
    match event:
        case DiskStageChanged(disk=disk, before=before, stage=stage):
            return f"{disk} {before}->{stage}"
        case IncidentFound(kind=kind, subject=subject):
            return f"{kind} {subject}"
        case IncidentHealed(kind=kind):
            return f"{kind} over"
    raise AssertionError(event)


async def test_each_step_is_an_event_and_an_incident_and_goes_again() -> None:
    watched = Watched()

    assert await watched.has(500) == []
    assert await watched.has(190) == ["data ok->warn", "disk_low data"]
    assert await watched.has(195) == []
    assert await watched.has(30) == ["data warn->spare", "disk_moving data", "disk_sparing data"]
    assert await watched.has(0) == ["data spare->refuse", "disk_full data"]
    assert await watched.has(150) == [
        *("data refuse->warn", "disk_full over", "disk_sparing over", "disk_moving over"),
    ]
    assert await watched.has(900) == ["data warn->ok", "disk_low over"]
    assert [event.incident_id for event in watched.log if isinstance(event, IncidentFound)] == [
        f"incident-{number}" for number in range(1, 5)
    ]


async def test_calls_are_told_what_there_is_room_for() -> None:
    watched = Watched()
    assert watched.watch.room() is Room.ALL  # before anything is known

    found = []
    for free in (500, 190, 90, 40, 5, 500):
        await watched.has(free)
        found.append(watched.watch.room())

    assert found == [Room.ALL, Room.ALL, Room.ALL, Room.NEEDED, Room.NONE, Room.ALL]


async def test_another_disk_takes_its_own_steps() -> None:
    watched = Watched()

    said = await watched.has(500, Disk(("near",), 1000, 50))

    assert said == ["near ok->move", "disk_low near", "disk_moving near"]
    assert watched.watch.stage_at("near") is Stage.MOVE
    assert watched.watch.stage_at("spool") is watched.watch.stage_at("bucket") is Stage.OK
    assert watched.watch.room() is Room.ALL


async def test_a_disk_that_is_gone_is_low_no_more() -> None:
    watched = Watched()
    await watched.has(500, Disk(("near",), 1000, 150))

    assert await watched.has(500) == ["near warn->ok", "disk_low over"]
    assert watched.watch.stage_at("near") is Stage.OK


async def test_a_disk_that_fills_fast_is_warned_of_with_the_hours_that_are_left() -> None:
    watched = Watched()
    await watched.has(1000)
    watched.seconds = 3000.0
    await watched.has(950)

    [event, incident] = watched.log
    assert isinstance(event, DiskStageChanged)
    assert (event.stage, event.seconds_left) == ("warn", 57_000)
    assert "full in 15.8 hours" in incident.detail
    assert SETTINGS.warn_within == timedelta(hours=24)


async def test_the_next_server_goes_on_with_what_the_last_one_told(tmp_path: Path) -> None:
    """Nothing is told twice, and the margin still counts."""
    database = new_sqlite(tmp_path)
    await stored(database, "disk_low", "disk_moving")
    watched = Watched()
    await watched.incidents.load(database, ["disk_low", "disk_moving"])

    assert await watched.has(110) == []  # less than the margin above the step
    assert await watched.has(121) == ["data move->warn", "disk_moving over"]
    assert [event.incident_id for event in watched.log if isinstance(event, IncidentHealed)] == [
        "disk_moving"
    ]
    await database.close()


async def stored(database: Database, *kinds: str) -> None:
    async with database.sessions.begin() as session:
        for kind in kinds:
            session.add(Incident(id=kind, kind=kind, subject="data", found_at=SystemClock().now()))


async def test_figures_are_by_disk() -> None:
    watched = Watched()
    await watched.has(500, Disk(("far-off",), 1000, 40))

    figures = await watched.watch.figures()

    assert figures["data_free_bytes"] == 500
    assert (figures["data_stage"], figures["far_off_stage"]) == (0, 4)


def test_places_of_one_file_system_are_one_disk(tmp_path: Path) -> None:
    with small_disk(tmp_path / "small") as small:
        places = {
            "data": tmp_path,
            "spool": tmp_path / "not" / "there" / "yet",
            "near": small.folder / "archive",
        }
        small.leave(1 << 20)

        here, other = measured(places)

    assert here.places == ("data", "spool")
    assert other.places == ("near",)
    whole = shutil.disk_usage(tmp_path)
    assert here.free == pytest.approx(whole.free, rel=0.01)
    assert here.total == pytest.approx(whole.used + whole.free, rel=0.01)
    assert other.total == 4 << 20
    assert other.free == pytest.approx(1 << 20, abs=8192)


def test_a_bucket_has_no_disk(tmp_path: Path) -> None:
    folder = FolderSettings(kind="folder", folder=tmp_path)
    bucket = S3Settings(kind="s3", bucket="b")

    assert free_of_first({"near": bucket, "far": folder}) is None
    assert free_of_first({"far": folder, "near": bucket})
