"""A recording whose conversation is over before it has begun."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest

from cti_server.calls import recorder as recorder_module
from cti_server.calls import termination
from cti_server.calls.exchange import Exchange
from cti_server.calls.leg import Leg
from cti_server.calls.recorder import Recorder
from cti_server.media.plane import MediaPlane
from cti_server.media.worker_link import OnCapture
from cti_server.media.worker_reports import CaptureFailed
from cti_server.wire.events import Event, RecordingFailed, RecordingStarted
from recording.budget import Room
from recording.capture import CaptureInfo
from recording.foreign_call import ForeignCall
from tests.fakes.loop_clock import LoopClock
from tests.fakes.media import FakeMedia


@dataclass
class Captures:
    """The worker's captures: which were begun."""

    begun: list[str] = field(default_factory=list)
    told: list[OnCapture] = field(default_factory=list)
    written: asyncio.Event = field(default_factory=asyncio.Event)
    """Set unless the disk stands still."""

    def __post_init__(self) -> None:
        self.written.set()

    async def open_leg(self, *_: object, **__: object) -> FakeMedia:
        return FakeMedia()

    def start_capture(
        self,
        recording_id: str,
        _folder: Path,
        _caller: object,
        _agent: object,
        hear: OnCapture,
        *,
        told: bool,
    ) -> None:
        self.begun.append(recording_id)
        self.told.append(hear)

    async def stop_capture(self, recording_id: str) -> None:
        await self.written.wait()
        self.begun.remove(recording_id)


@dataclass
class Parts:
    """As much of an exchange as a recorder needs."""

    spool: Path
    plane: Captures = field(default_factory=Captures)
    log: list[Event] = field(default_factory=list)
    clock: LoopClock = field(default_factory=LoopClock)
    has: Room = Room.ALL
    archived: list[str] = field(default_factory=list)

    @property
    def archiver(self) -> "Parts":
        return self

    def submit(self, folder: Path, _: object) -> None:
        self.archived.append(folder.name)

    def room(self) -> Room:
        return self.has

    def append(self, event: Event) -> None:
        self.log.append(event)


INFO = CaptureInfo(
    recording_id="r1",
    call_id="k1",
    contact_id="c1",
    interaction_id="i1",
    agent_id="li",
    queue="sales",
    caller_number="13800138000",
    dialled_number="4008",
    started_at=datetime(2026, 11, 21, 9, 0, tzinfo=UTC),
)


async def leg(plane: Captures) -> Leg:
    made = Leg(leg_id="l", call_id="k1", hung_up=termination.AGENT_HUNG_UP, append=lambda _: None)
    await made.open_media(cast(MediaPlane, plane))
    return made


async def test_who_leaves_while_the_folder_is_made_leaves_no_capture_behind(
    tmp_path: Path,
) -> None:
    """The call may go on for an hour without them: nothing must go on being captured."""
    parts = Parts(tmp_path)
    recorder = Recorder(cast(Exchange, parts), INFO)
    caller, agent = await leg(parts.plane), await leg(parts.plane)
    starting = asyncio.create_task(recorder.start(caller, agent))
    await asyncio.sleep(0)

    await recorder.stop()
    await starting

    assert parts.plane.begun == []
    assert [type(event) for event in parts.log] == [RecordingStarted, RecordingFailed]
    assert not (tmp_path / "r1").exists()


async def test_who_leaves_before_it_has_begun_leaves_nothing_at_all(tmp_path: Path) -> None:
    parts = Parts(tmp_path)
    recorder = Recorder(cast(Exchange, parts), INFO)
    caller, agent = await leg(parts.plane), await leg(parts.plane)
    starting = recorder.start(caller, agent)

    await recorder.stop()
    await starting

    assert parts.plane.begun == []
    assert parts.log == []
    assert not (tmp_path / "r1").exists()


async def test_it_begins_with_its_first_sample_and_not_with_what_the_customer_was_told_before(
    tmp_path: Path,
) -> None:
    """Its moments are seconds from there: masks, for one."""
    parts = Parts(tmp_path)
    recorder = Recorder(cast(Exchange, parts), INFO)
    caller, agent = await leg(parts.plane), await leg(parts.plane)
    before = parts.clock.now()

    await recorder.start(caller, agent)

    assert parts.plane.begun == ["r1"]
    assert before <= CaptureInfo.load(tmp_path / "r1").started_at <= parts.clock.now()


