"""What an administrator's pages say of queues, numbers, calendars and trunks is so for callers."""

import pytest
from playwright.async_api import Page, expect

from tests.e2e.centre import Centre

from . import axe
from .administration import SOON, choose, saved, visit

pytestmark = [pytest.mark.asyncio(loop_scope="package"), pytest.mark.interop]


async def test_a_queue_and_a_number_made_here_lead_a_caller_out_as_they_say(
    hotline: Centre, administrator: Page
) -> None:
    page = administrator
    await visit(page, "codes")
    await page.click("#add")
    named = page.locator(".choices .choice", has_text="service")
    await expect(named).to_have_count(1, timeout=SOON)  # as they are called, not as defined
    await visit(page, "queues")
    await expect(page.locator("table")).to_contain_text("service", timeout=SOON)
    await page.click("#add")
    await page.fill("[name=id]", "night")
    await page.fill("[name=title-en]", "Night")
    await saved(page, 1)
    await page.fill("[name=wrap_up]", "1:30")
    await page.click("#add-overflow")
    await page.fill("[name=overflow-0-time]", "soon")
    await page.click("#save")
    await expect(page.locator("#overflow")).to_contain_text("1:30", timeout=SOON)  # how to write it
    await page.fill("[name=overflow-0-time]", "1")
    await page.press("[name=overflow-0-time]", "Tab")  # what was told goes when the field is left
    await choose(page.locator("#overflow-0-then"), "the call ends")
    await saved(page, 2)
    await expect(page.locator("#versions")).to_contain_text("wrap_up: — → PT1M30S")
    await page.locator("#disposition-rule label").click()
    await expect(page.locator("#disposition-rule input")).to_be_checked(timeout=SOON)
    assert await axe.found(page) == []
    settings = (await hotline.chief.get("/api/v1/queue-definitions/night"))["settings"]
    assert [(rule["time"], rule["then"]) for rule in settings["overflow"]] == [("PT1S", "hang_up")]
    assert (settings["wrap_up"], settings["ring_for"]) == ("PT1M30S", "PT20S")

    await visit(page, "numbers")
    await page.locator("table tbody tr", has_text="2000").first.click()
    await page.click("#save", timeout=SOON)  # with nothing changed: it stays the file's
    await expect(page.locator("#saved")).not_to_be_empty(timeout=SOON)
    await expect(page.locator("#origin")).to_contain_text("file")
    [number] = [
        one for one in await hotline.chief.get("/api/v1/numbers") if one["number"] == "2000"
    ]
    assert number["origin"] == "file"
    await visit(page, "numbers")
    await page.click("#add")
    await page.fill("[name=number]", "2900")
    await choose(page.locator("#to-queue"), "Night")
    await saved(page, 1)
    assert await axe.found(page) == []

    caller = hotline.caller()
    await caller.dial("2900")

    left = await caller.happens("contact.diverted", within=60)
    assert [left.data[name] for name in ("queue", "reason", "to")] == ["night", "waited", "hang_up"]
    assert (await caller.over(60))[1] == "overflowed"


async def test_a_holiday_that_is_typed_in_is_closed(hotline: Centre, administrator: Page) -> None:
    page = administrator
    await visit(page, "calendars")
    await page.click("#add")
    await page.fill("[name=id]", "shop")
    await page.fill("[name=zh]", "门店")
    await page.fill("[name=en]", "Shop")
    await page.fill("[name=mon]", "9-5")
    await page.click("#save")
    await expect(page.locator("form")).to_contain_text("09:00–12:00, 13:30–18:00,", timeout=SOON)
    await page.fill("[name=mon]", "09:00-12:00, 13:30-18:00")
    await page.press("[name=mon]", "Tab")  # what was told goes when the field is left
    await page.click("#add-days")
    await page.fill("[name=date]", "2030-10-01")
    await page.fill("[name=day-zh]", "国庆节")
    await page.fill("[name=day-en]", "National Day")
    await saved(page, 1)

    for moment, answer in (("2030-10-01T10:00", "closed"), ("2030-10-02T10:00", "open")):
        await page.fill("[name=open-at]", moment)
        await page.click("#ask-open")
        await expect(page.locator("#open-at .pill")).to_have_text(answer, timeout=SOON)
    assert await axe.found(page) == []
    hours = (await hotline.chief.get("/api/v1/working-calendars/shop"))["hours"]
    assert hours["week"]["mon"] == [["09:00", "12:00"], ["13:30", "18:00"]]
    labels = {"zh": "国庆节", "en": "National Day"}
    assert hours["holidays"] == [{"date": "2030-10-01", "labels": labels}]


async def test_a_trunk_is_alive_when_it_answers(hotline: Centre, administrator: Page) -> None:
    page = administrator
    await visit(page, "trunks")
    await expect(page.locator("#trunk-carrier .pill")).to_have_text("alive", timeout=SOON)
    assert await axe.found(page) == []
    [carrier] = [
        one for one in await hotline.chief.get("/api/v1/trunks") if one["trunk"] == "carrier"
    ]
    assert carrier["health"]["state"] == "up"
    await expect(page.locator("table")).to_contain_text("+86")
