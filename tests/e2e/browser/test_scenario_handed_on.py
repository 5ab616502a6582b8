"""
From the log-in to the last outcome: a customer with a telephone that nobody here wrote calls, is
known, is served, is handed on with all that was written, and both agents say what became of it.
"""

from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.e2e.centre import Centre
from tests.e2e.test_warehouse import asked, caught_up
from tests.interop.foreign_phones import pjsua

from .outcomes import careful
from .seat import CAREFUL, CUSTOMER, MEI, seated

pytestmark = [pytest.mark.asyncio(loop_scope="package"), pytest.mark.interop]

WITHIN = 40_000  # ms
NUMBER = "13912340077"
NOTE = "wants the late parcel replaced"


async def shows(page: Page, where: str, what: str) -> None:
    await expect(page.locator(where)).to_contain_text(what, timeout=WITHIN)


@pytest.mark.req("AG-11")
async def test_a_customer_is_known_served_handed_on_with_the_note_and_both_say_what_became_of_it(
    hotline: Centre, browser: Browser, tmp_path: Path
) -> None:
    await careful(hotline)
    li_desk, mei_desk = hotline.agents["li"].desk, hotline.agents["mei"].desk
    numbers = [{"number": f"+86{NUMBER}", "use": "phone"}]
    status, _ = await li_desk.post("/api/v1/customers", name="陈晨", kind="person", numbers=numbers)
    assert status == 201
    async with (
        pjsua(tmp_path, NUMBER, tone=CUSTOMER) as customer,
        seated(hotline, browser) as li,
    ):
        await customer.do("call", uri=hotline.server.uri(CAREFUL))
        await li.tab.when("desk.call?.state === 'ringing'", 30)
        await shows(li.tab.page, "#customer .name", "陈晨")
        await li.tab.press("answer")
        await li.tab.talks(30)
        await li.tab.hears(CUSTOMER)
        contact = await li.tab.evaluate("desk.call.contact_id")
        await li.tab.page.fill("#note-text", NOTE)
        await li.tab.page.press("#note-text", "Enter")
        await expect(li.tab.page.locator("#note-text")).to_have_value("", timeout=WITHIN)

        async with seated(hotline, browser, who=MEI) as mei:
            await li.tab.page.click("#transfer-box summary")
            await li.tab.page.select_option("#transfer-kind", "agent")
            await li.tab.page.select_option("#target-list", "mei", timeout=WITHIN)
            await li.tab.press("blind")
            await mei.tab.when("desk.call?.state === 'ringing'", 30)
            await shows(mei.tab.page, "#customer .name", "陈晨")
            await shows(mei.tab.page, "#customer .notes", f"li: {NOTE}")
            await mei.tab.press("answer")
            await mei.tab.talks(30)
            await mei.tab.hears(CUSTOMER)
            await li.tab.when("desk.agent.state === 'wrap_up' && desk.agent.wrap_up", 60)
            interactions = [await li.tab.evaluate("desk.agent.wrap_up.interaction_id")]

            await customer.do("hang_up")
            await mei.tab.when("desk.agent.state === 'wrap_up' && desk.agent.wrap_up", 60)
            interactions.append(await mei.tab.evaluate("desk.agent.wrap_up.interaction_id"))
            for page, days in ((li.tab.page, 3), (mei.tab.page, 5)):
                await shows(page, "#owed", "needs an outcome")
                await shows(page, "#wrap-up-left", "Left")
                await page.select_option("#outcome-code", "late")
                await page.fill("#outcome input[name=days]", str(days))
                await page.click("#record-outcome")
            for seat in (li, mei):
                await seat.tab.when("desk.agent.state === 'ready'", 30)
        history = await hotline.history(contact)
        for interaction, days, desk in zip(interactions, (3, 5), (li_desk, mei_desk), strict=True):
            recorded = await desk.get(f"/api/v1/interactions/{interaction}/disposition")
            form = await desk.get(f"/api/v1/filled-forms/{recorded['filled_form_id']}")
            assert (recorded["code"], form["values"]) == ("late", {"days": days})

    await caught_up(hotline)
    columns = "SELECT interaction_id, agent_id, queue, code_id, answers"
    facts = asked(hotline, columns + " FROM dw_disposition")
    assert [one for one in facts if one["interaction_id"] in interactions] == [
        {
            "interaction_id": interactions[0],
            "agent_id": "li",
            "queue": "careful",
            "code_id": "late",
            "answers": '{"days": 3}',
        },
        {
            "interaction_id": interactions[1],
            "agent_id": "mei",
            "queue": "careful",
            "code_id": "late",
            "answers": '{"days": 5}',
        },
    ]
    assert [one["text"] for one in history["notes"]] == [NOTE]
