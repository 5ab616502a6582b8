"""Forms, outcomes, reasons, customer fields and advice, as an administrator makes them on pages."""

import re

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from tests.e2e.centre import Centre

from . import axe
from .administration import SOON, choose, made, visit
from .seat import CAREFUL, seated

pytestmark = [pytest.mark.asyncio(loop_scope="package"), pytest.mark.interop]


def labelled(where: Page | Locator, label: str) -> Locator:
    return where.get_by_role("button", name=re.compile(f"{label}$"))


async def name(where: Page | Locator, zh: str, en: str, prefix: str = "") -> None:
    await where.locator(f"[name={prefix}zh]").fill(zh)
    await where.locator(f"[name={prefix}en]").fill(en)


async def test_a_form_that_is_designed_here_is_filled_in_by_an_agent_with_its_outcome(
    hotline: Centre, browser: Browser, administrator: Page
) -> None:
    page = administrator
    await visit(page, "forms")
    await page.click("#add")
    await page.fill("[name=id]", "visit")
    await name(page, "上门", "Visit")
    fields = page.locator("#fields > .one-row")

    await page.click("#add-fields")
    why = fields.nth(0)
    await name(why, "原因", "Visit reason", "label-")
    await choose(labelled(why, "Kind"), "One of several")
    await why.get_by_text("Add a choice").click()
    await why.locator("[name=value]").fill("bill")
    await name(why, "账单", "A bill", "choice-")

    await page.click("#add-fields")
    often = fields.nth(1)
    await name(often, "次数", "How often", "label-")
    await choose(labelled(often, "Kind"), "Number")
    await often.get_by_text("Has to be filled in").click()
    await often.locator(":scope > .buttons [data-move=up]").press("Enter")
    await expect(fields.nth(0).locator("[name=name]")).to_have_value("how_often", timeout=SOON)
    await expect(fields.nth(0).locator(":scope > .buttons [data-move=down]")).to_be_focused()
    await expect(page.locator("#form-preview")).to_contain_text("A bill", timeout=SOON)
    await fields.nth(0).locator("[name=name]").fill("visit_reason")
    await page.click("#save")
    await expect(fields.nth(0).locator(".error")).to_contain_text("the same", timeout=SOON)
    await fields.nth(0).locator("[name=name]").fill("how_often")
    assert await axe.found(page) == []
    await made(page)

    await page.locator("#fields > .one-row").nth(1).locator("[name=label-en]").fill("Why we come")
    await page.click("#save")
    await expect(page.locator("#versions ol > li")).to_have_count(2, timeout=SOON)
    await expect(page.locator("#versions")).to_contain_text("Visit reason → Why we come")

    await visit(page, "codes")
    await page.click("#add")
    await page.fill("[name=id]", "visited")
    await name(page, "已上门", "Visited")
    await choose(labelled(page, "With the form"), "Visit")
    assert await axe.found(page) == []
    await made(page)

    async with seated(hotline, browser) as li:
        caller = await li.call(CAREFUL)
        await li.tab.press("answer")
        await li.tab.talks(30)
        await li.tab.page.select_option("#outcome-code", "visited")
        asked = li.tab.page.locator("#outcome [name=how_often], #outcome [name=visit_reason]")
        await expect(asked).to_have_count(2, timeout=SOON)
        assert [await one.get_attribute("name") for one in await asked.all()] == [
            "how_often",
            "visit_reason",
        ]
        await expect(li.tab.page.locator("#outcome")).to_contain_text("Why we come")
        await asked.nth(0).fill("2")
        await asked.nth(1).select_option("bill")
        await li.tab.press("record-outcome")
        values = {"how_often": 2, "visit_reason": "bill"}
        filled = await hotline.agents["li"].desk.when(
            "/api/v1/forms/visit/filled", lambda found: bool(found["items"])
        )
        caller.leave()
        await li.tab.when("desk.agent.state === 'wrap_up'", 30)
        await li.tab.press("ready")
        await li.tab.when("desk.agent.state === 'ready'", 30)
    assert [one["values"] for one in filled["items"]] == [values]


