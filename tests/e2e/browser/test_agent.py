"""The agent's desk around the call: whose it is, and what becomes of it."""

import re
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from tests.e2e.centre import Centre
from tests.e2e.people import Caller

from .outcomes import careful
from .seat import CAREFUL, ChromiumSeat, seated

pytestmark = [pytest.mark.asyncio(loop_scope="package"), pytest.mark.interop]

WITHIN = 30_000  # ms


async def shows(page: Page, where: str, what: str) -> None:
    await expect(page.locator(where)).to_contain_text(what, timeout=WITHIN)


async def served(li: ChromiumSeat, caller: Caller) -> None:
    await li.tab.press("answer")
    await li.tab.talks(30)


async def test_nobody_matches_so_the_customer_is_created_and_stands_at_the_next_call(
    hotline: Centre, browser: Browser
) -> None:
    async with seated(hotline, browser) as li:
        page = li.tab.page
        caller = await li.call()
        await served(li, caller)
        await shows(page, "#match", "No customer found")
        await page.click("#create-customer")
        number = await page.input_value("#new-customer input[name=number]")
        await page.fill("#new-customer input[name=name]", "李娜")
        await page.keyboard.press("Enter")
        await shows(page, "#customer .name", "李娜")
        await li.tab.when("desk.call.pop.customer.match === 'one'", 30)

        await page.click("role=tab[name='Tickets']")
        await page.click("#new-ticket")
        await page.fill("#ticket input[name=subject]", "half a subject")
        await page.click("role=tab[name='Timeline']")
        await expect(page.locator("#ticket")).to_be_hidden(timeout=WITHIN)
        await page.click(
            "role=tab[name='Tickets']"
        )  # what is looked up meanwhile takes nothing away
        await expect(page.locator("#ticket input[name=subject]")).to_have_value("half a subject")

        await page.reload()  # a note in progress, too, is where it was
        await li.tab.when("desk.link === 'up' && desk.call?.state === 'talking'", 30)
        await shows(page, "#customer .name", "李娜")
        await li.tab.press("hang-up")
        await caller.call.ended()

        again = await li.call(caller=hotline.caller(number=f"{caller.number}"))
        await shows(page, "#customer .name", "李娜")
        await page.click("role=tab[name='Timeline']")
        await shows(page, "#timeline", "Contact")
        again.leave()
    assert number.endswith(caller.number[-11:])


async def test_a_call_that_rings_on_another_page_is_answered_there(
    hotline: Centre, browser: Browser
) -> None:
    async with seated(hotline, browser) as li:
        page = li.tab.page
        await page.click("nav a[href='/recordings']")
        caller = await li.call()
        await shows(page, "#call-bar", "Incoming call")
        await page.keyboard.press("Control+Alt+KeyA")
        await li.tab.talks(30)
        await shows(page, "#call-bar", "Talking")
        await page.click("#call-bar a")
        await shows(page, "#call-state", "Talking")
        assert await page.locator("#call-bar").count() == 0
        await li.tab.press("hang-up")
        await caller.call.ended()


async def test_an_agent_who_works_by_keyboard_looks_at_reasons_and_is_where_they_went(
    hotline: Centre, browser: Browser
) -> None:
    async with seated(hotline, browser) as li:
        page = li.tab.page
        await expect(page).to_have_title("Desk · Hotline", timeout=WITHIN)
        await li.tab.when("desk.lists.not_ready_reasons.includes('lunch')", 30)
        await page.focus("#reason")
        await page.keyboard.press("Enter")
        lunch = page.get_by_role("menuitem", name="Lunch")
        for _ in range(20):
            if await lunch.evaluate("item => item === document.activeElement"):
                break
            await page.keyboard.press("ArrowDown")
        await expect(lunch).to_be_focused(timeout=WITHIN)
        assert await li.tab.evaluate("desk.agent.state") == "ready"
        await page.keyboard.press("Enter")
        await li.tab.when("desk.agent.state === 'not_ready' && desk.agent.reason === 'lunch'", 30)

        await page.focus("nav a[href='/recordings']")
        await page.keyboard.press("Enter")
        named = re.compile("(Recordings|reviews) · Hotline", re.IGNORECASE)
        await expect(page).to_have_title(named, timeout=WITHIN)
        await expect(page.locator("h1")).to_be_focused(timeout=WITHIN)


