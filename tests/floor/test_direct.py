"""Offers by name, by channel and of advisers: in the log, and as whoever rings hears them."""

import asyncio
from dataclasses import replace

import pytest

from acd.errors import AgentNotFree, UnknownAgent
from acd.model import AgentState, Channel, ContactId, Purpose, WaitingContact
from cti_server.floor.offers import OffersByChannel
from cti_server.wire import events
from tests import virtual_time

from .build import Bell, Scene, pass_time


def wanted(scene: Scene, purpose: Purpose = Purpose.SERVE) -> WaitingContact:
    return WaitingContact(ContactId("call"), "sales", scene.clock.now(), purpose=purpose)


async def served_by_ann() -> Scene:
    scene = Scene()
    scene.agent("ann")
    scene.call("call")
    scene.floor.accept("i1")
    scene.agent("bob")
    scene.log.clear()
    scene.bell.heard.clear()
    return scene


def test_an_offer_by_name_rings_that_agent_and_is_over_when_the_ring_time_is() -> None:
    async def scenario() -> Scene:
        scene = await served_by_ann()
        scene.floor.offer_to("bob", wanted(scene))
        assert scene.floor.agent("bob").state == "ringing"
        await pass_time(25)
        return scene

    scene = virtual_time.run(scenario())

    assert scene.bell.heard == [("offered", "bob"), ("timed_out", "bob")]
    assert scene.names == ["OfferMade", "bob ringing", "OfferEnded", "bob not_ready"]
    [offered] = [event for event in scene.log if isinstance(event, events.OfferMade)]
    assert offered.why["rule"] == "named_agent"
    assert scene.floor.agent("ann").state == AgentState.TALKING.value


def test_an_adviser_is_logged_as_one_and_is_an_interaction_of_their_own() -> None:
    async def scenario() -> Scene:
        scene = await served_by_ann()
        scene.floor.enqueue(wanted(scene, Purpose.CONSULT))
        scene.floor.accept("i2")
        scene.floor.end_interaction("i1", "transfer")
        scene.floor.end_interaction("i2", "caller")
        return scene

    scene = virtual_time.run(scenario())

    queued, offered = scene.log[:2]
    assert isinstance(queued, events.ContactQueued)
    assert isinstance(offered, events.OfferMade)
    assert (queued.purpose, offered.purpose, offered.agent_id) == ("consult", "consult", "bob")
    ended = [event for event in scene.log if isinstance(event, events.InteractionEnded)]
    assert [(one.agent_id, one.ended_by) for one in ended] == [
        ("ann", "transfer"),
        ("bob", "caller"),
    ]
    assert scene.floor.census().served == 0


def test_withdrawn_the_named_agent_is_free_and_who_serves_goes_on() -> None:
    async def scenario() -> Scene:
        scene = await served_by_ann()
        scene.floor.offer_to("bob", wanted(scene))
        scene.floor.withdraw("call")
        return scene

    scene = virtual_time.run(scenario())

    assert scene.bell.heard == [("offered", "bob"), ("withdrawn", "bob")]
    assert scene.floor.agent("bob").state == "ready"
    assert scene.floor.agent("ann").state == "talking"


def test_who_is_not_free_is_refused_and_nothing_is_logged() -> None:
    async def scenario() -> None:
        scene = await served_by_ann()
        scene.floor.set_not_ready("bob", "lunch")
        scene.log.clear()
        with pytest.raises(AgentNotFree, match="not_ready"):
            scene.floor.offer_to("bob", wanted(scene))
        with pytest.raises(UnknownAgent):
            scene.floor.offer_to("carl", replace(wanted(scene), id=ContactId("other")))
        assert scene.log == []
        await asyncio.sleep(0)

    virtual_time.run(scenario())


def test_each_offer_is_told_to_who_rings_for_its_channel() -> None:
    async def scenario() -> tuple[Scene, Bell]:
        scene = Scene()
        tray = Bell()
        scene.floor.offers = OffersByChannel({Channel.VOICE: scene.bell, Channel.EMAIL: tray})
        scene.agent("ann")
        mail = WaitingContact(ContactId("m"), "sales", scene.clock.now(), channel=Channel.EMAIL)
        scene.floor.enqueue(mail)
        scene.floor.decline("i1")
        scene.floor.withdraw("m")
        scene.call("call")
        return scene, tray

    scene, tray = virtual_time.run(scenario())

    assert tray.heard == [("offered", "ann"), ("declined", "ann")]
    assert scene.bell.heard == [("offered", "ann")]
    told = [
        (type(event).__name__, event.contact_id, event.channel)
        for event in scene.log
        if isinstance(event, events.ContactQueued | events.OfferMade)
    ]
    assert told == [
        ("ContactQueued", "m", "email"),
        ("OfferMade", "m", "email"),
        ("ContactQueued", "m", "email"),
        ("ContactQueued", "call", "voice"),
        ("OfferMade", "call", "voice"),
    ]
