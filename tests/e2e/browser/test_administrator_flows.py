"""Administrators at the flows, the prompts, the audit trail and the system's page."""

import re
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from playwright.async_api import Page, expect

from tests.audio import write_tone
from tests.e2e.centre import FLOWS, Centre

from . import axe
from .administration import SOON, visit
from .seat import ADMIN, LAW

pytestmark = [pytest.mark.asyncio(loop_scope="package"), pytest.mark.interop]

ASKED, STUDIO = 600, 1300  # Hz: the menu's own prompt, and the recording that is put in
RENDERED = 180_000  # ms: the voice speaks what is new

WRITTEN = (FLOWS / "hotline.yaml").read_text(encoding="utf-8")
THANKS = "Thank you for your call."
NIGHT = """languages: [en]
start: desk
nodes:
  desk: {type: queue, queue: service}
"""
MENDED = WRITTEN.replace("  choice:", f'  thanks: {{en: "{THANKS}"}}\n  choice:').replace(
    '      "4": pin\n', '      "4": pin\n      "5": thanks\n'
) + ("  thanks:\n    type: play\n    prompt: thanks\n    then: goodbye\n")
BROKEN = MENDED.replace("then: menu", "then: nowhere")
DURATION = """it => new Promise((done) => {
    const tell = () => it.duration > 0 && done(it.duration);
    it.addEventListener("loadedmetadata", tell);
    tell();
})"""
CHOSEN = """(() => {
    const area = document.activeElement;
    return area.value.slice(area.selectionStart, area.selectionEnd);
})()"""


async def told(hotline: Centre, path: str) -> Any:
    """What the server says to the administrator."""
    token = hotline.agents[ADMIN.id].desk.token
    async with (
        aiohttp.ClientSession(hotline.server.api) as rest,
        rest.get(f"/api/v1/{path}", headers={"Authorization": f"Bearer {token}"}) as response,
    ):
        assert response.status == 200, await response.text()
        return await response.json()


async def test_a_flow_is_mended_tried_out_published_recorded_and_rolled_back(
    hotline: Centre, administrator: Page, tmp_path: Path
) -> None:
    page, before = administrator, (await told(hotline, "flows/hotline"))["version"]
    await visit(page, "flows")
    await page.get_by_role("row", name=re.compile("hotline")).click()
    picture = page.locator("#flow-picture")
    await expect(picture).to_be_visible(timeout=RENDERED)
    assert await picture.evaluate("it => it.decode().then(() => it.naturalWidth)") > 100
    assert await axe.found(page) == []

    await page.click("[data-tab=text]")
    await page.fill("#yaml", BROKEN)
    await page.click("#check")
    found = page.locator("#problems .link").first
    await expect(found).to_be_visible(timeout=SOON)
    line = int((await found.inner_text()).rsplit(" ", 1)[1])
    await found.click()
    assert await page.evaluate(CHOSEN) == BROKEN.split("\n")[line - 1]
    assert await axe.found(page) == []

    await page.fill("#yaml", MENDED)
    await page.click("[data-tab=trial]")
    await page.click("#trial [data-answer='5']", timeout=SOON)
    await expect(page.locator("#trial")).to_contain_text(THANKS, timeout=SOON)
    await expect(page.locator("#trial-ended")).to_contain_text("hangs up", timeout=SOON)
    assert await axe.found(page) == []

    await page.click("[data-tab=text]")
    await page.click("[data-tab=trial]")
    await expect(page.locator("#trial-ended")).to_contain_text("hangs up", timeout=SOON)  # still
    await page.click("[data-tab=text]")
    await page.click("#publish")
    version = page.locator("#flow-version")
    await expect(version).to_contain_text(f"Version {before + 1} ", timeout=RENDERED)

    await page.click("a[href='/administrator/prompts']")
    await page.fill("[name=text]", THANKS.lower())
    await page.click("#prompts-search")
    rows = page.locator("#prompts tbody tr")
    await expect(rows).to_have_count(1, timeout=SOON)
    await rows.click()
    tone = write_tone(tmp_path / "thanks.wav", STUDIO, seconds=3)
    await page.set_input_files("#prompt-file", tone)
    await page.click("#prompt-record")
    await expect(page.locator("#drawer .pill")).to_have_text("recorded", timeout=SOON)
    sound = page.locator("#prompt-audio")
    await expect(sound).to_be_visible(timeout=SOON)
    assert await sound.evaluate(DURATION) == pytest.approx(3, abs=0.3)
    assert await axe.found(page) == []

    caller = hotline.caller()
    call = await caller.dial("1000")
    await call.hears(ASKED)
    await call.press("5")
    await call.hears(STUDIO)
    assert (await caller.over())[1] == "flow-ended"

    await page.click("#prompt-withdraw")
    await page.click("#sure")
    await expect(page.locator("#drawer .pill")).not_to_have_text("recorded", timeout=SOON)
    await visit(page, "flows")
    await page.get_by_role("row", name=re.compile("hotline")).click()
    await page.click("[data-tab=versions]")
    versions = page.locator("#flow-versions > ol > li")
    await versions.first.get_by_role("button", name="What is otherwise").click()
    await expect(page.locator(".difference")).to_contain_text('+      "5": thanks', timeout=SOON)
    assert await axe.found(page) == []
    await page.get_by_role("button", name=f"Back to version {before}", exact=True).click()
    await expect(version).to_contain_text(f"Version {before + 2} ", timeout=RENDERED)
    now = await told(hotline, f"flows/hotline/versions/{before + 2}")
    assert now["texts"][now["main"]] == WRITTEN