async def test_several_match_and_the_agent_chooses(hotline: Centre, browser: Browser) -> None:
    agent = hotline.agents["li"].desk
    caller = hotline.caller()
    numbers = [{"number": f"+86{caller.number}", "use": "phone"}]
    for name in ("王伟", "王芳"):
        status, _ = await agent.post("/api/v1/customers", name=name, kind="person", numbers=numbers)
        assert status == 201
    async with seated(hotline, browser) as li:
        page = li.tab.page
        await li.call(caller=caller)
        await served(li, caller)
        await shows(page, "#match", "Possible customers")
        await page.click("role=button[name='Choose 王芳']")
        await shows(page, "#customer .name", "王芳")
        await caller.arrived()
        told: dict[str, Any] = await agent.when(
            f"/api/v1/contacts/{caller.contact_id}",
            lambda history: len(history["contact"]["customer_ids"]) == 1,
        )
        chosen = await agent.get(f"/api/v1/customers/{told['contact']['customer_ids'][0]}")
        await li.tab.press("hang-up")
    assert chosen["name"] == "王芳"


async def test_a_wrap_up_keeps_the_agent_until_its_form_is_filled_and_a_reload_what_was_typed(
    hotline: Centre, browser: Browser
) -> None:
    await careful(hotline)
    async with seated(hotline, browser) as li:
        page = li.tab.page
        caller = await li.call(CAREFUL)
        await served(li, caller)
        await page.fill("#note-text", "wants it by Fri")
        caller.leave()
        await li.tab.when("desk.agent.state === 'wrap_up' && desk.agent.wrap_up", 30)
        await shows(page, "#owed", "needs an outcome")
        await shows(page, "#wrap-up-left", "Left")
        interaction = await li.tab.evaluate("desk.agent.wrap_up.interaction_id")

        await page.select_option("#outcome-code", "late")
        await shows(page, "#outcome", "How many days late was it?")
        await page.fill("#outcome-note", "the parcel came on ")
        await page.fill("#outcome input[name=days]", "3")
        await li.tab.press("ready")
        await shows(page, "#alert", "needs an outcome first")
        assert await li.tab.evaluate("desk.agent.state") == "wrap_up"

        await page.reload()
        await li.tab.when("desk.link === 'up' && desk.agent.state === 'wrap_up'", 30)
        await expect(page.locator("#outcome input[name=days]")).to_have_value("3", timeout=WITHIN)
        await expect(page.locator("#outcome-note")).to_have_value(re.compile("the parcel came on"))
        await expect(page.locator("#note-text")).to_have_value("wants it by Fri", timeout=WITHIN)
        await li.tab.press("extend-wrap-up")
        await page.click("text=Ready when done")
        await page.click("#record-outcome")
        await shows(page, "#recorded", "the parcel came on")

        await page.click("role=button[name='Change']")  # begins with what stands
        await expect(page.locator("#outcome input[name=days]")).to_have_value("3", timeout=WITHIN)
        await page.fill("#outcome-note", "the parcel came on Friday")
        await page.click("#record-outcome")
        await li.tab.when("desk.agent.state === 'ready'", 30)

        agent = hotline.agents["li"].desk
        recorded = await agent.get(f"/api/v1/interactions/{interaction}/disposition")
        form = await agent.get(f"/api/v1/filled-forms/{recorded['filled_form_id']}")
        drafts = await agent.when(
            "/api/v1/drafts", lambda kept: all(one["kind"] != "disposition" for one in kept)
        )
    assert (recorded["code"], form["values"]) == ("late", {"days": 3})
    assert recorded["note"] == "the parcel came on Friday"
    notes = [one["content"] for one in drafts if one["kind"] == "note"]
    assert notes == [{"text": "wants it by Fri"}]
