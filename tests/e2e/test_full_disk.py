"""Disks that fill under real calls, on real file systems: what is done, so that nothing is lost."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from simulator.phone_call import PhoneCall
from tests.audio import RATE, seconds_of, stereo
from tests.fakes.small_disks import SmallDisk, small_disk

from .book import Seen
from .centre import Centre
from .people import Caller, passed
from .recorded import tones_in
from .talking import (
    CUSTOMER_HZ,
    KEPT,
    LI_HZ,
    NUMBERS,
    QUEUES,
    does,
    hears,
    queue,
    talking_centre,
    tries,
    with_li,
)

ASKED, CHANCE = "2002", "2003"
RULES = [
    {"name": "asked", "record": "on_demand", "queues": ["asked"]},
    {"name": "most", "record": "always", "dialled": [CHANCE], "share": 99.999},
]
STEPS = {"warn": 70, "move": 50, "spare": 30, "refuse": 10, "margin": 1, "look_every": 0.1}
"""Per cent of four megabytes."""


class FullDisks:
    """A centre with its spool and its first store on small disks; the other store has room."""

    def __init__(self, hotline: Centre, spool: SmallDisk, near: SmallDisk) -> None:
        self.hotline = hotline
        self.spool = spool
        self.near = near

    async def stage(self, disk: str, stage: str) -> Seen:
        return await self.hotline.book.when("disk.stage_changed", disk=disk, stage=stage)

    async def incidents(self, *kinds: str) -> None:
        """Exactly these are open of the small disks; what the machine's own has is its business."""
        await self.hotline.chief.when(
            "/api/v1/incidents?open=true",
            lambda page: (
                sorted(one["kind"] for one in page["items"] if one["subject"] in ("near", "spool"))
                == sorted(kinds)
            ),
        )

    async def recorded(self, caller: Caller) -> dict[str, Any]:
        """The recording of a call that is over, when it is in the archive."""
        [begun] = [
            seen
            for seen in self.hotline.book.seen
            if seen.event == "recording.started" and seen.data["contact_id"] == caller.contact_id
        ]
        await caller.happens("recording.stored", recording_id=begun.data["recording_id"], within=60)
        history = await self.hotline.history(caller.contact_id)
        [found] = history["recordings"]
        return dict(found)

    async def call(self, number: str, seconds: float = 1.0) -> Caller:
        """One that is over."""
        caller, _, at_li = await with_li(self.hotline, number)
        await passed(caller.call, seconds)
        await self.ends(caller, at_li)
        return caller

    async def ends(self, caller: Caller, at_li: PhoneCall) -> None:
        """For the agent's phone, too: it could not take the next one."""
        caller.call.hang_up()
        assert await caller.over() == ("handled", "caller-hung-up")
        await at_li.ended(within=30)

    async def both_are_heard(self, recording: Mapping[str, Any]) -> None:
        """All of the second that they talked (:meth:`call`), customer left and agent right."""
        customer, agent = stereo(await self.hotline.chief.get_bytes(recording["audio"]))
        assert len(customer) / RATE == pytest.approx(recording["duration"], abs=0.01)
        assert seconds_of(customer, CUSTOMER_HZ) > 0.75
        assert seconds_of(agent, LI_HZ) > 0.75


def sealed_in(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.rglob("*.sealed"))


def _told(line: Mapping[str, Any]) -> bool:
    """A full disk is told as an error, again and again."""
    return line.get("event") in (
        *("server.incident_found", "media.capture_failed", "recording.cut_short"),
        "recording.not_started",
    )


@asynccontextmanager
async def full_disks(folder: Path, **steps: float) -> AsyncIterator[FullDisks]:
    with small_disk(folder / "data" / "spool") as spool, small_disk(folder / "near") as near:
        stores = {
            "near": {"kind": "folder", "folder": str(near.folder / "archive")},
            "remote": {"kind": "folder", "folder": str(folder / "remote")},
        }
        changes: dict[str, Any] = {
            "queues": [*QUEUES, queue("asked", "desk", record=False)],
            "numbers": NUMBERS
            | {
                ASKED: {"queue": "asked", "language": "en"},
                CHANCE: {"queue": "desk", "language": "en"},
            },
            "recording": {"rules": RULES},
            "archive": {"stores": stores},
            "disk": STEPS | steps,
        }
        async with talking_centre(folder, allowed=_told, **changes) as hotline:
            yield FullDisks(hotline, spool, near)


