"""Who is not well is offered nothing, is told why on the page, and is offered calls when well."""

import pytest
from playwright.async_api import Browser, expect

from tests.e2e.centre import Centre
from tests.e2e.people import Caller

from .chromium import ChromiumTab, person, through
from .relays import audio_relay, stream_relay
from .seat import IMPATIENT, LI, ChromiumSeat, seated
from .tab import MICROPHONE

pytestmark = [pytest.mark.asyncio(loop_scope="package"), pytest.mark.interop]

UNPLUG = """() => {
    const track = desk.microphone.track;
    track.stop();
    track.dispatchEvent(new Event("ended"));  // as the browser does when the device is gone
}"""
NO_AUDIO = """desk.stream.dispatchEvent(new CustomEvent("told", {
    detail: {type: "ended", id: "some", reason: "no-audio"}}))"""


async def test_an_agent_without_a_microphone_is_offered_nothing_until_it_is_there(
    hotline: Centre, browser: Browser
) -> None:
    async with seated(hotline, browser) as li:
        await li.tab.page.evaluate(UNPLUG)
        await li.tab.when("desk.agent.unfit.includes('microphone-ended')")
        assert "unplugged" in str(await li.tab.page.text_content("#unfit"))
        caller = hotline.caller()
        await caller.dial("2000")
        await caller.queued()
        assert await li.tab.page.evaluate("desk.call") is None

        await li.tab.press("check")

        await li.tab.when("desk.call?.state === 'ringing'")
        await li.tab.press("answer")
        await caller.call.hears(MICROPHONE)
        await li.tab.page.evaluate(UNPLUG)
        await caller.call.hears_silence()
        await li.tab.press("check")
        await caller.call.hears(MICROPHONE)


async def test_the_way_is_tried_before_the_first_call_and_again_until_it_is_free(
    hotline: Centre, browser: Browser
) -> None:
    port = int(hotline.server.config["api"]["port"])
    async with audio_relay() as relay, person(browser, through(relay)) as context:
        tab = ChromiumTab(await context.new_page())
        await tab.open(port)
        relay.is_cut = True
        await tab.log_in(LI.id)
        await tab.when("desk.agent.unfit.includes('media-path-failed')", within=15)
        relay.target = ("127.0.0.1", await tab.page.evaluate("workerPort"))
        relay.is_cut = False

        await tab.press("check")

        await tab.when("desk.path === 'connected' && desk.agent.unfit.length === 0")
        await expect(tab.page.locator("#check-result")).to_have_text(
            "Everything works.", timeout=30_000
        )


async def test_after_a_call_that_got_no_audio_the_way_is_tried_again_by_itself(
    hotline: Centre, browser: Browser
) -> None:
    """The way was well before the call: nobody has to press a button for calls to come again."""
    async with seated(hotline, browser, IMPATIENT) as li:
        await li.tab.when("desk.path === 'connected'")
        await li.tab.page.evaluate(NO_AUDIO)
        await li.tab.when("desk.agent.unfit.includes('media-path-failed')")

        await li.tab.when("desk.path === 'connected' && desk.agent.unfit.length === 0")


async def waits_for(seat: ChromiumSeat) -> Caller:
    """Somebody calls and is offered to nobody, though the agent is ready."""
    caller = seat.hotline.caller()
    await caller.dial("2000")
    await caller.queued()
    assert await seat.tab.page.evaluate("[desk.call, desk.agent.state]") == [None, "ready"]
    assert await seat.tab.page.is_hidden("#fit")
    return caller


async def is_answered(seat: ChromiumSeat, caller: Caller) -> None:
    """The one who waited is offered at last."""
    await seat.tab.when("desk.call?.state === 'ringing'")
    await seat.tab.press("answer")
    await caller.call.hears(MICROPHONE)


async def test_who_takes_the_microphone_from_the_page_gives_it_back_and_is_called(
    hotline: Centre, browser: Browser
) -> None:
    async with seated(hotline, browser) as li:
        await li.context.clear_permissions()
        await li.tab.when("desk.agent.unfit.includes('microphone-denied')")
        assert "allow it beside the address" in await li.tab.text("#unfit")
        caller = await waits_for(li)

        await li.context.grant_permissions(["microphone"])

        await is_answered(li, caller)


async def test_a_stream_that_answers_too_late_gets_no_calls_until_it_is_quick_again(
    hotline: Centre, browser: Browser
) -> None:
    api = int(hotline.server.config["api"]["port"])
    async with (
        stream_relay(("127.0.0.1", api)) as relay,
        seated(hotline, browser, port=relay.port) as li,
    ):
        relay.delay = 1.5
        await li.tab.when("desk.agent.unfit.includes('stream-slow')")
        assert "too slow" in await li.tab.text("#unfit")
        caller = await waits_for(li)

        relay.delay = 0.0

        await is_answered(li, caller)


async def test_a_way_for_audio_that_is_blocked_between_two_calls_is_found_before_the_next(
    hotline: Centre, browser: Browser
) -> None:
    async with (
        audio_relay() as relay,
        seated(hotline, browser, IMPATIENT, through(relay)) as li,
    ):
        relay.target = ("127.0.0.1", await li.tab.page.evaluate("workerPort"))
        await li.tab.when("desk.path === 'connected'")
        relay.is_cut = True
        await li.tab.when("desk.agent.unfit.includes('media-path-failed')", within=20)
        assert "No audio connection" in await li.tab.text("#unfit")
        caller = await waits_for(li)

        relay.is_cut = False

        await is_answered(li, caller)
