"""What one agent writes down and a supervisor approves, another is led to in a call and judges."""

from typing import Any
from urllib.parse import quote

import pytest
from playwright.async_api import Browser, expect

from tests.e2e.centre import Centre
from tests.running_server import Desktop

from . import axe
from .floor_page import WITHIN, shows
from .seat import seated

pytestmark = [pytest.mark.asyncio(loop_scope="package"), pytest.mark.interop]

TITLE = "宽带退款办法"
DRAFT: dict[str, Any] = {
    "texts": {
        "zh": {"title": TITLE, "body": "退款需要七天。"},
        "en": {"title": "Refunds for broadband", "body": "A refund takes seven days."},
    },
    "keywords": ["返还"],
    "queues": ["service"],
    "menus": ["menu"],
}
LATER = {"en": {"title": "Refunds for broadband", "body": "A refund takes fourteen days."}}


async def approved(hotline: Centre, article: str) -> None:
    """Mei hands it in, the supervisor says yes."""
    for desk, step in ((hotline.agents["mei"].desk, "submit"), (hotline.chief, "approve")):
        version = (await desk.get(f"/api/v1/articles/{article}"))["version"]
        status, told = await desk.post(f"/api/v1/articles/{article}/{step}", version=version)
        assert status == 200, told


async def judged(hotline: Centre, article: str, useful: int, useless: int) -> None:
    """In all; and it was read in calls."""

    def counted(listed: dict[str, Any]) -> bool:
        [seen] = [one for one in listed["items"] if one["id"] == article]
        votes = (seen["useful"], seen["useless"])
        return votes == (useful, useless) and bool(seen["reads_in_contacts"])

    await hotline.chief.when("/api/v1/articles", counted)


async def suggested(desk: Desktop, contact: str, words: str) -> dict[str, list[str]]:
    path = f"/api/v1/articles/suggestions?contact_id={contact}&words={quote(words)}"
    return {one["id"]: one["reasons"] for one in await desk.get(path)}


@pytest.mark.req("AG-15")
async def test_an_article_is_suggested_by_queue_menu_and_keyword_found_read_judged_and_renewed(
    hotline: Centre, browser: Browser
) -> None:
    mei, desk = hotline.agents["mei"].desk, hotline.agents["li"].desk
    status, article = await mei.post("/api/v1/articles", **DRAFT)
    assert status == 201, article
    path = f"/api/v1/articles/{article['id']}"
    async with seated(hotline, browser) as li:
        page = li.tab.page
        page.set_default_timeout(WITHIN)
        caller = hotline.caller()
        call = await caller.dial("1000")
        await caller.happens("contact.node_entered", node="menu")
        await call.press("2")
        await li.tab.when("desk.call?.state === 'ringing'", 30)
        await li.tab.press("answer")
        await li.tab.talks(30)
        await page.click("role=tab[name='Knowledge']")
        await shows(page.locator("#knowledge"), "Nothing is suggested")  # a draft is nobody's yet

        await approved(hotline, article["id"])
        await page.reload()
        await li.tab.talks(30)
        await page.click("role=tab[name='Knowledge']")
        await shows(page.locator("#knowledge li"), "Refunds for broadband")
        await shows(page.locator("#knowledge li"), "queue")
        await shows(page.locator("#knowledge li"), "menu path")
        reasons = await suggested(desk, caller.contact_id, "返还")
        assert set(reasons[article["id"]]) == {"queue", "menu", "words"}
        assert await axe.found(page) == []

        await page.fill("#knowledge input[name=words]", "宽带怎么退款")
        await page.press("#knowledge input[name=words]", "Enter")
        await page.get_by_role("button", name=TITLE).click()
        await shows(page.locator("#article"), "A refund takes seven days.")
        useful = page.locator("#article").get_by_role("button", name="Useful", exact=True)
        await useful.click()
        await expect(useful).to_have_attribute("aria-pressed", "true", timeout=WITHIN)
        assert await axe.found(page) == []
        await judged(hotline, article["id"], 1, 0)

        version = (await mei.get(path))["version"]
        status, _ = await mei.post(f"{path}/versions", version=version, texts=LATER)
        assert status == 201
        await page.reload()  # the old text stands until the new one is approved
        await li.tab.talks(30)
        await page.click("role=tab[name='Knowledge']")
        await page.get_by_role("button", name="Refunds for broadband").click()
        await shows(page.locator("#article"), "seven days")
        await approved(hotline, article["id"])
        await page.reload()
        await li.tab.talks(30)
        await page.click("role=tab[name='Knowledge']")
        await page.get_by_role("button", name="Refunds for broadband").click()
        await shows(page.locator("#article"), "fourteen days")
        await judged(hotline, article["id"], 0, 0)  # what was said of the old text is not of this
        await li.tab.press("hang-up")
        await caller.over()

    versions = (await mei.get(f"{path}/versions"))["items"]
    assert [(one["number"], one["state"]) for one in versions] == [
        (2, "published"),
        (1, "replaced"),
    ]