@pytest.mark.req("RC-11")
async def test_planned_warned_moved_spared_refused_and_back_again(tmp_path: Path) -> None:
    """The whole policy, with calls on all the while: each step is told, and none loses a sound."""
    async with full_disks(tmp_path) as it, it.hotline.on_duty("li"):
        chief = it.hotline.chief
        plans = await chief.get("/api/v1/archive/plan?seats=280&calls_per_hour=12&talk=180")
        assert [round(plan["gb_a_day"], 1) for plan in plans] == [96.9, 48.4, 24.2, 12.1]
        printed = await it.hotline.server.command(
            *("archive", "plan", "--seats", "280", "--calls-per-hour", "12", "--talk", "180")
        )
        assert "g711-stereo: 96.888 GB a day" in printed
        assert "a minute: 60 s x 16000 bytes = 960000 bytes" in printed
        assert "days" in printed

        oldest = await it.recorded(await it.call(KEPT))
        newest = await it.recorded(await it.call(KEPT))
        [_, _, near] = sorted(
            await chief.get("/api/v1/archive/disks"), key=lambda disk: "near" in disk["places"]
        )
        assert (near["places"], near["stage"]) == (["near"], "ok")

        # The first store fills: people are told, and the oldest go where there is room.
        it.near.leave(int(0.6 * near["total"]))
        await it.stage("near", "warn")
        await it.incidents("disk_low")
        it.near.leave(int(0.45 * near["total"]))
        await it.stage("near", "move")
        for recording in (oldest, newest):
            moved = await it.hotline.book.when("recording.moved", recording_id=recording["id"])
            assert (moved.data["store"], moved.data["kept_in"]) == ("near", "remote")
        await it.hotline.server.when_metric("disk_recordings_moved_total", 2.0)
        files = await asyncio.to_thread(lambda: sorted(it.near.folder.rglob("*.sealed")))
        assert files == []
        for recording in (oldest, newest):
            await it.both_are_heard(recording)
        await it.incidents("disk_low", "disk_moving", "disk_not_relieved")
        it.near.make_room()
        await it.stage("near", "ok")
        await it.incidents()

        # The spool fills: what can be spared is, what is needed goes on.
        it.spool.leave(int(0.25 * (4 << 20)))
        await it.stage("spool", "spare")
        await it.incidents("disk_low", "disk_moving", "disk_sparing")
        spared = await it.call(CHANCE, 0.2)
        [interaction] = (await it.hotline.history(spared.contact_id))["interactions"]
        assert (interaction["recording"], interaction["recording_rule"]) == ("never", "disk")
        asked, li, at_li = await with_li(it.hotline, ASKED)
        refused, problem = await tries(li.desk, asked, "recording")
        assert (refused, problem["type"]) == (409, "NeverRecorded")
        assert "rule 'disk'" in problem["detail"]
        await it.ends(asked, at_li)
        await it.both_are_heard(await it.recorded(await it.call(KEPT)))

        # There is next to nothing left: a recording that has to be made is a failure that is told.
        it.spool.leave(int(0.05 * (4 << 20)))
        await it.stage("spool", "refuse")
        await it.incidents("disk_low", "disk_moving", "disk_sparing", "disk_full")
        lost = await it.call(KEPT, 0.2)
        failed = await it.hotline.book.when("recording.failed", after=lost.after)
        assert failed.data["reason"] == "disk: there is no room for recordings"
        history = await it.hotline.history(lost.contact_id)
        assert history["interactions"][0]["recording_rule"] == "queue"

        # Space is back, and so is all else.
        it.spool.make_room()
        await it.stage("spool", "ok")
        await it.incidents()
        await it.both_are_heard(await it.recorded(await it.call(KEPT)))
        asked, li, at_li = await with_li(it.hotline, ASKED)
        await does(li.desk, asked, "recording")
        await passed(asked.call, 0.6)
        await it.ends(asked, at_li)
        await it.recorded(asked)
        told = await it.hotline.server.command("archive", "verify", "--files", "all")
        assert "the files of 5 opened" in told


