"""The way to the server is away: for the stream, for the audio, for both."""

import asyncio
import contextlib

import pytest
from playwright.async_api import Browser

from tests.e2e.centre import Centre
from tests.e2e.people import Caller, passed
from tests.e2e.talking import hears_music, speak

from .chromium import through
from .relays import AudioRelay, StreamRelay, audio_relay, stream_relay
from .seat import (
    ANA,
    CALLER,
    COLLEAGUE,
    IMPATIENT,
    LI,
    MEI,
    TAO,
    ChromiumSeat,
    seated,
)
from .tab import MICROPHONE

pytestmark = [pytest.mark.asyncio(loop_scope="package"), pytest.mark.interop]

GIVES_UP = 29.0
"""
Seconds until a browser calls its ICE failed: Chromium takes 15 from the page's last attempt, which
comes after 3, and once more whenever the stream was lost. After 30 the server has forgotten it.
"""
KEPT = 40.0  # s until the server lets the agent go, with all that comes before


async def test_a_lost_stream_leaves_the_audio_alone_and_comes_back(
    hotline: Centre, browser: Browser
) -> None:
    api = int(hotline.server.config["api"]["port"])
    async with (
        stream_relay(("127.0.0.1", api)) as relay,
        seated(hotline, browser, port=relay.port) as li,
    ):
        caller = await li.talk()

        relay.cut()
        await li.tab.when("desk.link === 'down'")
        sent = caller.call.figures.received
        await passed(caller.call, 1)
        await caller.call.hears(MICROPHONE)
        assert caller.call.figures.received - sent >= 40
        caller.call.hang_up()
        relay.mend()

        await li.tab.when("desk.link === 'up'")
        await li.tab.when("desk.call === null")


async def test_outages_of_fifteen_seconds_until_ice_fails_and_longer_than_the_caller_is_kept(
    hotline: Centre, browser: Browser
) -> None:
    """Four agents at once, each with a network of their own."""
    api = int(hotline.server.config["api"]["port"])
    async with contextlib.AsyncExitStack() as stack:
        ways = [await stack.enter_async_context(audio_relay()) for _ in range(4)]
        stream = await stack.enter_async_context(stream_relay(("127.0.0.1", api)))
        seats, callers = [], []
        for who, way in zip((LI, MEI, TAO, ANA), ways, strict=True):
            port = stream.port if who is ANA else api
            at = seated(hotline, browser, IMPATIENT, through(way), port=port, who=who)
            seats.append(await stack.enter_async_context(at))
            callers.append(await seats[-1].talk(way))

        async with asyncio.TaskGroup() as outages:
            outages.create_task(of_fifteen_seconds(seats[0], callers[0], ways[0]))
            outages.create_task(until_ice_fails(seats[1], callers[1], ways[1]))
            outages.create_task(too_long_for_the_caller(seats[2], ways[2]))
            outages.create_task(of_everything(seats[3], ways[3], stream))
        await somebody_else_takes(hotline, callers[2], callers[3])


async def of_fifteen_seconds(li: ChromiumSeat, caller: Caller, way: AudioRelay) -> None:
    way.is_cut = True
    await li.tab.when("!desk.call.audio")
    await passed(caller.call, 12)
    await hears_music(caller.call)
    way.is_cut = False

    await hear_one_another(li, caller)


async def until_ice_fails(mei: ChromiumSeat, caller: Caller, way: AudioRelay) -> None:
    """The browser gives up, and the page restarts the ICE of the same connection."""
    await mei.tab.page.evaluate("globalThis.before = desk.softphone.peer(desk.call.id)")
    agreed = await mei.tab.page.evaluate("before.remoteDescription.sdp")
    way.is_cut = True
    await mei.tab.when("before.connectionState === 'failed'", within=GIVES_UP)
    assert "coming back" in await mei.tab.text("#call-state")
    assert await mei.tab.page.is_hidden("#fit")
    await hears_music(caller.call)
    way.is_cut = False

    await hear_one_another(mei, caller)
    assert await mei.tab.page.evaluate("desk.softphone.peer(desk.call.id) === before")
    assert await mei.tab.page.evaluate("before.remoteDescription.sdp") != agreed


async def hear_one_another(seat: ChromiumSeat, caller: Caller) -> None:
    await seat.tab.talks(within=20)
    await caller.call.hears(MICROPHONE)
    await seat.tab.hears(CALLER)


async def too_long_for_the_caller(tao: ChromiumSeat, way: AudioRelay) -> None:
    """The page says so, and that it is not ready; when the way is free calls come again."""
    way.is_cut = True
    await tao.tab.when("desk.call === null", within=KEPT)
    assert "back in the queue" in await tao.tab.text("#alert")
    await tao.tab.when("desk.agent.reason === 'phone_lost'")
    assert await tao.tab.text("#state-name") == "Not ready · Audio lost in a call"
    await tao.tab.when("desk.agent.unfit.includes('media-path-failed')", within=20)
    assert "No audio connection" in await tao.tab.text("#unfit")

    way.is_cut = False
    await tao.tab.when("desk.agent.unfit.length === 0", within=20)


async def of_everything(ana: ChromiumSeat, way: AudioRelay, stream: StreamRelay) -> None:
    """The same where the stream is away, too: what it would have told, the snapshot tells."""
    way.is_cut = True
    stream.cut()
    await ana.tab.when("desk.link === 'down'")
    assert "lost and coming back" in await ana.tab.text("#alert")
    await ana.hotline.agents[ANA.id].is_in("not_ready", within=KEPT)
    way.is_cut = False
    stream.mend()

    await ana.tab.when("desk.link === 'up' && desk.call === null")
    assert "ended while the connection was lost" in await ana.tab.text("#alert")
    assert await ana.tab.text("#state-name") == "Not ready · Audio lost in a call"


async def somebody_else_takes(hotline: Centre, *callers: Caller) -> None:
    """Who was cut off waits in the queue again, and is served, one after the other."""

    async def served(caller: Caller) -> None:
        await caller.call.hears(COLLEAGUE, within=30)
        caller.leave()

    async with hotline.on_duty("wang", on_ring=speak(COLLEAGUE)):
        await asyncio.gather(*map(served, callers))
