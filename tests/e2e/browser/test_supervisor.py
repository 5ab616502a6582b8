"""A supervisor at the page: the floor as it changes, who waits, and a part in running calls."""

import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, WebSocket, expect

from tests.e2e.centre import Centre
from tests.e2e.people import passed
from tests.running_server import PASSWORD

from .chromium import person
from .floor_page import WITHIN, choose, is_for_everybody, looks, of_agent, shows, supervising
from .seat import ADMIN
from .tab import MICROPHONE

CUT = """
[...document.querySelectorAll('.floor .table-box')]
  .filter((box) => box.scrollWidth > box.clientWidth)
  .map((box) => [box.ariaLabel, box.scrollWidth, box.clientWidth])
"""

pytestmark = [pytest.mark.asyncio(loop_scope="package"), pytest.mark.interop]


async def test_the_grid_follows_agents_and_a_supervisor_changes_them(
    hotline: Centre, browser: Browser, tmp_path: Path
) -> None:
    wang = hotline.agents["wang"]
    await wang.desk.set_state("not_ready", "lunch")
    async with supervising(hotline, browser) as page:
        await shows(of_agent(page, "wang", "state"), "Not ready · Lunch")
        await wang.desk.set_state("ready")
        await shows(of_agent(page, "wang", "state"), "Ready")
        queue = page.locator("#queue-board tr[data-id=service]")
        await expect(queue.locator("[data-column=ready]")).to_have_text("1", timeout=WITHIN)

        await page.fill("#agent-filter", "8027")
        await expect(page.locator("#agent-grid tbody tr")).to_have_count(1)
        await page.fill("#agent-filter", "")
        for _ in ("English", "Chinese"):
            assert await page.evaluate(CUT) == [], "at 1366 px all of each table is to be seen"
            await page.click("#language")
        await looks(page, tmp_path / "floor")

        await page.click("#agent-grid tr[data-id=wang] button")
        await choose(page, ".force .field", "Training")
        await page.click("#force-not-ready")
        await shows(of_agent(page, "wang", "state"), "Training")
        view = await wang.is_in("not_ready")
        assert view["reason"] == "training"
        await looks(page, tmp_path / "agent")
        await page.press("#drawer", "Escape")
        await expect(page.locator("#drawer")).to_have_count(0)


async def test_who_waits_is_moved_to_another_queue_and_whispered_about(
    hotline: Centre, browser: Browser, tmp_path: Path
) -> None:
    wang = hotline.agents["wang"]
    async with supervising(hotline, browser) as page:
        caller = hotline.caller()
        await caller.dial("2000")
        await caller.queued()
        board = page.locator("#queue-board tr[data-id=service]")
        await expect(board.locator("[data-column=waiting]")).to_have_text("1", timeout=WITHIN)
        await board.locator("a").click()
        line = page.get_by_role("row", name=re.compile(caller.number))
        await expect(line).to_be_visible(timeout=WITHIN)
        await looks(page, tmp_path / "queue")
        await page.fill("[name=broadcast-en]", "The shop is shut today.")
        await page.click(".broadcast-form button[type=submit]")
        await shows(page.locator(".broadcasts li"), "The shop is shut today.")
        await caller.happens("broadcast.heard", within=60)
        await page.click(".broadcasts li button")
        await expect(page.locator(".broadcasts li")).to_have_count(0, timeout=WITHIN)

        await line.locator(".box").click()
        await choose(page, "#move .field", "headsets")
        await page.click("#move-chosen")
        await shows(page.locator("#moved"), "Moved: 1 of 1.")
        moved = await caller.happens("contact.diverted", reason="moved", target="headsets")
        assert moved.data["moved_by"] == "boss"
        await expect(line).to_have_count(0, timeout=WITHIN)

        await page.click("#page a[href='/supervisor']")
        await page.click("#agent-grid tr[data-id=wang] button")
        await page.click("#force-ready")
        at_wang = await wang.rung()
        await caller.happens("interaction.started", agent_id="wang", queue="headsets")
        await shows(of_agent(page, "wang", "hand"), "headsets")
        await shows(page.locator("#drawer #contact"), caller.number)

        await page.click("#listen-whisper")
        await caller.happens("listen.started", supervisor_id="boss", mode="whisper")
        await at_wang.hears(MICROPHONE)
        await passed(caller.call, 1.0)
        assert caller.call.heard.frequency(last=0.8) is None
        await page.fill("#nudge input", "Offer a call-back.")
        await page.click("#nudge button")
        await caller.happens("agent.nudged", agent_id="wang", text="Offer a call-back.")
        await page.locator("#drawer h2").first.scroll_into_view_if_needed()
        await page.get_by_role("button", name="Close").click(trial=True)  # nothing lies over it
        await looks(page, tmp_path / "contact")
        await page.click("#listen-barge")
        await caller.call.hears(MICROPHONE)
        await page.fill("#coaching textarea", "Ask for the name first.")
        await page.click("#coaching button")
        await caller.happens("coaching.noted", text="Ask for the name first.")
        await page.click("#listen-stop")
        await caller.happens("listen.ended", supervisor_id="boss")


