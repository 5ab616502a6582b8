"""An administrator's pages of people: users, what they come in by, and what they can do."""

from typing import Any

import aiohttp
import pytest
from playwright.async_api import Page, expect

from tests.e2e.centre import Centre
from tests.running_server import PASSWORD

from . import axe
from .administration import SOON, visit
from .seat import ADMIN, ANA, LI, MEI

pytestmark = [pytest.mark.asyncio(loop_scope="package"), pytest.mark.interop]

TEMPORARY = "swallows over water"


async def log_in(hotline: Centre, agent_id: str, password: str) -> dict[str, Any]:
    async with (
        aiohttp.ClientSession(hotline.server.api) as rest,
        rest.post("/api/v1/sessions", json={"agent_id": agent_id, "password": password}) as answer,
    ):
        return dict(await answer.json())


async def asked(hotline: Centre, path: str, token: str | None = None) -> Any:
    headers = {"Authorization": f"Bearer {token or hotline.chief.token}"}
    async with (
        aiohttp.ClientSession(hotline.server.api, headers=headers) as rest,
        rest.get(f"/api/v1/{path}") as answer,
    ):
        return await answer.json()


async def test_a_user_is_found_defined_and_let_in(hotline: Centre, administrator: Page) -> None:
    page = administrator
    await visit(page, "users")
    await page.fill("[name=q]", ADMIN.id)
    await page.click("#find")
    await expect(page.locator("table tbody tr")).to_have_count(1, timeout=SOON)
    assert await axe.found(page) == []
    await page.click("table tbody tr")
    none = page.locator("#versions").get_by_text("not changed here yet")
    await expect(none).to_be_visible(timeout=SOON)  # made on the command line
    await visit(page, "users")
    await page.click("#add")
    await page.fill("[name=id]", "newcomer")
    await page.fill("[name=password]", TEMPORARY)
    await page.fill("[name=name]", "New Comer")
    await page.fill("[name=number]", "8026")  # taken
    await page.click("#save")
    await expect(page.locator(".alert")).to_contain_text("number", timeout=SOON)
    await page.fill("[name=number]", "8999")
    await page.click("#save")
    await expect(page.locator("#versions ol > li")).to_have_count(1, timeout=SOON)
    assert await axe.found(page) == []

    session = await log_in(hotline, "newcomer", TEMPORARY)

    assert session["must"] == ["change_password"]
    await page.reload()
    await expect(page.locator("#sessions > li")).to_have_count(1, timeout=SOON)
    await page.click("#phone-password")
    await page.click("#sure")
    await expect(page.locator("#shown-password")).not_to_be_empty(timeout=SOON)
    await page.mouse.click(2, 2)  # beside it
    await expect(page.locator("#shown-password")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.locator("#phone-password")).to_be_focused(timeout=SOON)
    await page.click("#sessions button")
    await expect(page.locator("#sessions")).to_have_count(0, timeout=SOON)
    await page.fill("[name=name]", "Newcomer")
    await page.click("#reset-password")
    await page.fill("[name=new-password]", "another " + TEMPORARY)
    await page.click("#send-password")
    await expect(page.locator("#send-password")).to_have_count(0, timeout=SOON)
    assert "token" in await log_in(hotline, "newcomer", "another " + TEMPORARY)
    await expect(page.locator("[name=name]")).to_have_value("Newcomer")  # typed before
    await page.click("#save")
    await expect(page.locator("h1")).to_have_text("Newcomer (newcomer)", timeout=SOON)
    kept = await hotline.agents[ADMIN.id].desk.get("/api/v1/users/newcomer")
    assert kept["name"] == "Newcomer"
    await page.click("#remove")
    await expect(page.get_by_role("dialog")).to_contain_text("for good")  # its versions, too
    await page.click("#remove-really")
    await expect(page.locator("#find")).to_be_visible(timeout=SOON)
    gone = await log_in(hotline, "newcomer", "another " + TEMPORARY)
    assert gone["type"] == "WrongPassword"


