"""An administrator's pages: what is defined there holds, and what it was can be had back."""

import aiohttp
import pytest
from playwright.async_api import Page, expect

from tests.e2e.centre import Centre

from . import axe
from .administration import SOON, visit

pytestmark = [pytest.mark.asyncio(loop_scope="package"), pytest.mark.interop]


async def test_a_skill_is_defined_changed_and_rolled_back(
    hotline: Centre, administrator: Page
) -> None:
    page = administrator
    await visit(page, "skills")
    await page.click("#add")
    await page.fill("[name=id]", "mortgages")
    await page.fill("[name=zh]", "房贷")
    await page.fill("[name=en]", "Mortgages")
    await page.click("#save")
    await expect(page.locator("#versions ol > li")).to_have_count(1, timeout=SOON)
    await page.fill("[name=en]", "Home loans")
    await page.press("[name=en]", "Enter")
    await expect(page.locator("#saved")).to_contain_text("version 2", timeout=SOON)
    await page.keyboard.press("Tab")  # the keys are where the form is
    await expect(page.locator("[name=zh]")).to_be_focused()
    await expect(page.locator("#versions")).to_contain_text(
        "labels.en: Mortgages → Home loans", timeout=SOON
    )
    assert await axe.found(page) == []
    await page.locator("#versions ol > li").nth(1).locator("button").click()
    await page.click("#sure")
    await expect(page.locator("#versions ol > li")).to_have_count(3, timeout=SOON)
    async with aiohttp.ClientSession(hotline.server.api) as rest:
        headers = {"Authorization": f"Bearer {hotline.chief.token}"}
        async with rest.get("/api/v1/skills/mortgages", headers=headers) as response:
            assert (await response.json())["labels"] == {"zh": "房贷", "en": "Mortgages"}
