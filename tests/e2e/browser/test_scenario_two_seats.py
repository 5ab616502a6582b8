"""An agent's seat and a supervisor's: one page, and what each may do with a running call."""

import pytest
from playwright.async_api import Browser, expect

from tests.e2e.centre import Centre
from tests.e2e.people import passed

from .floor_page import WITHIN, choose, of_agent, shows, supervising
from .seat import CALLER, seated
from .tab import MICROPHONE

pytestmark = [pytest.mark.asyncio(loop_scope="package"), pytest.mark.interop]

VERBS: tuple[tuple[str, dict[str, str]], ...] = (
    *(("listen", {"mode": mode, "agent_id": "li"}) for mode in ("monitor", "whisper", "barge")),
    ("take-over", {}),
    ("nudge", {"text": "?"}),
    ("move", {"queue": "headsets"}),
)


@pytest.mark.req("AG-12")
async def test_a_supervisors_seat_has_what_an_agents_has_not_and_uses_all_of_it(
    hotline: Centre, browser: Browser
) -> None:
    wang = hotline.agents["wang"]
    async with seated(hotline, browser) as li, supervising(hotline, browser) as page:
        await wang.desk.set_state("not_ready", "lunch")
        caller = await li.talk()

        # the same files; an agent's page has no way to the floor, nor has the agent beside it
        assert await li.tab.page.locator("nav a[href='/supervisor']").count() == 0
        await caller.arrived()
        agent, contact = hotline.agents["li"].desk, f"/api/v1/contacts/{caller.contact_id}"
        refused = [(await agent.post(f"{contact}/{verb}", **body))[0] for verb, body in VERBS]
        assert refused == [403] * len(VERBS)
        with pytest.raises(AssertionError, match="state"):
            await agent.put("/api/v1/agents/wang/state", state="ready")

        await shows(of_agent(page, "li", "hand"), "service")
        await page.click("#agent-grid tr[data-id=li] button")
        await shows(page.locator("#drawer #contact"), caller.number)
        await page.click("#listen-monitor")
        await caller.happens("listen.started", supervisor_id="boss", mode="monitor")
        await passed(caller.call, 1.0)
        await page.click("#listen-whisper")
        await caller.happens("listen.changed", supervisor_id="boss", mode="whisper")
        await li.tab.hears(CALLER)
        await page.click("#listen-barge")
        await caller.happens("listen.changed", supervisor_id="boss", mode="barge")
        await page.click("#take-over")
        await caller.happens("interaction.started", agent_id="boss")
        await li.tab.when("desk.call === null", 30)
        await caller.call.hears(MICROPHONE)
        caller.leave()
        await caller.over()

        await page.press("#drawer", "Escape")
        await page.click("#agent-grid tr[data-id=wang] button")
        await choose(page, ".force .field", "Training")
        await page.click("#force-not-ready")
        view = await wang.is_in("not_ready")
        await expect(of_agent(page, "wang", "state")).to_contain_text("Training", timeout=WITHIN)
        assert view["reason"] == "training"
