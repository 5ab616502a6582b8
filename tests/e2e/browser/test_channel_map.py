"""The supervisors' channel map in Chromium: real calls with tones of known level."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Route, WebSocketRoute

from simulator.audio import tone
from simulator.phone import answer
from tests.e2e.centre import Centre, centre
from tests.e2e.people import Caller, Hire
from tests.e2e.recorded import leaves, tones_in
from tests.e2e.talking import CUSTOMER_HZ, LI, WANG, hears, queue, tries
from tests.running_server import PASSWORD

from .chromium import person

pytestmark = [pytest.mark.asyncio(loop_scope="package"), pytest.mark.interop]

BOSS = Hire("boss", "8002", skills=(), roles=("supervisor",))
QUEUES = [{**queue(name, name), "ring_for": 20} for name in ("desk", "second")]
NUMBERS = {
    "2000": {"queue": "desk", "language": "en"},
    "2001": {"queue": "second", "language": "en"},
}
RULES = [
    {"name": "asked", "record": "on_demand", "queues": ["desk"]},
    {"name": "hush", "record": "never", "queues": ["second"]},
]
LOUD, SOFT = -15.0, -35.0  # dB of the sines' peaks: 3 more than of their power
SILENT = -60  # the left end of a meter
MANY = 500
WITHIN = 40.0  # seconds until something that must be shown counts as missing


@pytest_asyncio.fixture(scope="module", loop_scope="package")
async def floor(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Centre]:
    folder = tmp_path_factory.mktemp("channels")
    plan: dict[str, Any] = {"flows": (), "queues": QUEUES, "numbers": NUMBERS}
    async with centre(folder, LI, WANG, BOSS, **plan, recording={"rules": RULES}) as it:
        yield it


class Map:
    """The page, by what stands in it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self._said)

    def _said(self, message: Any) -> None:
        if message.type == "error" and "409" not in message.text:  # a refusal, which is shown
            self.errors.append(message.text)

    async def open(self, port: int) -> None:
        await self.page.goto(f"http://localhost:{port}/channels")
        await self.page.fill("#agent-id", BOSS.id)
        await self.page.fill("#password", PASSWORD)
        await self.page.press("#password", "Enter")

    async def rows(self) -> list[dict[str, Any]]:
        """What each row shows; a meter that is hidden has no value."""
        found: list[dict[str, Any]] = await self.page.evaluate(
            """() => [...document.querySelectorAll("#legs tr")].map((line) => {
                const row = {};
                for (const cell of line.children) row[cell.className] = cell.textContent;
                for (const name of ["says", "hears"]) {
                    const meter = line.querySelector(`meter.${name}`);
                    row[name] = meter.hidden ? null : meter.value;
                }
                for (const button of line.querySelectorAll("button"))
                    row[button.className] = button.getAttribute("aria-pressed") === "true";
                return row;
            })"""
        )
        return found

    async def until(self, what: str, *wanted: dict[str, Any]) -> None:
        """Each of these is (a part of) a row, levels within 3 dB."""
        rows: list[dict[str, Any]] = []
        try:
            async with asyncio.timeout(WITHIN):
                while not all(any(_fits(row, one) for row in rows) for one in wanted):
                    await asyncio.sleep(0.1)
                    rows = await self.rows()
        except TimeoutError:
            raise AssertionError(f"{what}: {wanted} not in {rows}") from None

    async def press(self, button: str, party: str) -> None:
        await self.page.click(f"#legs tr:has(th:text-is('{party}')) button.{button}")

    async def when(self, condition: str) -> None:
        await when(self.page, condition)


async def when(page: Page, condition: str) -> None:
    """Wait from here: the page's policy keeps Playwright's own waiting out."""
    async with asyncio.timeout(WITHIN):
        while not await page.evaluate(f"() => Boolean({condition})"):  # noqa: ASYNC110
            await asyncio.sleep(0.05)


def _fits(row: dict[str, Any], wanted: dict[str, Any]) -> bool:
    for name, value in wanted.items():
        shown = row[name]
        if isinstance(value, float):
            if shown is None or abs(shown - value) > 3:
                return False
        elif shown != value:
            return False
    return True


@contextlib.asynccontextmanager
async def watching(floor: Centre, browser: Browser) -> AsyncIterator[Map]:
    async with person(browser) as context:
        it = Map(await context.new_page())
        await it.page.set_viewport_size({"width": 1440, "height": 600})
        await it.open(int(floor.server.config["api"]["port"]))
        await it.when("document.querySelector('#map')")
        yield it
        assert it.errors == []


