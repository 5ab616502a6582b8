"""A supervisor's page of the rules that raise alerts: who waits raises one on the floor."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.e2e.centre import Centre

from .administration import SOON, choose, visit
from .floor_page import WITHIN, is_for_everybody, looks, shows, supervising

pytestmark = [pytest.mark.asyncio(loop_scope="package"), pytest.mark.interop]


async def test_a_rule_is_made_raises_its_alert_is_changed_and_taken_away(
    hotline: Centre, browser: Browser, tmp_path: Path
) -> None:
    async with supervising(hotline, browser) as page:
        await visit(page, "alert-rules")
        await page.click("#add")
        await page.fill("[name=zh]", "有人排队")
        await page.fill("[name=en]", "Somebody waits")
        await choose(page.locator("#rule-severity"), "Critical")
        await choose(page.locator("#rule-name"), "service")
        await choose(page.locator("#rule-measure"), "Service level")
        await choose(page.locator("#rule-window"), "this interval")
        await is_for_everybody(page)
        await choose(page.locator("#rule-measure"), "Waiting")
        await page.get_by_role("textbox", name="Bound", exact=True).fill("0")
        await page.get_by_label("Seconds until it is raised").fill("0")
        await page.get_by_label("Seconds until it is over").fill("0")
        await looks(page, tmp_path / "rule")
        await page.click("#save")
        await expect(page.locator("#versions ol > li")).to_have_count(1, timeout=SOON)

        caller = hotline.caller()
        await caller.dial("2000")
        await caller.queued()
        await page.click("nav a[href='/supervisor']")
        alert = page.locator("[data-alert=threshold]")
        await shows(alert, "Somebody waits")
        await shows(alert, "service")
        await page.click("#alerts a[href='/administrator/alert-rules']")
        row = page.get_by_role("row", name="Somebody waits")
        await shows(row, "Waiting > 0, at once")
        usual = page.locator("#forecasts")  # is looked at each minute
        await expect(usual).to_contain_text("Queue service", timeout=3 * SOON)
        await looks(page, tmp_path / "rules")

        await row.click()
        await page.get_by_role("textbox", name="Bound", exact=True).fill("50")
        await page.click("#save")
        await shows(page.locator("#versions"), "above: 0 → 50")
        await page.click("nav a[href='/supervisor']")
        await expect(alert).to_have_count(0, timeout=WITHIN)  # who waits is no alert any more
        caller.leave()
        await caller.over()

        await page.click("#alerts a[href='/administrator/alert-rules']")
        await row.click()
        await page.click("#remove")
        await page.click("#remove-really")
        await shows(page.locator("table >> nth=0"), "No rule is defined yet.")
