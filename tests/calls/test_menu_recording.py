"""The recording of a menu: when it begins, and that it ends once, whoever ends it."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from config.recording import RecordingSettings
from cti_server.calls.contact import Contact
from cti_server.calls.conversation import Conversation
from cti_server.calls.exchange import Exchange
from cti_server.calls.leg import Leg
from cti_server.calls.menu_recording import MenuRecording
from cti_server.wire.events import Event, RecordingStarted
from recording.budget import Room
from recording.capture import CaptureInfo
from tests.fakes.loop_clock import LoopClock
from tests.fakes.media import FakeMedia

from .test_recorder import Captures, leg
from .test_recording_told import TOLD, Asked

RULE = {"name": "menu", "record": "always", "part": "menu", "announce": {"en": "Recorded."}}


@dataclass
class Scene:
    """A caller in a menu, and as much of a call as its recording needs."""

    spool: Path
    caller: Leg
    rules: tuple[dict[str, Any], ...] = (RULE,)
    plane: Captures = field(default_factory=Captures)
    log: list[Event] = field(default_factory=list)
    archived: list[Path] = field(default_factory=list)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.talk = SimpleNamespace(customer=self.caller, members=[], on_changed=[])
        self.contact = Asked()
        exchange = SimpleNamespace(
            append=self.log.append,
            archiver=SimpleNamespace(submit=lambda folder, _: self.archived.append(folder)),
            clock=LoopClock(),
            new_id=lambda: "r1",
            plane=self.plane,
            prompts=SimpleNamespace(of_queue=lambda texts, _: [Path(TOLD)] if texts else []),
            recording=RecordingSettings.model_validate({"rules": self.rules}),
            room=lambda: Room.ALL,
            spool=self.spool,
        )
        self.menu = MenuRecording(
            cast(Exchange, exchange),
            cast(Contact, self.contact),
            cast(Conversation, self.talk),
            self._spawn,
        )

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        self.tasks.append(asyncio.create_task(work))

    async def begun(self) -> None:
        await self.menu.begin()
        await asyncio.gather(*self.tasks)

    def somebody_comes(self) -> None:
        self.talk.members.append("li")
        for hear in self.talk.on_changed:
            hear()

    async def call_ends(self) -> None:
        await self.menu.stop()
        self.menu.archive()


@pytest.fixture
async def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path, await leg(Captures()))


async def test_the_customer_is_told_and_then_it_begins(scene: Scene) -> None:
    await scene.begun()

    assert cast(FakeMedia, scene.caller.media).played == [(TOLD,)]
    assert scene.contact.told_of_recording  # and is not told again by the conversation's
    [started] = scene.log
    assert isinstance(started, RecordingStarted)
    assert (started.kind, started.rule, started.agent_id, started.queue) == ("menu", "menu", "", "")
    assert scene.plane.begun == ["r1"]
    info = CaptureInfo.load(scene.spool / "r1")
    assert (info.kind, info.channels) == ("menu", ("caller.g711", "agent.g711"))
    await scene.call_ends()


async def test_it_is_archived_when_somebody_comes_and_never_again(scene: Scene) -> None:
    await scene.begun()
    scene.somebody_comes()
    for hear in scene.talk.on_changed:
        hear()  # whatever else happens in the talk
    async with asyncio.timeout(30):
        while not scene.archived:  # noqa: ASYNC110
            await asyncio.sleep(0.01)

    assert scene.plane.begun == []
    await scene.call_ends()
    assert scene.archived == [scene.spool / "r1"]


async def test_it_is_archived_when_the_call_ends_before(scene: Scene) -> None:
    await scene.begun()
    await scene.call_ends()

    assert (scene.plane.begun, scene.archived) == ([], [scene.spool / "r1"])


async def test_who_leaves_in_the_midst_of_the_notice_is_not_recorded(scene: Scene) -> None:
    beginning = asyncio.create_task(scene.menu.begin())
    await asyncio.sleep(0.05)
    beginning.cancel()
    await asyncio.wait([beginning])
    await scene.call_ends()

    assert (scene.log, scene.plane.begun, scene.archived) == ([], [], [])


async def test_who_leaves_while_its_folder_is_made_leaves_nothing(scene: Scene) -> None:
    await scene.menu.begin()
    await asyncio.sleep(0)
    scene.somebody_comes()
    await asyncio.gather(*scene.tasks)
    await scene.call_ends()

    assert (scene.plane.begun, scene.archived) == ([], [])
    assert list(scene.spool.iterdir()) == []


async def test_without_a_rule_for_menus_nothing_is_recorded(tmp_path: Path) -> None:
    scene = Scene(tmp_path, await leg(Captures()), rules=({**RULE, "part": "conversation"},))
    await scene.begun()
    scene.somebody_comes()
    await scene.call_ends()

    assert (scene.log, scene.plane.begun, scene.archived) == ([], [], [])
    assert cast(FakeMedia, scene.caller.media).played == []