async def talks(floor: Centre, number: str, agent: str, level: float) -> Caller:
    """Somebody says a tone to an agent who says nothing."""
    caller = floor.caller()
    call = await caller.dial(number)
    call.say(tone(CUSTOMER_HZ, level))
    await floor.agents[agent].rung()
    await caller.happens("interaction.started")
    return caller


@pytest.mark.req("RC-12")
async def test_legs_are_shown_with_their_levels_and_listened_to_and_recorded_by_a_click(
    floor: Centre, browser: Browser, tmp_path: Path
) -> None:
    boss = floor.agents["boss"]
    boss.on_ring(answer())
    async with floor.on_duty("li", "wang"), watching(floor, browser) as it:
        one = await talks(floor, "2000", "li", LOUD)
        other = await talks(floor, "2001", "wang", SOFT)
        await it.until(
            "who speaks is loud where they speak and where they are heard",
            {"number": f"{one.number} (in)", "says": LOUD - 3, "hears": float(SILENT)},
            {"party": "Agent li", "says": float(SILENT), "hears": LOUD - 3, "state": "Talking"},
            {"number": f"{other.number} (in)", "says": SOFT - 3, "hears": float(SILENT)},
            {"party": "Agent wang", "says": float(SILENT), "hears": SOFT - 3, "queue": "second"},
        )
        assert len(await it.rows()) == 4
        await it.press("listen", "Agent li")
        at_boss = await boss.rung()
        await hears(at_boss, CUSTOMER_HZ)
        await it.until(
            "who listens is shown, and hears what is said",
            {"party": "Agent li", "listeners": "boss", "listen": True},
            {"party": "Supervisor boss", "state": "Listens", "hears": LOUD - 3},
        )
        await it.page.screenshot(path=tmp_path / "light.png")
        await it.press("listen", "Agent li")
        await at_boss.ended()
        await it.until("nobody listens", {"party": "Agent li", "listeners": "", "listen": False})

        await is_recorded_and_masked(it, floor, one)
        await is_never_recorded(it, floor, other)
        await speaks_chinese_and_is_used_by_keys(it, tmp_path)

        mode, rule, [recording] = await leaves(floor, one)
        assert (mode, rule) == ("on_demand", "asked")
        heard = await tones_in(floor.chief, recording, (CUSTOMER_HZ,))
        assert heard == [{CUSTOMER_HZ}, set()]
        assert (await leaves(floor, other))[::2] == ("never", [])
        await it.when("document.querySelector('#none')")
        assert await it.rows() == []


async def is_recorded_and_masked(it: Map, floor: Centre, caller: Caller) -> None:
    await it.press("record", "Agent li")
    await caller.happens("recording.started")
    await it.until("it is recorded", {"party": "Agent li", "recording": "running", "record": True})
    await asyncio.sleep(1)  # of the tone
    chief = floor.chief
    status, answered = await tries(chief, caller, "recording/mask", of="li", reason="card")
    assert status == 200, answered
    await it.until("it is masked", {"party": "Agent li", "recording": "masked"})
    await it.press("record", "Agent li")
    await it.until("it has ended", {"party": "Agent li", "recording": "none", "record": False})


async def is_never_recorded(it: Map, floor: Centre, caller: Caller) -> None:
    await it.press("record", "Agent wang")
    await it.when("!document.querySelector('#alert-box').hidden")
    told = await it.page.text_content("#alert")
    assert told is not None
    assert "A rule keeps this call from being recorded" in told
    await it.until("it is not", {"party": "Agent wang", "recording": "none", "record": False})
    assert not [
        seen
        for seen in floor.book.seen
        if seen.event == "recording.started" and seen.data["contact_id"] == caller.contact_id
    ]


async def speaks_chinese_and_is_used_by_keys(it: Map, folder: Path) -> None:
    await it.page.click("#language")
    await it.until("it is Chinese", {"party": "坐席 li", "recording": "未录音"})
    assert "规则禁止" in str(await it.page.text_content("#alert"))
    await it.page.emulate_media(color_scheme="dark")
    await it.page.screenshot(path=folder / "dark.png")
    first = it.page.locator("#legs tr").first
    await first.locator("button.listen").focus()
    await it.page.keyboard.press("ArrowDown")
    await it.page.keyboard.press("ArrowRight")
    focused = "document.activeElement"
    assert await it.page.evaluate(f"() => {focused}.className") == "record"
    assert await it.page.evaluate(f"() => {focused}.closest('tr').rowIndex") == 2
    await it.page.keyboard.press("Tab")
    assert await it.page.evaluate(f"() => {focused}.closest('tbody') === null")
    await it.page.click("#language")


# --- a large centre --------------------------------------------------------------------------


