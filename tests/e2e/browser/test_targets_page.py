"""A supervisor's pages of targets: one is made, calls turn it red, and what is done is noted."""

import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.e2e.centre import Centre

from .floor_page import WITHIN, choose, is_for_everybody, looks, shows, supervising

pytestmark = [pytest.mark.asyncio(loop_scope="package"), pytest.mark.interop]


async def test_a_target_is_made_missed_acted_upon_and_ended(
    hotline: Centre, browser: Browser, tmp_path: Path
) -> None:
    async with supervising(hotline, browser) as page:
        await page.click("nav >> text=Targets")
        await page.click("#new-target")
        await choose(page, "#target-form .fields >> nth=0 >> .field >> nth=0 >>", "Queue")
        await choose(page, "#target-form .fields >> nth=0 >> .field >> nth=1 >>", "service")
        await choose(page, "#target-form .fields >> nth=0 >> .field >> nth=2 >>", "Speed of answer")
        await page.get_by_label("Green bound").fill("0")
        await page.get_by_label("Yellow bound").fill("0")
        await is_for_everybody(page)
        await page.screenshot(path=tmp_path / "form.png")
        await page.click("#save-target")
        row = page.get_by_role("row", name="Speed of answer")
        await expect(row).to_contain_text("≤ 00:00", timeout=WITHIN)

        async with hotline.on_duty("wang"):
            caller = hotline.caller()
            await caller.dial("2000")
            await caller.happens("interaction.started", agent_id="wang")
            caller.leave()
            await caller.over()
        for column in ("recent", "interval", "today"):
            light = row.locator(f"[data-column={column}] [data-light=red]")
            await expect(light).to_contain_text("missed", timeout=WITHIN)
        await looks(page, tmp_path / "targets")

        await row.get_by_role("link").focus()
        await page.keyboard.press("Enter")
        await expect(page.locator("#history rect[data-light=red]")).to_have_count(1, timeout=WITHIN)
        await page.get_by_role("textbox", name="What is done").fill("Two more agents at noon.")
        await page.keyboard.press("Enter")
        action = page.locator("#actions li")
        await shows(action, "Two more agents at noon.")
        await shows(action, "noted by boss")
        await expect(action.locator("[data-light=red]")).to_be_visible()
        await looks(page, tmp_path / "target")
        await action.get_by_label("Outcome").fill("Answered sooner.")
        await page.keyboard.press("Enter")
        await shows(action, "Outcome: Answered sooner.")

        await page.click("#change-target")
        await page.get_by_label("Green bound").fill("300")
        await page.get_by_label("Yellow bound").fill("600")
        [target] = await hotline.chief.get("/api/v1/targets")
        other = target["definition"] | {"green": 1, "yellow": 2}
        body = {"version": target["version"], "definition": other}
        await hotline.chief.patch(f"/api/v1/targets/{target['id']}", **body)
        await expect(page.locator("#reload-target")).to_be_visible(timeout=WITHIN)
        await expect(page.get_by_label("Green bound")).to_have_value(re.compile("300"))
        await page.click("#reload-target")
        await expect(page.get_by_label("Green bound")).to_have_value(re.compile(r"^1\b"))
        await page.get_by_label("Green bound").fill("500")
        await page.get_by_label("Yellow bound").fill("600")
        await page.click("#save-target")
        await shows(page.locator("dl.facts"), "08:20")
        await expect(page.locator("dl.facts [data-light=green]")).to_have_count(3, timeout=WITHIN)
        await page.click("#end-target")
        await is_for_everybody(page)
        await page.click("#remove-target")
        await shows(page.locator("#targets + .empty"), "No targets are defined.")