async def test_a_flow_is_made_without_a_file_and_numbers_lead_to_it(
    hotline: Centre, administrator: Page
) -> None:
    page = administrator
    await visit(page, "flows")
    await page.click("#add")
    await page.fill("[name=name]", "night")
    await page.fill("#yaml", NIGHT.replace("queue: service", "queue: moon"))
    await page.fill("[name=note]", "For the season.")
    await page.click("#publish")
    await expect(page.locator("#problems li")).to_contain_text("moon", timeout=SOON)
    assert await axe.found(page) == []
    await page.fill("#yaml", NIGHT)
    await page.click("#publish")
    await expect(page.locator("#flow-version")).to_contain_text("Version 1 ", timeout=RENDERED)

    boss = hotline.agents[ADMIN.id].desk
    status, said = await boss.post("/api/v1/numbers", number="4711", settings={"flow": "night"})
    assert status == 201, said
    caller = hotline.caller()
    await caller.dial("4711")
    await caller.queued()
    caller.leave()
    await caller.over()

    await page.click("[data-tab=text]")
    await page.fill("#yaml", NIGHT.replace("queue: service", "queue: service, priority: 5"))
    await page.click("#compare")
    await expect(page.locator(".difference")).to_contain_text("priority: 5", timeout=SOON)
    assert await axe.found(page) == []
    await page.fill("[name=note]", "Guests first.")
    await page.click("#publish")
    await expect(page.locator("#flow-version")).to_contain_text("Version 2 ", timeout=RENDERED)
    await page.click("[data-tab=versions]")
    notes = page.locator("#flow-versions .note")
    await expect(notes).to_have_text(["Guests first.", "For the season."], timeout=SOON)


async def test_the_audit_trail_is_searched_and_says_who_searched(
    hotline: Centre, administrator: Page
) -> None:
    page, trail = administrator, f"/api/v1/audit?record=audit&actor={ADMIN.id}"
    await visit(page, "audit")
    newest = page.locator("#trail tbody tr").first
    await expect(newest).to_be_visible(timeout=SOON)  # all of it is read: that is in the trail, too
    await page.fill("#root [name=actor]", ADMIN.id)
    await page.fill("#root [name=action]", "opened")
    await page.click("#audit-search")
    await expect(newest).to_contain_text("logged in", timeout=SOON)
    await newest.click()
    await expect(page.locator("#drawer")).to_contain_text("127.0.0.1", timeout=SOON)
    assert await axe.found(page) == []
    await page.click("#drawer-close")
    asked = f"actor={ADMIN.id}, action=opened"
    law = hotline.agents[LAW.id].desk
    await law.when(trail, lambda found: asked in str(found["items"][:1]))  # it follows the log
    await page.fill("#root [name=action]", "read")
    await page.fill("#root [name=record]", "audit")
    await page.click("#audit-search")
    await expect(newest).to_contain_text("Audit trail", timeout=SOON)
    await newest.click()
    await expect(page.locator("#drawer")).to_contain_text(asked, timeout=SOON)


async def test_the_system_says_how_it_is_and_an_audio_process_is_replaced(
    hotline: Centre, administrator: Page
) -> None:
    page = administrator
    await visit(page, "system")
    parts = page.locator("#parts [data-part]")
    health = await told(hotline, "system-health")
    await expect(parts).to_have_count(len(health["parts"]), timeout=SOON)
    states = [
        str(await parts.nth(at).get_attribute("data-state")) for at in range(len(health["parts"]))
    ]
    assert states == sorted(states, key=["bad", "warn", "ok"].index)
    await expect(page.locator("#disks tbody tr").first).to_contain_text("GB", timeout=SOON)
    assert await axe.found(page) == []
    workers = page.locator("#workers tbody tr")
    [old, *_] = await told(hotline, "media/workers")
    row = workers.filter(has=page.get_by_role("rowheader", name=str(old["number"]), exact=True))
    await row.get_by_role("button", name="Replace").click()
    await page.click("#drain-really")
    await expect(row.get_by_role("button", name="Replace")).to_have_count(0, timeout=SOON)
    fresh = workers.filter(has_text="takes calls").first
    await expect(fresh).to_be_visible(timeout=SOON)
    known = await told(hotline, "media/workers")
    taking = {one["number"] for one in known if one["successor"] is None}
    assert taking
    assert old["number"] not in taking