async def test_what_records_and_figures_are_made_of_is_defined_on_pages(
    hotline: Centre, administrator: Page
) -> None:
    page, admin = administrator, hotline.agents["admin"].desk
    await visit(page, "customer-fields")
    await page.click("#add")
    await page.fill("[name=id]", "plan")
    await name(page, "套餐", "Plan")
    await choose(labelled(page, "Kind"), "One of several")
    await page.click("#add-choices")
    await page.fill("[name=value]", "family")
    await name(page, "家庭", "Family", "choice-")
    assert await axe.found(page) == []
    await made(page)

    await visit(page, "ticket-reasons")
    for reason, group in (("bills", None), ("too_high", "Bills")):
        await page.click("#add")
        await page.fill("[name=id]", reason)
        await name(page, "账单" if group is None else "金额过高", reason.capitalize())
        if group is not None:
            await choose(labelled(page, "Below"), group)
        assert await axe.found(page) == []
        await made(page)
        await page.click("a[href='/administrator/ticket-reasons']")

    await visit(page, "next-actions")
    await page.click("#add")
    await name(page, "推荐家庭套餐", "Offer the family plan")
    await page.fill("[name=action]", "offer_plan")
    await page.click("#add-conditions")
    await choose(labelled(page, "What is looked at"), "Plan")
    await choose(labelled(page, "How"), "is not")
    await page.fill("[name=value]", "family")
    assert await axe.found(page) == []
    await made(page)

    fields = await admin.get("/api/v1/customer-fields")
    [plan] = [one for one in fields if one["name"] == "plan"]
    assert plan["choices"] == [{"value": "family", "labels": {"zh": "家庭", "en": "Family"}}]
    reasons = {one["id"]: one for one in await admin.get("/api/v1/ticket-reasons")}
    assert reasons["too_high"]["parent_id"] == "bills"
    rules = await admin.get("/api/v1/next-actions")
    [rule] = [one for one in rules if one["action"] == "offer_plan"]
    assert rule["conditions"] == [
        {"field": "attributes.plan", "comparison": "is_not", "value": "family"}
    ]
    await page.click("#remove")
    await page.click("#remove-really")
    await page.wait_for_selector("#add", timeout=SOON)
    rules = await admin.get("/api/v1/next-actions")
    assert all(one["action"] != "offer_plan" for one in rules)


async def test_a_template_is_tried_out_while_it_is_written_and_then_fills_texts(
    hotline: Centre, administrator: Page
) -> None:
    page = administrator
    await visit(page, "templates")
    await page.click("#add")
    await name(page, "账单提醒", "Bill")
    await name(page, "{{ due }}应付。", "You owe {{ due }}.", "body-")
    preview = page.locator("#template-preview")
    await expect(preview).to_contain_text("due is not among the variables", timeout=SOON)
    await expect(preview.get_by_role("alert")).to_have_count(0)
    await page.click("#add-variables")
    await expect(preview).to_contain_text("when both texts and all values", timeout=SOON)
    await page.fill("[name=variable]", "due")
    await choose(labelled(page.locator("#variables"), "Kind"), "Money")
    await page.fill("[name=example]", "1234.5")
    await expect(preview).to_contain_text("You owe 1,234.50 CNY.", timeout=SOON)
    await expect(preview).to_contain_text("1,234.50元应付。", timeout=SOON)
    assert await axe.found(page) == []
    await made(page)
    await expect(page.locator("#versions ol > li")).to_have_count(1, timeout=SOON)

    li = hotline.agents["li"].desk
    [kept] = await li.get("/api/v1/templates")
    status, filled = await li.post(
        f"/api/v1/templates/{kept['id']}/render", language="en", values={"due": 20}
    )
    assert (status, filled["body"]) == (200, "You owe 20.00 CNY.")


async def test_a_type_of_tickets_is_defined_with_its_states_and_tickets_move_by_them(
    hotline: Centre, administrator: Page
) -> None:
    page = administrator
    await visit(page, "ticket-types")
    await page.click("#add")
    await page.fill("[name=id]", "inspection")
    await name(page, "检查", "Inspection")
    await page.fill("[name=prefix]", "I")
    await choose(labelled(page, "Opening hours"), "Office hours")
    states = page.locator("#states > .one-row")
    await page.click("#add-states")
    on_site = states.nth(3)
    await name(on_site, "现场", "On site", "state-")
    await on_site.locator("[name=state]").fill("on_site")
    await on_site.get_by_text("Closed", exact=True).click()
    await states.nth(1).get_by_text("On site", exact=True).click()
    await page.click("#add-targets")
    await page.get_by_label("Solved within, minutes").fill("480")
    await page.click("#add-steps")
    step = page.locator("#steps > .one-row")
    await name(step, "查看", "Look at it", "step-")
    await step.locator("[name=step]").fill("look")
    assert await axe.found(page) == []
    await made(page)

    types = await hotline.agents["admin"].desk.get("/api/v1/ticket-types")
    [kept] = [one["definition"] for one in types if one["id"] == "inspection"]
    assert kept["flow"]["moves"] == {
        "new": ["in_progress", "closed"],
        "in_progress": ["closed", "on_site"],
        "closed": ["in_progress"],
        "on_site": ["closed"],
    }
    assert [(one["priority"], one["resolution"]) for one in kept["targets"]] == [(None, 480)]
    assert [one["name"] for one in kept["workflow"]] == ["look"]
    li = hotline.agents["li"].desk
    status, ticket = await li.post("/api/v1/tickets", type="inspection", subject="Leak")
    assert (status, ticket["number"][0], ticket["may_become"]) == (
        201,
        "I",
        ["in_progress", "closed"],
    )
