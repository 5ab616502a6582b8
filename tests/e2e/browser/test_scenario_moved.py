"""A supervisor moves who waits to another queue, where an agent with a headset takes the call."""

import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.e2e.centre import Centre
from tests.interop.foreign_phones import pjsua

from .floor_page import WITHIN, choose, of_agent, shows, supervising
from .seat import CUSTOMER, seated

pytestmark = [pytest.mark.asyncio(loop_scope="package"), pytest.mark.interop]

NUMBER = "13912340080"


async def test_who_waits_where_nobody_is_gets_to_the_queue_of_somebody_who_answers(
    hotline: Centre, browser: Browser, tmp_path: Path
) -> None:
    async with supervising(hotline, browser) as floor:
        async with pjsua(tmp_path, NUMBER, tone=CUSTOMER) as customer:
            await customer.do("call", uri=hotline.server.uri("2000"))
            waiting = floor.locator("#queue-board tr[data-id=service]")
            await expect(waiting.locator("[data-column=waiting]")).to_have_text("1", timeout=WITHIN)
            await waiting.locator("a").click()
            line = floor.get_by_role("row", name=re.compile(NUMBER))
            await expect(line).to_be_visible(timeout=WITHIN)
            await line.locator(".box").click()
            await choose(floor, "#move .field", "headsets")
            await floor.click("#move-chosen")
            await shows(floor.locator("#moved"), "Moved: 1 of 1.")
            await expect(line).to_have_count(0, timeout=WITHIN)

            async with seated(hotline, browser) as li:  # whose calls of that queue begin at once
                await li.tab.talks(60)
                await li.tab.hears(CUSTOMER)
                contact = await li.tab.evaluate("desk.call.contact_id")
                await shows(li.tab.page.locator("main"), "headsets")
                await floor.click("#page a[href='/supervisor']")
                await shows(of_agent(floor, "li", "hand"), "headsets")
                await li.tab.press("hang-up")
                await customer.happened.next(event="ended")
        history = await hotline.history(contact)
    assert [one["agent_id"] for one in history["interactions"]] == ["li"]
    assert [one["queue"] for one in history["interactions"]] == ["headsets"]
