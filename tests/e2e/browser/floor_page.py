"""The supervisor's page of the floor in Chromium, and what it shows."""

import contextlib
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Locator, Page, expect

from tests.e2e.centre import Centre
from tests.running_server import PASSWORD

from . import axe
from .chromium import person

WIDE = {"viewport": {"width": 1366, "height": 768}}
WITHIN = 40_000.0  # ms until something that must be shown counts as missing


@contextlib.asynccontextmanager
async def supervising(
    hotline: Centre, browser: Browser, device: Mapping[str, Any] = WIDE
) -> AsyncIterator[Page]:
    """The floor, as boss sees it; nothing goes wrong in the page meanwhile."""
    errors: list[str] = []

    def said(message: Any) -> None:
        if message.type == "error":
            errors.append(f"{message.text} {message.location}")

    port = hotline.server.config["api"]["port"]
    async with person(browser, device=device) as context:
        context.set_default_timeout(WITHIN)
        page = await context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", said)
        await page.goto(f"http://localhost:{port}/supervisor")
        await page.fill("#agent-id", "boss")
        await page.fill("#password", PASSWORD)
        await page.press("#password", "Enter")
        await page.wait_for_selector("#agent-grid tbody tr")
        try:
            yield page
        finally:
            hotline.everybody_hangs_up()
            await hotline.agents["wang"].desk.set_state("not_ready")
            await hotline.agents["wang"].is_in("not_ready")
    assert errors == [], errors


def of_agent(page: Page, agent: str, column: str) -> Locator:
    return page.locator(f"#agent-grid tr[data-id={agent}] [data-column={column}]")


async def shows(place: Locator, text: str) -> None:
    await expect(place).to_contain_text(text, timeout=WITHIN)


async def choose(page: Page, select: str, option: str) -> None:
    await page.click(f"{select} button")
    await page.locator(".popover .option").get_by_text(option, exact=True).click()


async def is_for_everybody(page: Page) -> None:
    violations = await axe.found(page)
    assert violations == [], violations


async def looks(page: Page, file: Path) -> None:
    """In Chinese and dark, in English and light, and on a telephone."""
    await page.click("#language")
    await page.emulate_media(color_scheme="dark")
    await is_for_everybody(page)
    await page.screenshot(path=file.with_suffix(".zh.png"))
    await page.click("#language")
    await page.emulate_media(color_scheme="light")
    await page.screenshot(path=file.with_suffix(".en.png"))
    await page.set_viewport_size({"width": 400, "height": 800})
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await page.screenshot(path=file.with_suffix(".small.png"))
    await page.set_viewport_size({"width": 1366, "height": 768})