async def test_a_wall_screen_has_nothing_to_press(
    hotline: Centre, browser: Browser, tmp_path: Path
) -> None:
    async with supervising(hotline, browser) as page:
        port = hotline.server.config["api"]["port"]
        await page.goto(f"http://localhost:{port}/wall?queues=headsets,service")
        rows = page.locator("#wall tbody tr")
        await expect(rows).to_have_count(2, timeout=WITHIN)
        names = await rows.evaluate_all("(rows) => rows.map((row) => row.dataset.queue)")
        assert names == ["headsets", "service"]
        assert await page.locator("button, a, input").count() == 0
        await is_for_everybody(page)
        await page.set_viewport_size({"width": 1920, "height": 1080})
        await page.screenshot(path=tmp_path / "wall.png")
        await page.set_viewport_size({"width": 400, "height": 800})
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        await page.screenshot(path=tmp_path / "wall.small.png")

        caller = hotline.caller()
        await caller.dial("2000")
        waiting = page.locator("[data-queue=service] td").first
        await expect(waiting).to_have_text("1", timeout=WITHIN)
        caller.leave()
        await expect(waiting).to_have_text("0", timeout=WITHIN)
        await caller.over()


async def test_a_screen_with_a_log_in_of_its_own_sees_the_wall_and_nothing_else(
    hotline: Centre, browser: Browser
) -> None:
    admin = await hotline.server.log_in(ADMIN.id)
    hall = {"id": "hall", "name": "Hall", "number": "8990", "roles": ["wall"]}
    status, _ = await admin.post("/api/v1/users", **hall, password=PASSWORD)
    await admin.close()
    assert status == 201
    heard: list[str | bytes] = []
    errors: list[str] = []

    def hears(socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: heard.append(frame))

    async with person(browser) as context:
        context.set_default_timeout(WITHIN)
        page = await context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("websocket", hears)
        address = f"http://localhost:{hotline.server.config['api']['port']}"
        await page.goto(f"{address}/supervisor")
        await page.fill("#agent-id", "hall")
        await page.fill("#password", PASSWORD)
        await page.press("#password", "Enter")
        await page.fill("[name=new_password]", "herons under bridges")
        await page.fill("[name=password]", PASSWORD)
        await page.press("[name=password]", "Enter")
        row = page.locator("#wall [data-queue=service]")
        await expect(row).to_be_visible()
        for path in ("/", "/recordings", "/administrator/users", "/targets", "/supervisor"):
            await page.goto(f"{address}{path}")
            await page.wait_for_url(f"{address}/wall")
            await expect(row).to_be_visible()
            assert await page.locator("button, a, input").count() == 0
        await is_for_everybody(page)

        caller = hotline.caller()
        await caller.dial("2000")
        await expect(row.locator("td").first).to_have_text("1", timeout=WITHIN)
        caller.leave()
        await expect(row.locator("td").first).to_have_text("0", timeout=WITHIN)
        await caller.over()

    said = [text.decode() if isinstance(text, bytes) else text for text in heard]
    assert any('"service"' in text for text in said)
    assert not [text for text in said if caller.number in text or '"delta"' in text]
    assert errors == []
