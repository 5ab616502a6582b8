"""A caller from a page as a call sees it: answered when there is audio, over for one reason."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import pytest

from cti_server.calls import termination
from cti_server.calls.browser_phone import AUDIO_WITHIN
from cti_server.calls.caller_line import Called
from cti_server.calls.leg import Leg
from cti_server.calls.termination import Over
from cti_server.calls.web_caller import TRUNK, WebCaller
from cti_server.media.errors import MediaUnavailable
from cti_server.media.plane import MediaPlane
from cti_server.media.web.description import OfferRefused, read_offer
from cti_server.wire.events import Event
from cti_server.wire.web_calls import (
    WebCallAnswer,
    WebCallConnected,
    WebCallEnded,
    WebCallTold,
)
from tests.fakes.media import FakePlane
from tests.virtual_time import run

from .test_browser_phone import OFFER, Worker


@dataclass
class Scene:
    """A page that calls, its leg, and the worker that the leg is at."""

    caller: WebCaller
    leg: Leg
    worker: Worker
    told: list[WebCallTold]

    @property
    def end(self) -> str:
        """What the page was told, which is told once and last."""
        ends = [one.reason for one in self.told if isinstance(one, WebCallEnded)]
        assert ends == [ends[0]]
        assert isinstance(self.told[-1], WebCallEnded)
        return ends[0]


def calling() -> Scene:
    events: list[Event] = []
    told: list[WebCallTold] = []
    called = Called(caller_number="", dialled_number="1000", trunk=TRUNK, address="web:192.0.2.7")
    caller = WebCaller(called, read_offer(OFFER), told.append)
    caller.contact_id = "k1"
    leg = Leg(
        leg_id="leg1", call_id="call1", hung_up=termination.CALLER_HUNG_UP, append=events.append
    )
    caller.connect(leg)
    return Scene(caller, leg, Worker(), told)


async def picked_up(scene: Scene) -> asyncio.Task[None]:
    """The server has answered; whether audio comes is the browser's to say."""
    plane = cast(MediaPlane, FakePlane(scene.worker))
    task = asyncio.create_task(scene.caller.pick_up(plane))
    await asyncio.sleep(0.001)  # in virtual time: until nothing else is left to be done
    return task


async def talking() -> Scene:
    scene = calling()
    task = await picked_up(scene)
    scene.leg.peer_changed("connected", "")
    await task
    return scene


def test_it_is_answered_at_once_and_connected_when_the_audio_is_there() -> None:
    async def story() -> tuple[Scene, bool]:
        scene = calling()
        task = await picked_up(scene)
        early = scene.leg.connected.is_set()
        scene.leg.peer_changed("connected", "")
        await task
        return scene, early

    scene, early = run(story())

    answer, connected = scene.told
    assert isinstance(answer, WebCallAnswer)
    assert "a=ice-ufrag:user1" in answer.sdp
    assert answer.contact_id == "k1"
    assert connected == WebCallConnected()
    assert (early, scene.leg.connected.is_set(), scene.leg.codec) == (False, True, "PCMU")


def test_a_page_whose_audio_does_not_come_is_let_go() -> None:
    async def story() -> tuple[Scene, bool]:
        scene = calling()
        task = await picked_up(scene)
        await asyncio.sleep(AUDIO_WITHIN - 0.1)
        waited = not scene.leg.over.is_set()
        await task
        return scene, waited

    scene, waited = run(story())

    assert waited
    assert (scene.leg.termination, scene.end) == (termination.NO_AUDIO, "no-audio")


@pytest.mark.parametrize(
    ("happens", "why"),
    [
        (lambda it: it.caller.put_down(), termination.CALLER_HUNG_UP),
        (lambda it: it.leg.peer_changed("gone", "closed"), termination.CALLER_HUNG_UP),
        (lambda it: it.leg.peer_changed("gone", "timeout"), termination.BROWSER_GONE),
        (lambda it: it.leg.media_lost(), termination.MEDIA_LOST),
        (lambda it: it.leg.let_go(termination.AGENT_HUNG_UP), termination.AGENT_HUNG_UP),
    ],
)
def test_it_ends_once_and_the_page_is_told_why(
    happens: Callable[[Scene], None], why: termination.Termination
) -> None:
    async def story() -> Scene:
        scene = await talking()
        scene.caller.limit(3600.0)
        happens(scene)
        scene.caller.put_down()
        scene.leg.peer_changed("gone", "closed")
        return scene

    scene = run(story())

    assert (scene.leg.termination, scene.end) == (why, why.reason)


def test_an_interruption_is_waited_out_and_a_socket_that_is_lost_touches_no_audio() -> None:
    async def story() -> Scene:
        scene = await talking()
        scene.leg.peer_changed("interrupted", "")
        scene.caller.page_gone()
        await asyncio.sleep(25.0)
        scene.leg.peer_changed("connected", "")
        return scene

    scene = run(story())

    assert not scene.leg.over.is_set()
    assert [type(one) for one in scene.told] == [WebCallAnswer, WebCallConnected]


def test_a_page_that_is_gone_before_its_audio_was_there_has_hung_up() -> None:
    async def story() -> Scene:
        scene = calling()
        task = await picked_up(scene)
        scene.caller.page_gone()
        await task
        return scene

    assert run(story()).leg.termination is termination.CALLER_HUNG_UP


def test_it_lasts_no_longer_than_it_may() -> None:
    async def story() -> tuple[Scene, bool]:
        scene = await talking()
        scene.caller.limit(60.0)
        await asyncio.sleep(59.0)
        lasted = not scene.leg.over.is_set()
        await asyncio.sleep(2.0)
        return scene, lasted

    scene, lasted = run(story())

    assert lasted
    assert (scene.leg.termination, scene.end) == (termination.TOO_LONG, "too-long")


def test_keys_in_words_are_keys_and_one_that_comes_by_both_ways_is_one() -> None:
    async def story() -> list[str]:
        scene = await talking()
        scene.caller.press("11#")
        scene.leg.digit("#", 100)
        return scene.leg.take_digits()

    assert run(story()) == ["1", "1", "#"]


def test_a_restart_is_answered_for_the_same_peer_and_not_before_there_is_one() -> None:
    async def story() -> Scene:
        scene = calling()
        with pytest.raises(OfferRefused, match="no connection"):
            await scene.caller.restart(OFFER)
        task = await picked_up(scene)
        scene.leg.peer_changed("connected", "")
        await task
        with pytest.raises(OfferRefused):
            await scene.caller.restart("nonsense")
        await scene.caller.restart(OFFER)
        return scene

    scene = run(story())

    assert scene.worker.restarted == [1]
    assert isinstance(last := scene.told[-1], WebCallAnswer)
    assert "a=ice-ufrag:again1" in last.sdp


def test_where_there_are_no_media_the_page_is_told_so() -> None:
    class Nothing:
        async def open_leg(self, *_: object, **__: object) -> None:
            raise MediaUnavailable("no worker")

    async def story() -> Scene:
        scene = calling()
        with pytest.raises(Over):
            await scene.caller.pick_up(cast(MediaPlane, Nothing()))
        return scene

    assert run(story()).end == "media-unavailable"