async def test_where_it_is_wanted_recordings_become_smaller_before_they_leave(
    tmp_path: Path,
) -> None:
    """Heard as before, the same in both stores, and the archive's chain knows of it."""
    async with full_disks(tmp_path, compress=60) as it, it.hotline.on_duty("li"):
        recordings = [await it.recorded(await it.call(KEPT)) for _ in range(3)]
        edit = {"kind": "redact", "from_ms": 0, "to_ms": 300, "reason": "name"}
        path = f"/api/v1/recordings/{recordings[0]['id']}/edits"
        await it.hotline.chief.put(path, version=0, edits=[edit])
        it.near.leave(int(0.55 * (4 << 20)))
        await it.stage("near", "compress")
        await it.incidents("disk_low", "disk_compressing")
        await it.hotline.server.when_metric("disk_recordings_compressed_total", 3.0)
        it.near.make_room()
        await it.stage("near", "ok")
        await it.incidents()

        for number, before in enumerate(recordings):
            after = await it.hotline.chief.get(f"/api/v1/recordings/{before['id']}")
            assert (after["codec"], after["duration"]) == ("OPUS", before["duration"])
            assert after["size"] < before["size"] / 3
            if number:
                heard = await tones_in(it.hotline.chief, after, (CUSTOMER_HZ, LI_HZ))
                assert heard == [{CUSTOMER_HZ}, {LI_HZ}]
            else:
                sides = stereo(await it.hotline.chief.get_bytes(after["audio"]))
                assert not any(side[: round(0.3 * 8000)].any() for side in sides)
                assert seconds_of(sides[0], CUSTOMER_HZ) > 0.5
        for place in (it.near.folder, tmp_path / "remote"):
            files = await asyncio.to_thread(sealed_in, place)
            assert files == sorted(f"{one['id']}.opus.sealed" for one in recordings)
        told = await it.hotline.server.command("archive", "verify", "--files", "all")
        assert "the files of 3 opened" in told


async def test_a_spool_that_is_full_in_a_call_ends_the_recording_there_and_not_the_call(
    tmp_path: Path,
) -> None:
    """What was said until then is archived, though the spool has no byte to note that in."""
    async with full_disks(tmp_path, spare=0, refuse=0) as it, it.hotline.on_duty("li"):
        caller, li, at_li = await with_li(it.hotline, KEPT)
        await passed(caller.call, 2.0)
        began = await caller.happens("recording.started")
        await asyncio.to_thread(it.spool.leave_nothing)
        failed = await it.hotline.book.when(
            "recording.failed", recording_id=began.data["recording_id"]
        )
        assert "No space left on device" in failed.data["reason"]
        view = await li.desk.get(f"/api/v1/contacts/{caller.contact_id}/call")
        assert view["recording"] == "off"

        await asyncio.gather(hears(caller.call, LI_HZ), hears(at_li, CUSTOMER_HZ))
        await passed(caller.call, 1.0)
        await it.ends(caller, at_li)

        kept = await it.recorded(caller)
        assert "No space left on device" in kept["failure"]
        assert kept["duration"] <= failed.heard_at - began.heard_at + 0.3
        assert kept["duration"] >= failed.heard_at - began.heard_at - 2.0
        await it.both_are_heard(kept)
        await it.hotline.server.when_metric("recordings_backlog", 0.0)
        left = await asyncio.to_thread(lambda: [each.name for each in it.spool.folder.iterdir()])
        assert left == [".ballast"]

        it.spool.make_room()
        await it.both_are_heard(await it.recorded(await it.call(KEPT)))


async def test_an_archive_that_is_full_lets_captures_wait_until_it_has_room(tmp_path: Path) -> None:
    async with full_disks(tmp_path, move=0, spare=0, refuse=0) as it, it.hotline.on_duty("li"):
        await asyncio.to_thread(it.near.leave_nothing)
        callers = [await it.call(KEPT) for _ in range(2)]
        await it.hotline.server.logged("recording.postponed", nth=2)
        await it.hotline.server.when_metric("recordings_backlog", 2.0)
        await it.incidents("disk_low")
        assert not [seen for seen in it.hotline.book.seen if seen.event == "recording.failed"]

        it.near.make_room()
        for caller in callers:
            await it.both_are_heard(await it.recorded(caller))
        await it.hotline.server.when_metric("recordings_backlog", 0.0)
        await it.incidents()
