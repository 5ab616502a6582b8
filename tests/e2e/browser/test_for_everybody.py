"""The pages with a screen reader, by keyboard alone, in both languages, light and dark."""

import pytest
from playwright.async_api import Browser, Page

from tests.e2e.centre import Centre

from . import axe
from .chromium import ChromiumTab, person
from .seat import seated

pytestmark = [pytest.mark.asyncio(loop_scope="package"), pytest.mark.interop]


async def assert_nothing_stands_in_the_way(page: Page) -> None:
    """In both themes and languages; afterwards all is as it was before."""
    for button in ("#theme", "#language", "#theme", "#language"):
        if await page.is_visible(button):
            await page.click(button)
        assert await axe.found(page) == [], button


async def test_log_in(hotline: Centre, browser: Browser) -> None:
    async with person(browser) as context:
        tab = ChromiumTab(await context.new_page())
        await tab.open(int(hotline.server.config["api"]["port"]))
        await tab.page.wait_for_selector("#log-in")
        await assert_nothing_stands_in_the_way(tab.page)


async def test_the_desk_before_and_in_a_call(hotline: Centre, browser: Browser) -> None:
    async with seated(hotline, browser) as li:
        await assert_nothing_stands_in_the_way(li.tab.page)
        await li.talk()
        for box in ("keypad", "transfer", "read-out"):
            await li.tab.page.click(f"#{box}-box summary")
        await assert_nothing_stands_in_the_way(li.tab.page)
        await li.tab.press("hang-up")


async def test_a_call_is_answered_and_ended_by_keys_alone(
    hotline: Centre, browser: Browser
) -> None:
    async with seated(hotline, browser) as li:
        caller = await li.call()
        await li.tab.page.keyboard.press("Control+Alt+A")
        await li.tab.talks()
        await li.tab.page.keyboard.press("Control+Alt+H")
        await li.tab.when("desk.call?.talk?.state === 'on_hold'")
        await li.tab.page.focus("#note-text")
        await li.tab.page.keyboard.type("called back")
        await li.tab.page.keyboard.press("Enter")
        await li.tab.when("desk.call?.pop?.notes.some(({text}) => text === 'called back')")
        await li.tab.page.keyboard.press("Control+Alt+E")
        assert (await caller.over())[0] == "handled"
