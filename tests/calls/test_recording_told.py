"""Who is recorded has been told, and what was masked stays so: where agents leave in between."""

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from acd.model import Offer
from config.floor import QueueSettings
from config.recording import RecordingRuleSettings, RecordingSettings
from cti_server.calls import termination
from cti_server.calls.contact import Contact
from cti_server.calls.conversation import Conversation
from cti_server.calls.exchange import Exchange
from cti_server.calls.handling import Handling
from cti_server.calls.leg import Leg
from cti_server.calls.member import Member
from cti_server.calls.recording_control import RecordingControl
from cti_server.calls.talk import Role
from cti_server.media.plane import MediaPlane
from cti_server.wire.events import Event, RecordingMasked, RecordingUnmasked
from recording.budget import Room
from recording.rules import Conversation as Talked
from tests import virtual_time
from tests.fakes.loop_clock import LoopClock
from tests.fakes.media import FakeMedia, FakePlane

QUEUE = QueueSettings(name="sales")
TOLD = "told.ulaw"


class Asked:
    """The contact of a customer who is to be told; as much of one as decides on recording."""

    id, call_id, language = "c1", "k1", "en"
    caller_number, dialled_number = "13800138000", "4008"
    told_of_recording = False

    def in_conversation(
        self, interaction_id: str = "", agent_id: str = "", queue: str = ""
    ) -> Talked:
        return Talked(
            contact_id=self.id,
            interaction_id=interaction_id,
            caller="",
            dialled="",
            direction="inbound",
            queue=queue,
            agent_id=agent_id,
            is_open=lambda _: True,
        )


class Scene:
    """One customer, and agents who come to them one after another; a notice lasts for 3 s."""

    def __init__(self, mode: str = "always") -> None:
        self.log: list[Event] = []
        self.heard = FakeMedia(seconds=3.0)
        said = {"en": "This is recorded."} if mode != "never" else {}
        rule: Any = {"name": "all", "record": mode, "announce": said}
        self.contact = cast(Contact, Asked())
        prompts = SimpleNamespace(
            of_queue=lambda texts, _: [Path(TOLD)] if texts else [],
            whisper=lambda *_: None,
            signal=lambda about: [Path(about)],
        )
        floor = SimpleNamespace(agent_number=lambda _: None, end_interaction=lambda *_, **__: None)
        self.exchange = cast(
            Exchange,
            SimpleNamespace(
                append=self.log.append,
                clock=LoopClock(),
                floor=floor,
                new_id=lambda: "id",
                plane=FakePlane(),
                prompts=prompts,
                recording=RecordingSettings(rules=(RecordingRuleSettings(**rule),)),
                room=lambda: Room.ALL,
            ),
        )

    async def leg(self, name: str, media: FakeMedia | None = None) -> Leg:
        plane = cast(MediaPlane, FakePlane(media or FakeMedia(seconds=3.0)))
        made = Leg(leg_id=name, call_id="k1", hung_up=termination.AGENT_HUNG_UP, append=print)
        await made.open_media(plane)
        made.mark_connected()
        return made

    async def conversation(self) -> Conversation:
        customer = await self.leg("customer", self.heard)
        return Conversation(self.exchange, self.contact, customer, discard, lambda _: None)

    async def agent(self, name: str) -> tuple[Member, Handling]:
        leg = await self.leg(name)
        offer = cast(Offer, SimpleNamespace(id=f"i-{name}", agent_id=name, queue="sales"))
        handling = Handling(self.exchange, self.contact, QUEUE, offer, leg)
        return Member(leg, Role.AGENT, name, handling), handling


def discard(work: Any) -> None:
    """What the call would run is not looked at here."""
    work.close()


@pytest.mark.parametrize(("stays", "told"), [(1.0, 2), (None, 1)])
def test_a_customer_whose_agent_leaves_in_the_midst_of_the_notice_is_told_again(
    stays: float | None, told: int
) -> None:
    """And one who has heard it all is told once, whoever serves them then."""

    async def scenario() -> list[tuple[str, ...]]:
        scene = Scene()
        conversation = await scene.conversation()
        li, at_li = await scene.agent("li")
        if stays is not None:
            asyncio.get_running_loop().call_later(stays, li.leg.end, termination.AGENT_HUNG_UP)
        assert await conversation.introduce(li, at_li) is (stays is None)
        assert await conversation.introduce(*await scene.agent("wang"))
        return scene.heard.played

    assert virtual_time.run(scenario()) == [(TOLD,)] * told


def test_what_is_still_read_to_a_customer_whose_agent_left_stays_masked() -> None:
    async def scenario() -> tuple[list[bool], list[Event]]:
        scene = Scene("on_demand")
        conversation = await scene.conversation()
        control = RecordingControl(scene.exchange, scene.contact, conversation, discard)
        li, _ = await scene.agent("li")
        conversation.join(li)
        control.start("li", "li")
        control.mask("li", "li", "card_number")
        masked = [scene.heard.masked]
        conversation.lingers = asyncio.get_running_loop().create_future()
        conversation.dismiss(termination.AGENT_HUNG_UP)
        masked.append(scene.heard.masked)
        conversation.lingers.set_result("finished")
        await asyncio.sleep(1)
        masked.append(scene.heard.masked)
        control.end()
        return masked, scene.log

    masked, log = virtual_time.run(scenario())

    assert masked == [True, True, False]
    spans = [one for one in log if isinstance(one, RecordingMasked | RecordingUnmasked)]
    assert [getattr(one, "ended_by", "begun") for one in spans] == ["begun", "left"]
