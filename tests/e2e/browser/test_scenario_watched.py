"""A supervisor sees the centre and each agent as they are at the moment, down to the contact."""

from statistics import median
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from tests.e2e.book import Seen
from tests.e2e.centre import Centre

from .floor_page import WITHIN, of_agent, shows, supervising

pytestmark = [pytest.mark.asyncio(loop_scope="package"), pytest.mark.interop]

FRESH = 1.0  # s
CALLERS = 5
NOTING = """() => {
    const cell = (row, column) =>
        document.querySelector(`${row} [data-column=${column}]`).textContent;
    globalThis.noted = [];
    new MutationObserver(() => {
        const shown = {
            state: cell("#agent-grid tr[data-id=wang]", "state"),
            waiting: cell("#queue-board tr[data-id=service]", "waiting"),
        };
        const last = noted.at(-1);
        if (last?.state === shown.state && last.waiting === shown.waiting) return;
        noted.push({...shown, at: Date.now() / 1000});
    }).observe(document.body, {subtree: true, childList: true, characterData: true});
}"""


async def age(page: Page, what: str, text: str, change: Seen) -> float:
    """Seconds from this change in the server until the page showed so."""
    happened = change.at.timestamp()
    noted: list[dict[str, Any]] = await page.evaluate("noted")
    ages = (float(one["at"]) - happened for one in noted if text in one[what])
    return next(age for age in ages if age >= 0)


@pytest.mark.req("SP-01")
async def test_centre_and_agents_are_shown_as_they_were_a_second_ago_at_most_down_to_the_contact(
    hotline: Centre, browser: Browser
) -> None:
    """By the median of several changes: a machine that stands still for a second is late once."""
    wang, ages = hotline.agents["wang"], {"agent": list[float](), "centre": list[float]()}
    async with supervising(hotline, browser) as page:
        await wang.desk.set_state("not_ready")
        await wang.is_in("not_ready")
        await page.evaluate(NOTING)
        for state, label in (("ready", "Ready"), ("not_ready", "Not ready")) * 3:
            before = hotline.book.last
            await wang.desk.set_state(state)
            change = await hotline.book.when(
                "agent.state_changed", after=before, agent_id="wang", state=state
            )
            await shows(of_agent(page, "wang", "state"), label)
            ages["agent"].append(await age(page, "state", label, change))

        waiting = page.locator("#queue-board tr[data-id=service] [data-column=waiting]")
        callers = [hotline.caller() for _ in range(CALLERS)]
        for number, caller in enumerate(callers, start=1):
            await caller.dial("2000")
            queued = await caller.queued()
            await expect(waiting).to_have_text(str(number), timeout=WITHIN)
            ages["centre"].append(await age(page, "waiting", str(number), queued))

        await wang.desk.set_state("ready")
        await wang.rung()
        await callers[0].happens("interaction.started", agent_id="wang")
        await page.click("#agent-grid tr[data-id=wang] button")
        await shows(page.locator("#drawer #contact"), callers[0].number)

    assert max(median(each) for each in ages.values()) <= FRESH, ages