async def test_a_folder_that_is_long_in_the_making_is_no_part_of_it(tmp_path: Path) -> None:
    parts = Parts(tmp_path)
    recorder = Recorder(cast(Exchange, parts), INFO)
    caller, agent = await leg(parts.plane), await leg(parts.plane)
    starting = asyncio.create_task(recorder.start(caller, agent))
    await asyncio.sleep(0)
    parts.clock.step = timedelta(seconds=1)
    made = parts.clock.now()

    await starting
    assert parts.plane.begun == ["r1"]
    await recorder.stop()

    assert CaptureInfo.load(tmp_path / "r1").started_at >= made


async def test_what_is_told_of_it_later_is_archived_too_the_last_of_it(tmp_path: Path) -> None:
    parts = Parts(tmp_path)
    recorder = Recorder(cast(Exchange, parts), INFO)
    caller, agent = await leg(parts.plane), await leg(parts.plane)
    starting = asyncio.create_task(recorder.start(caller, agent))
    await asyncio.sleep(0)  # its folder is being made
    for n in range(20):
        recorder.tell(ForeignCall(client="branch", session_id=str(n)))
    await starting

    await recorder.stop()
    recorder.tell(ForeignCall(client="branch", session_id="too late"))
    recorder.hand_over(caller, agent)

    info = CaptureInfo.load(tmp_path / "r1")
    assert info.foreign == ForeignCall(client="branch", session_id="19")
    assert parts.archived == ["r1"]


async def test_a_disk_that_fills_ends_it_at_once_and_not_the_call(tmp_path: Path) -> None:
    parts = Parts(tmp_path)
    recorder = Recorder(cast(Exchange, parts), INFO)
    caller, agent = await leg(parts.plane), await leg(parts.plane)
    await recorder.start(caller, agent)

    parts.plane.told[0](CaptureFailed(capture="r1", reason="No space left on device"))

    assert not recorder.under_way
    about = {"agent_id": INFO.agent_id, "contact_id": INFO.contact_id}
    full = RecordingFailed(recording_id="r1", reason="No space left on device", **about)
    assert parts.log[1:] == [full]
    assert (tmp_path / "r1").exists()  # what was said until then is archived with the call


async def test_what_is_told_of_a_capture_that_was_stopped_is_no_failure(tmp_path: Path) -> None:
    parts = Parts(tmp_path)
    recorder = Recorder(cast(Exchange, parts), INFO)
    caller, agent = await leg(parts.plane), await leg(parts.plane)
    await recorder.start(caller, agent)
    recorder.cease()

    parts.plane.told[0](CaptureFailed(capture="r1", reason="No space left on device"))

    assert [type(event) for event in parts.log] == [RecordingStarted]


async def test_without_room_nothing_is_begun_and_that_is_told(tmp_path: Path) -> None:
    parts = Parts(tmp_path, has=Room.NONE)
    recorder = Recorder(cast(Exchange, parts), INFO)
    caller, agent = await leg(parts.plane), await leg(parts.plane)

    await recorder.start(caller, agent)

    assert parts.plane.begun == []
    assert [type(event) for event in parts.log] == [RecordingStarted, RecordingFailed]
    assert not recorder.under_way
    assert not (tmp_path / "r1").exists()


async def test_a_disk_that_stands_still_does_not_hold_up_the_call_and_nothing_half_is_archived(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder_module, "STOP_WITHIN", 0.0)
    parts = Parts(tmp_path)
    recorder = Recorder(cast(Exchange, parts), INFO)
    caller, agent = await leg(parts.plane), await leg(parts.plane)
    await recorder.start(caller, agent)
    parts.plane.written.clear()

    await recorder.stop()
    recorder.hand_over(caller, agent)
    await asyncio.sleep(0.01)
    archived = list(parts.archived)
    parts.plane.written.set()
    await asyncio.sleep(0.01)

    assert (archived, parts.archived) == ([], ["r1"])


async def test_what_is_written_at_once_is_archived_at_once(tmp_path: Path) -> None:
    parts = Parts(tmp_path)
    recorder = Recorder(cast(Exchange, parts), INFO)
    caller, agent = await leg(parts.plane), await leg(parts.plane)
    await recorder.start(caller, agent)

    await recorder.stop()
    recorder.hand_over(caller, agent)

    assert parts.archived == ["r1"]
