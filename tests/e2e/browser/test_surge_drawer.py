"""What a supervisor sees of a surge, and how its callers are told something at once."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.e2e.centre import Centre

from .floor_page import WITHIN, looks, shows, supervising

pytestmark = [pytest.mark.asyncio(loop_scope="package"), pytest.mark.interop]


async def test_a_surge_is_broken_down_and_its_callers_are_told_in_one_click(
    hotline: Centre, browser: Browser, tmp_path: Path
) -> None:
    async with supervising(hotline, browser) as page:
        alert = page.locator("[data-alert=surge]")
        await shows(alert, "Surge of arrivals: careful")
        await alert.get_by_role("button", name="What is new about it").focus()
        await page.keyboard.press("Enter")
        drawer = page.locator("#drawer")
        await shows(drawer, "60 in 5 min")
        region = drawer.locator("[data-dimension=region]")
        await shows(region.get_by_role("row", name="Wuhan, Hubei"), "80%")
        await shows(drawer.locator("[data-dimension=menu_path]"), "bank: cards")
        await looks(page, tmp_path / "surge")

        await drawer.get_by_role("button", name="Announce").click()
        told = drawer.locator(".broadcasts li")
        await shows(told, "more calls than usual")
        queues = await hotline.chief.get("/api/v1/queues")
        [careful] = [one for one in queues if one["name"] == "careful"]
        [broadcast] = careful["broadcasts"]
        assert set(broadcast["texts"]) == {"zh", "en"}
        await told.get_by_role("button").click()
        await expect(told).to_have_count(0, timeout=WITHIN)

        await page.press("#drawer", "Escape")
        await expect(drawer).to_have_count(0)
