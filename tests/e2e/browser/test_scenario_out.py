"""At telephones and by touch: who is out with customers, an agent, and a supervisor."""

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from tests.e2e.centre import Centre

from . import axe
from .chromium import TELEPHONE, ChromiumTab, person
from .floor_page import WITHIN, of_agent, shows, supervising
from .seat import CALLER, GAO, seated
from .tab import MICROPHONE

pytestmark = [pytest.mark.asyncio(loop_scope="package"), pytest.mark.interop]

NUMBER = "+8613912340088"
SMALLEST = 24  # CSS pixels of what is touched: WCAG 2.2, 2.5.8
TOUCHED = """() => [...document.querySelectorAll("button, a.button, nav a, input, select")]
    .filter((one) => one.checkVisibility() && !one.closest(".visually-hidden, [aria-hidden]"))
    .map((one) => [one.id || one.textContent, one.getBoundingClientRect()])
    .filter(([, {width, height}]) => width > 1 && Math.min(width, height) < SMALLEST)
    .map(([name, {width, height}]) => `${name}: ${width} x ${height}`)
""".replace("SMALLEST", str(SMALLEST))


async def fits(page: Page, picture: Path) -> None:
    """Nothing is wider than the telephone, too small for a finger, or in anybody's way."""
    width = await page.evaluate("document.documentElement.scrollWidth")
    await page.screenshot(path=picture)
    assert width <= TELEPHONE["viewport"]["width"]
    assert (small := await page.evaluate(TOUCHED)) == [], small
    assert await axe.found(page) == []


async def faulty(hotline: Centre) -> dict[str, Any]:
    """A customer whose line is dead, and the order to go there."""
    li = hotline.agents["li"].desk
    numbers = [{"number": NUMBER, "use": "phone"}]
    status, customer = await li.post(
        "/api/v1/customers", name="高原", kind="person", numbers=numbers
    )
    assert status == 201, customer
    status, ticket = await li.post(
        "/api/v1/tickets",
        type="fault",
        subject="Line dead",
        form={"account": "12345678"},
        customer_id=customer["id"],
    )
    assert status == 201, ticket
    status, order = await li.post(
        f"/api/v1/tickets/{ticket['id']}/work-orders",
        instructions="Look at the box in the cellar",
        address="1 Main Street",
    )
    assert status == 201, order
    return {"customer": customer["id"], "ticket": ticket["id"], **order}


@pytest.mark.req("MO-01")
async def test_field_staff_agents_and_supervisors_work_at_telephones(
    hotline: Centre, browser: Browser, tmp_path: Path
) -> None:
    order = await faulty(hotline)
    await out_with_customers(hotline, browser, tmp_path, order)
    await serving_and_watching(hotline, browser, tmp_path)


async def out_with_customers(
    hotline: Centre, browser: Browser, folder: Path, order: dict[str, Any]
) -> None:
    """The order is accepted, done and told of; the record is found, read and written in."""
    async with person(browser, device=TELEPHONE) as context:
        context.set_default_timeout(WITHIN)
        tab = ChromiumTab(await context.new_page())
        page = tab.page
        await tab.open(int(hotline.server.config["api"]["port"]))
        await tab.type_in(GAO.id)

        repair = page.locator(f"[data-order={order['number']}]")
        await repair.locator("summary").tap()
        await shows(repair, "Look at the box in the cellar")
        await shows(repair, "Line dead")
        await fits(page, folder / "orders.png")
        for state in ("accepted", "en_route", "working"):
            await repair.locator(f"[data-report={state}]").tap()
            await expect(repair.locator(f"[data-report={state}]")).to_have_count(0, timeout=WITHIN)
        await repair.get_by_label("Note").fill("Cable replaced")
        await repair.locator("[data-report=done]").tap()
        await expect(repair).to_have_count(0, timeout=WITHIN)
        ticket = await hotline.chief.get(f"/api/v1/tickets/{order['ticket']}")
        assert ticket["state"] == "resolved"

        await page.tap("#new-task")
        await page.fill("#task [name=title]", "Order a new cabinet")
        await page.locator("#task [type=submit]").tap()
        task = page.locator("#own-work li", has_text="Order a new cabinet")
        await task.get_by_role("button").tap()
        await expect(task).to_have_count(0, timeout=WITHIN)

        await page.fill("#customer-search [name=q]", "高原")
        await page.locator("#customer-search [type=submit]").tap()
        await page.locator("#customers-found a").tap()
        await shows(page.locator("h1"), "高原")
        by_telephone = page.locator("#record a[href^='tel:']")
        assert await by_telephone.count() == 0  # until they say that they want to see it
        await page.tap("#reveal")
        assert await by_telephone.get_attribute("href") == f"tel:{NUMBER}"
        await hotline.book.when("record.read", record_id=order["customer"], read_by=GAO.id)
        await shows(page.locator("#timeline"), "Line dead")
        await page.fill("#timeline [name=text]", "Was at home, all well")
        await page.locator("#timeline [type=submit]").tap()
        await shows(page.locator("#timeline"), "Was at home, all well")
        await fits(page, folder / "customer.png")
        await page.get_by_role("tab", name="Tickets").tap()
        await page.tap("#new-ticket")
        await fits(page, folder / "ticket.png")
        await page.get_by_role("button", name="Cancel").tap()
        await page.tap("#language")
        await page.emulate_media(color_scheme="dark")
        await fits(page, folder / "customer.zh.png")

        refused = await page.evaluate(
            """async () => (await fetch("/api/v1/agents", {headers: {
                Authorization: `Bearer ${sessionStorage.getItem("hotline.session")}`}})).status"""
        )
        assert refused == 403  # the floor is not theirs
    assert tab.errors == []


async def serving_and_watching(hotline: Centre, browser: Browser, folder: Path) -> None:
    """A call is answered with a finger, and listened to with another."""
    async with (
        seated(hotline, browser, device=TELEPHONE) as li,
        supervising(hotline, browser, TELEPHONE) as floor,
    ):
        page = li.tab.page
        await fits(page, folder / "desk.png")
        await fits(floor, folder / "floor.png")
        caller = await li.call(caller=hotline.caller(number=NUMBER.removeprefix("+86")))
        await shows(page.locator("#customer .name"), "高原")
        await page.tap("#answer")
        await li.tab.talks()
        await caller.call.hears(MICROPHONE)
        await li.tab.hears(CALLER)
        await fits(page, folder / "call.png")

        await shows(of_agent(floor, "li", "hand"), "service")
        await floor.locator("#agent-grid tr[data-id=li] button").tap()
        await shows(floor.locator("#drawer #contact"), NUMBER.removeprefix("+86"))
        await floor.tap("#listen-monitor")
        await caller.happens("listen.started", supervisor_id="boss", mode="monitor")
        await fits(floor, folder / "listening.png")
        await page.tap("#hang-up")
        await caller.over()
