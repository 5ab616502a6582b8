"""The supervisors' page of recordings: found, heard in the browser, marked."""

import asyncio

import pytest
from playwright.async_api import Browser, ConsoleMessage, Page, Route

from simulator.audio import tone
from tests.e2e.centre import Centre
from tests.e2e.talking import speak
from tests.running_server import PASSWORD

from . import axe
from .chromium import ChromiumTab, person
from .seat import BOSS, CALLER, COLLEAGUE, RECORDED

pytestmark = [pytest.mark.asyncio(loop_scope="package"), pytest.mark.interop]

PITCH = """async () => {
    const bytes = await (await fetch(document.getElementById("sound").src)).arrayBuffer();
    const sound = await new OfflineAudioContext(1, 1, 8000).decodeAudioData(bytes);
    return Array.from({length: sound.numberOfChannels}, (_, channel) => {
        const samples = sound.getChannelData(channel).slice(8000, 16000);
        let crossings = 0;
        for (let at = 1; at < samples.length; at += 1)
            if (samples[at - 1] < 0 !== samples[at] < 0) crossings += 1;
        return crossings / 2;
    });
}"""
"""Hz of each channel of what the page plays, in its second second."""

REFUSED = {"type": "ConfirmationNeeded", "title": "", "status": 403, "detail": "recordings.play"}

PLACE = """() => {
    const sound = document.getElementById("sound");
    return [sound.src, sound.currentTime];
}"""


async def a_recorded_call(hotline: Centre) -> str:
    """Three seconds between a customer and an agent; the customer's number."""
    async with hotline.on_duty("wang", on_ring=speak(COLLEAGUE)):
        caller = hotline.caller()
        call = await caller.dial(RECORDED)
        call.say(tone(CALLER))
        await call.hears(COLLEAGUE)
        await asyncio.sleep(3)
        call.hang_up()
        assert (await caller.over())[0] == "handled"
    return caller.number


async def until(page: Page, condition: str) -> None:
    """Without a script of the page's: its policy would not have it."""
    async with asyncio.timeout(60):
        while not await page.evaluate(condition):  # noqa: ASYNC110 - the page tells nobody
            await asyncio.sleep(0.1)


async def test_a_call_is_found_heard_and_bookmarked(hotline: Centre, browser: Browser) -> None:
    number = await a_recorded_call(hotline)
    async with person(browser) as context:
        tab = ChromiumTab(await context.new_page())
        page = tab.page
        faults: list[str] = []

        def said(message: ConsoleMessage) -> None:
            if message.type == "error":
                faults.append(message.text)

        page.on("console", said)
        await tab.open(int(hotline.server.config["api"]["port"]))
        await tab.type_in(BOSS.id)
        await page.click("nav >> text=Recordings")

        found = f"[role=row]:has-text('{number}')"
        async with asyncio.timeout(60):
            while not await page.is_visible(found):
                await page.fill("[name=number]", number)
                await page.click("button:text-is('Search')")
                await asyncio.sleep(0.5)
        assert await axe.found(page) == []
        await page.click(found)
        await page.wait_for_selector("#waveform")
        await until(page, "document.getElementById('sound').duration > 2")
        customer, agent = await page.evaluate(PITCH)
        assert (customer, agent) == (
            pytest.approx(CALLER, abs=15),
            pytest.approx(COLLEAGUE, abs=15),
        )

        await page.click("#play")
        await until(page, "document.getElementById('sound').currentTime > 0.5")
        await page.click("#play")
        before, at = await page.evaluate(PLACE)
        await page.evaluate("document.getElementById('sound').dispatchEvent(new Event('error'))")
        await until(page, f"document.getElementById('sound').src !== '{before}'")  # another ticket
        await until(page, f"document.getElementById('sound').currentTime >= {at}")

        async def refuse(route: Route) -> None:
            await route.fulfill(status=403, json=REFUSED, content_type="application/problem+json")

        await page.route("**/audio-tickets", refuse)
        before, at = await page.evaluate(PLACE)
        await page.evaluate("document.getElementById('sound').dispatchEvent(new Event('error'))")
        await page.fill("[role=dialog] [name=password]", PASSWORD, timeout=60_000)
        await page.unroute("**/audio-tickets")
        await page.press("[role=dialog] [name=password]", "Enter")
        await until(page, f"document.getElementById('sound').src !== '{before}'")
        await until(page, f"document.getElementById('sound').currentTime >= {at}")
        assert [fault for fault in faults if "403" not in fault] == []
        faults.clear()
        await page.focus("#waveform")
        await page.keyboard.press("Home")
        await until(page, "document.getElementById('sound').currentTime === 0")
        await page.fill("form:has-text('Bookmark') input[type=text]", "greets")
        await page.press("form:has-text('Bookmark') input[type=text]", "Enter")
        await page.wait_for_selector("li:has-text('greets')")
        assert await axe.found(page) == []
        assert faults == tab.errors == []
        assert number not in page.url
