"""A customer complains by key 9; it is on the supervisor's page, with what was said, until seen."""

from typing import Any

import pytest
from playwright.async_api import Browser, expect

from simulator.audio import tone
from tests.e2e.centre import Centre
from tests.e2e.people import passed

from .floor_page import WITHIN, shows, supervising
from .seat import CUSTOMER, RATED

pytestmark = [pytest.mark.asyncio(loop_scope="package"), pytest.mark.interop]

QUESTION = 700  # Hz


async def test_a_complaint_is_an_alert_that_leads_to_the_contact_and_what_was_said(
    hotline: Centre, browser: Browser
) -> None:
    wang = hotline.agents["wang"]
    async with supervising(hotline, browser) as page:
        await wang.desk.set_state("ready")
        caller = hotline.caller()
        await caller.dial(RATED)
        at_wang = await wang.rung()
        await caller.happens("interaction.started", agent_id="wang")
        at_wang.hang_up()
        await caller.happens("survey.started", about_agent="wang")
        await caller.call.hears(QUESTION)
        await caller.call.press("9")
        await caller.happens("contact.node_entered", node="complaint")
        await passed(caller.call, 0.5)
        caller.call.say(tone(CUSTOMER))
        await passed(caller.call, 2.0)
        await caller.call.press("#")

        alert = page.locator("#alerts [data-alert=complaint]")
        await shows(alert, "wang")
        raised = await caller.happens("alert.raised", kind="complaint", about_agent="wang")
        await shows(alert, str(raised.data["ticket_number"]))
        await caller.over()
        await alert.get_by_role("button", name="Open contact").click()
        await shows(page.locator("#drawer #contact"), caller.number)
        await page.press("#drawer", "Escape")
        await expect(page.locator("#drawer")).to_have_count(0)
        await alert.get_by_role("button", name="Acknowledge").press("Enter")
        await expect(alert).to_have_count(0, timeout=WITHIN)

        def noted(listed: dict[str, Any]) -> bool:
            return raised.data["alert_id"] in {
                one["id"] for one in listed["items"] if one["acknowledged_by"] == "boss"
            }

        await hotline.chief.when("/api/v1/alerts", noted)
