"""What an agent finds is spoken to the customer alone; then they are back, let go, or asked."""

import pytest
from playwright.async_api import Browser

from tests.e2e.centre import Centre

from .seat import ChromiumSeat, seated
from .tab import MICROPHONE

pytestmark = [pytest.mark.asyncio(loop_scope="package"), pytest.mark.interop]

QUESTION = 700  # Hz


async def looked_up(li: ChromiumSeat) -> None:
    """What the page has found for the customer on the line, which the agent will not hear."""
    page = li.tab.page
    await page.click("#read-out-box summary")
    await page.wait_for_selector("#look-up:visible")
    await page.select_option("#query", "calls_from_number")
    await page.click("#look-up button")
    await page.wait_for_selector("#rows tbody tr")
    await page.uncheck("#side-tone")


@pytest.mark.req("AG-10")
async def test_the_customer_hears_what_was_found_and_is_then_back_let_go_or_asked_how_it_was(
    hotline: Centre, browser: Browser
) -> None:
    async with seated(hotline, browser) as li:
        page = li.tab.page
        page.set_default_timeout(40_000)
        caller = await li.talk()
        await caller.happens("interaction.started")
        await looked_up(li)
        await li.tab.press("start-read-rows")
        await caller.happens("read_out.started", side_tone=False)
        ended = await caller.happens("read_out.ended", within=60)
        await li.tab.talks(30)
        await caller.call.hears(MICROPHONE)  # back with the agent
        assert ended.data["outcome"] == "finished"

        await page.wait_for_selector("#read-rows-and-leave:enabled")
        await li.tab.press("read-rows-and-leave")
        await li.tab.when("desk.call === null", 30)
        assert await caller.over(within=60) == ("handled", "agent-hung-up")

        await li.tab.when("desk.agent.state === 'ready'", 30)
        caller = await li.talk()
        await caller.happens("interaction.started")
        await looked_up(li)
        await page.select_option("#afterwards", "survey")
        await li.tab.press("read-rows-and-leave")
        await li.tab.when("desk.call === null", 30)
        await caller.happens("read_out.ended", outcome="finished", within=60)
        await caller.happens("contact.node_entered", node="rate")
        await caller.call.hears(QUESTION)
        await caller.call.press("5")
        rated = await caller.happens("contact.rated")
        caller.leave()
        await caller.over()
    assert rated.data["rating"] == 5
