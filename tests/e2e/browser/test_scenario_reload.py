"""An agent's page is reloaded in a call: the call, its sound and what was being written stay."""

from pathlib import Path

import numpy as np
import pytest
from playwright.async_api import Browser, expect

from tests.audio import RATE, loudest_frequency
from tests.e2e.centre import Centre
from tests.interop.foreign_phones import pjsua

from .floor_page import WITHIN, of_agent, shows, supervising
from .seat import CUSTOMER, seated
from .tab import MICROPHONE

pytestmark = [pytest.mark.asyncio(loop_scope="package"), pytest.mark.interop]

NUMBER = "13912340078"
FAINT = 300  # of 32,767


async def test_a_reload_in_a_call_loses_neither_the_call_nor_what_was_being_written(
    hotline: Centre, browser: Browser, tmp_path: Path
) -> None:
    numbers = [{"number": f"+86{NUMBER}", "use": "phone"}]
    status, _ = await hotline.agents["li"].desk.post(
        "/api/v1/customers", name="周杰", kind="person", numbers=numbers
    )
    assert status == 201
    async with supervising(hotline, browser) as floor:
        async with (
            pjsua(tmp_path, NUMBER, tone=CUSTOMER) as customer,
            seated(hotline, browser) as li,
        ):
            page = li.tab.page
            await customer.do("call", uri=hotline.server.uri("2000"))
            await li.tab.when("desk.call?.state === 'ringing'", 30)
            await li.tab.press("answer")
            await li.tab.talks(30)
            contact = await li.tab.evaluate("desk.call.contact_id")
            await shows(page.locator("#customer .name"), "周杰")
            await page.fill("#note-text", "asks for the invoice of May")
            await page.click("role=tab[name='Tickets']")
            await page.click("#new-ticket")
            await page.fill("#ticket input[name=subject]", "Invoice of May")
            await shows(of_agent(floor, "li", "hand"), "service")

            await page.reload()
            await li.tab.talks(30)
            await li.tab.hears(CUSTOMER)
            assert await li.tab.evaluate("desk.call.contact_id") == contact
            await shows(page.locator("#customer .name"), "周杰")
            written = page.locator("#note-text")
            await expect(written).to_have_value("asks for the invoice of May", timeout=WITHIN)
            await page.click("role=tab[name='Tickets']")
            subject = page.locator("#ticket input[name=subject]")
            await expect(subject).to_have_value("Invoice of May", timeout=WITHIN)
            await shows(of_agent(floor, "li", "hand"), "service")
            await page.press("#note-text", "Enter")  # and it is no copy to look at
            await expect(written).to_have_value("", timeout=WITHIN)
            with pytest.raises(TimeoutError):  # they talk on, and the customer hears the agent
                await customer.happened.next(within=2.0, event="ended")
            await li.tab.press("hang-up")
            await customer.happened.next(event="ended")
        history = await hotline.history(contact)
    assert [one["text"] for one in history["notes"]] == ["asks for the invoice of May"]
    assert [one["agent_id"] for one in history["interactions"]] == ["li"]
    heard = customer.heard()
    last = int(np.flatnonzero(np.abs(heard) > FAINT)[-1])
    assert abs(loudest_frequency(heard[last - RATE // 2 : last]) - MICROPHONE) < 15
