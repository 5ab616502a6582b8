"""Why a recording is masked and why an agent is away: chosen at the desk, in the centre's words."""

import pytest
from playwright.async_api import Browser, expect

from tests.e2e.centre import Centre

from . import axe
from .seat import RECORDED, seated

pytestmark = [pytest.mark.asyncio(loop_scope="package"), pytest.mark.interop]

SOON = 60_000  # ms, on a machine with much else to do


async def test_an_agent_masks_the_recording_and_lets_it_go_on_again(
    hotline: Centre, browser: Browser
) -> None:
    async with seated(hotline, browser) as li:
        page = li.tab.page
        recorded = page.locator("#recorded")
        caller = await li.call(RECORDED)
        await li.tab.press("answer")
        await li.tab.talks(30)
        await expect(recorded).to_have_text("Being recorded", timeout=SOON)
        await page.click("#mask")
        await page.get_by_role("menuitem", name="Card details").click()
        await expect(recorded).to_have_text("Masked: silence is recorded", timeout=SOON)
        await caller.happens("recording.masked", agent_id="li", reason="card_number")
        assert await axe.found(page) == []

        await page.reload()
        await li.tab.when("desk.link === 'up' && desk.call?.state === 'talking'", 30)
        await expect(recorded).to_have_text("Masked: silence is recorded", timeout=SOON)
        await page.click("#unmask")
        await caller.happens("recording.unmasked", ended_by="asked", asked_by="li")
        await expect(recorded).to_have_text("Being recorded", timeout=SOON)
        await li.tab.press("hang-up")
        await caller.call.ended()


async def test_reasons_are_said_in_the_language_of_the_page(
    hotline: Centre, browser: Browser
) -> None:
    async with seated(hotline, browser) as li:
        page = li.tab.page
        await page.click("#language")
        await page.click("#reason")
        offered = page.get_by_role("menuitem")
        await expect(offered).to_have_text(
            ["示忙", "小休", "午餐", "培训", "会议", "文书工作"], timeout=SOON
        )
        await offered.nth(4).click()
        await expect(page.locator("#state-name")).to_have_text("示忙 · 会议", timeout=SOON)
        await page.click("#language")
        await expect(page.locator("#state-name")).to_have_text("Not ready · Meeting", timeout=SOON)