def leg(number: int) -> dict[str, Any]:
    customer = number % 2 == 0
    return {
        "leg_id": f"leg-{number}",
        "contact_id": f"contact-{number // 2}",
        "call_id": f"call-{number // 2}",
        "role": "customer" if customer else "agent",
        "direction": "inbound",
        "number": f"+86139{number // 2:08}",
        "party": None if customer else f"agent{number // 2}",
        "queue": "sales",
        "state": "talking",
        "muted": False,
        "began_at": f"2026-11-01T08:{number // 120:02}:{number // 2 % 60:02}Z",
        "codec": "PCMA",
        "recording": "running",
        "listeners": [],
        "loss": 0.001,
        "jitter_ms": 2.0,
        "mos": 4.3,
    }


@contextlib.asynccontextmanager
async def large_map(browser: Browser) -> AsyncIterator[tuple[Page, Callable[..., None]]]:
    """The page as it is served, with a stream that the test speaks on."""
    built = Path(__file__).parents[3] / "agent_desktop" / "built"
    connected: asyncio.Future[WebSocketRoute] = asyncio.get_running_loop().create_future()

    async def serve(route: Route) -> None:
        _, _, name = route.request.url.partition("/desktop/")
        await route.fulfill(path=built / (name or "index.html"))

    async def account(route: Route) -> None:
        may = ["floor.read", "channels.watch"]
        who: dict[str, Any] = {"id": "boss", "name": "boss", "roles": [], "team": None}
        await route.fulfill(json={**who, "permissions": may, "must": []})

    def stream(socket: WebSocketRoute) -> None:
        def greeted(_: object) -> None:
            connected.set_result(socket)

        socket.on_message(greeted)

    async with person(browser) as context:
        page = await context.new_page()
        await page.route("http://hotline.test/**", serve)
        await page.route("**/api/v1/account", account)
        await page.route_web_socket("**/api/v1/stream", stream)
        await page.add_init_script("sessionStorage.setItem('hotline.session', 'token')")
        await page.goto("http://hotline.test/channels")
        async with asyncio.timeout(WITHIN):
            socket = await connected

        def say(kind: str, **message: Any) -> None:
            socket.send(json.dumps({"type": kind, **message}))

        say("snapshot", sequence=1, agent={"id": "boss"}, agents=[])
        yield page, say


WATCH_WHAT_IS_DRAWN = """() => {
    globalThis.drawn = new Set();
    globalThis.moved = 0;
    const legs = document.querySelector("#legs");
    new MutationObserver((records) => {
        for (const { target } of records) {
            const line = target.parentElement.closest("#legs tr") ?? target.closest("#legs tr");
            if (line) drawn.add(line.dataset.leg);
            else moved += 1;
        }
    }).observe(legs, { attributes: true, characterData: true, childList: true, subtree: true });
}"""


async def test_of_five_hundred_legs_that_all_speak_only_those_are_drawn_that_can_be_seen(
    browser: Browser,
) -> None:
    legs = {f"leg-{number}": leg(number) for number in range(MANY)}
    async with large_map(browser) as (page, say):
        say("channels", channels=legs, levels={})
        say("channels.levels", levels={name: [-30, -40] for name in legs})
        says = "document.querySelector('#legs tr:{} .says')?.textContent.trim()"
        first, last = (says.format(which) for which in ("first-child", "last-child"))
        await when(page, f"{first} === '-30 dB'")
        assert await page.evaluate("() => document.querySelectorAll('#legs tr').length") == MANY

        await page.evaluate(WATCH_WHAT_IS_DRAWN)
        for loud in range(-29, -19):
            say("channels.levels", levels={name: [loud, -40] for name in legs})
        await when(page, f"{first} === '-20 dB'")
        drawn, moved = await page.evaluate("() => [[...drawn], moved]")
        assert 5 < len(drawn) < MANY / 5
        assert "leg-499" not in drawn
        assert moved == 0  # no line was taken out or put in

        say("channels.changed", patch={"leg-499": {"state": "held"}, "leg-1": None})
        await when(page, "drawn.has('leg-499') && !document.querySelector('[data-leg=leg-1]')")
        assert await page.evaluate("() => moved") == 1
        await page.evaluate("() => document.querySelector('#map').scrollTo(0, 1e6)")
        await when(page, f"{last} === '-20 dB'")
        await page.evaluate("() => document.querySelector('#legs tr button').focus()")
        await page.keyboard.press("End")
        await when(page, "document.activeElement.closest('tr').dataset.leg === 'leg-499'")
        say("channels.changed", patch={"leg-499": None})
        await when(page, "document.activeElement.closest('tr')?.dataset.leg === 'leg-498'")
        head = "document.querySelector('#channels thead th').getBoundingClientRect().top"
        assert await page.evaluate(f"() => {head} >= 0")  # it stays in sight