async def test_many_agents_skills_are_typed_and_sent_at_once(
    hotline: Centre, administrator: Page
) -> None:
    page = administrator
    await visit(page, "skill-matrix")
    await page.click(f"tr[data-user={LI.id}] td[data-skill=sales]", timeout=SOON)
    await page.keyboard.type("7")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.type("10")
    await expect(page.locator("#matrix td[data-changed]")).to_have_count(2)
    await page.click(".side-nav a[href='/administrator/users']")
    await expect(page.locator("#sure")).to_be_visible(timeout=SOON)  # nothing is sent yet
    await page.keyboard.press("Escape")
    await expect(page.locator("#matrix td[data-changed]")).to_have_count(2)
    assert await axe.found(page) == []
    await page.click("#save")
    await expect(page.locator("#changes")).to_be_empty(timeout=SOON)

    levels = {one["id"]: one["skills"].get("sales") for one in await asked(hotline, "agents")}

    assert (levels[LI.id], levels[MEI.id]) == (7, 10)
    await expect(page.locator(f"tr[data-user={LI.id}] td[data-skill=sales]")).to_have_text("7")


async def test_a_team_is_defined_and_shows_who_is_in_it(
    hotline: Centre, administrator: Page
) -> None:
    page = administrator
    await visit(page, "teams")
    await page.click("#add")
    await page.fill("[name=id]", "evening")
    await page.fill("[name=zh]", "晚班")
    await page.fill("[name=en]", "Evening")
    await page.click("#add-capacity")
    await page.click("[role=option][data-key=chat]")
    await page.fill("#capacity .one-level input:visible", "4")
    await page.click("#save")
    await expect(page.locator("#members")).to_be_visible(timeout=SOON)
    assert await axe.found(page) == []

    (team,) = await asked(hotline, "teams")

    assert team["profile"]["labels"] == {"zh": "晚班", "en": "Evening"}
    assert team["profile"]["capacity"] == {"chat": 4}
    await page.click("#remove")
    await page.click("#remove-really")
    await expect(page.locator("#add")).to_be_visible(timeout=SOON)
    assert await asked(hotline, "teams") == []


async def test_roles_are_looked_up_and_a_right_to_recordings_is_given(
    hotline: Centre, administrator: Page
) -> None:
    page = administrator
    await visit(page, "roles")
    await page.fill("[name=q]", "calls.dial")
    await expect(page.locator("table tbody tr")).to_have_count(1, timeout=SOON)
    await expect(page.locator("table tbody tr .granted")).to_have_count(2)  # agent, supervisor
    assert await axe.found(page) == []
    await visit(page, "recording-rights")
    await page.click("#add")
    await page.click("#kind")
    await page.click("[role=option][data-key=user]")
    await page.fill("[name=holder]", ANA.id)
    await page.locator(".definition-form .choice").first.click()
    await page.locator(".choices .choice", has_text="service").click()
    await page.click("#save")
    await expect(page.locator("#remove")).to_be_visible(timeout=SOON)
    assert await axe.found(page) == []

    session = await log_in(hotline, ADMIN.id, PASSWORD)
    (right,) = await asked(hotline, "recording-rights", session["token"])

    assert (right["holder"], right["list"]) == (f"user:{ANA.id}", ["service"])
    assert (right["play"], right["export"]) == (None, None)
    await page.click("#remove")
    await page.click("#remove-really")
    await expect(page.locator("#add")).to_be_visible(timeout=SOON)
    assert await asked(hotline, "recording-rights", session["token"]) == []


async def test_another_system_gets_a_key_which_opens_what_was_chosen_until_it_is_revoked(
    hotline: Centre, administrator: Page
) -> None:
    page = administrator
    await visit(page, "api-keys")
    await page.click("#add")
    await page.fill("[name=name]", "The kiosk")
    await page.fill("[name=scope]", "queues.read")
    await page.click(".scopes .choice")
    assert await axe.found(page) == []
    await page.click("#make")
    key = await page.locator("#shown-key").inner_text(timeout=SOON)
    await page.mouse.click(2, 2)  # beside it
    await expect(page.locator("#shown-key")).to_be_visible()
    assert await axe.found(page) == []
    await page.keyboard.press("Escape")
    await expect(page.locator("#add")).to_be_focused(timeout=SOON)

    assert "service" in [one["name"] for one in await asked(hotline, "queues", key)]
    assert (await asked(hotline, "users", key))["type"] == "NotPermitted"
    row = page.get_by_role("row", name="The kiosk")
    await row.click(timeout=SOON)
    await expect(page.locator("#scopes li")).to_have_count(1, timeout=SOON)
    assert await axe.found(page) == []
    await page.click("#revoke")
    await page.click("#revoke-really")
    await expect(page.locator("#revoke")).to_have_count(0, timeout=SOON)
    assert (await asked(hotline, "queues", key))["type"] == "NotLoggedIn"
