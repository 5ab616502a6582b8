"""A newcomer: who one can be, and a call from the page that explains it."""

import pytest
from playwright.async_api import Browser

from tests.e2e.centre import Centre
from tests.e2e.talking import speak
from tests.running_server import PASSWORD

from . import axe, ears
from .chromium import ChromiumTab, person
from .seat import COLLEAGUE, LI, WANG
from .tab import MICROPHONE

pytestmark = [pytest.mark.asyncio(loop_scope="package"), pytest.mark.interop]


async def test_the_page_says_who_one_can_be_and_calls_the_hotline(
    hotline: Centre, browser: Browser
) -> None:
    async with (
        hotline.on_duty(WANG.id, on_ring=speak(COLLEAGUE)) as (wang,),
        person(browser) as context,
    ):
        tab = ChromiumTab(await context.new_page())
        await tab.page.goto(f"http://localhost:{hotline.server.config['api']['port']}/start")
        await tab.page.wait_for_selector("#demo-password")
        assert await tab.text("#demo-password") == PASSWORD
        assert await axe.found(tab.page) == []

        await tab.page.click("button:has-text('2000')")
        at_agent = await wang.rung()
        await at_agent.hears(MICROPHONE)
        await ears.until(
            tab.heard, lambda hz: hz is not None and abs(hz - COLLEAGUE) < 15, COLLEAGUE
        )
        assert await axe.found(tab.page) == []
        await tab.press("end-call")
        await tab.page.wait_for_selector("#call-over")
        await wang.is_in("ready")

        async with context.expect_page() as opened:
            await tab.page.click("text=Log in as Li")
        desk = await opened.value
        assert await desk.input_value("#agent-id") == LI.id
        assert tab.errors == []
