"""
The desktop's pages as docs/desktop.md shows them: ``python scripts/take_pictures.py``.

Starts the demonstration's server as ``hotline demo`` does, has people call and be served by
telephones and by the page itself, and takes the pages in Chinese and English, light and dark, into
docs/pictures.
"""

import argparse
import asyncio
import contextlib
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Literal

from playwright.async_api import Browser, Locator, Page, expect

from config.settings import SHIPPED
from simulator.audio import tone
from simulator.demo import clear, define
from simulator.demo_outside import bank, write_information
from simulator.demo_server import DemoServer, Desk
from simulator.phone import Phones, Softphone, answer
from tests.e2e.browser.chromium import chromium, person

ROOT = Path(__file__).parent.parent
PICTURES = ROOT / "docs" / "pictures"
LARGEST = 150_000  # bytes of a picture
WITHIN = 60_000  # ms until something that must be there counts as missing
PASSWORD = "pictures-of-hotline"  # noqa: S105 - of a server that is gone afterwards
KNOWN, OTHERS = "13800138000", ("13900139000", "13700137000", "02151234567")
SALES = "1000"


@contextlib.asynccontextmanager
async def demonstration(data: Path) -> AsyncIterator[DemoServer]:
    """As ``hotline demo`` starts one; nobody has called yet."""
    clear(data)
    server = DemoServer(SHIPPED / "demo" / "hotline.yaml", data, PASSWORD)
    await define(server, PASSWORD)
    write_information(SHIPPED / "demo" / "information.sql", server.information)
    async with bank(server.bank_port):
        try:
            await server.start()
            yield server
        finally:
            await server.stop()


class Window:
    """A person's page, in their language and light."""

    def __init__(self, page: Page, demo: DemoServer) -> None:
        self.page = page
        self._demo = demo

    async def log_in(self, who: str, path: str = "/") -> None:
        await self.go(path)
        await self.page.fill("#agent-id", who)
        await self.page.fill("#password", PASSWORD)
        await self.page.press("#password", "Enter")
        await self.page.wait_for_selector("#page")

    async def go(self, path: str) -> None:
        await self.page.goto(self._demo.api.replace("127.0.0.1", "localhost") + path)

    async def take(self, name: str) -> None:
        """When all that moves has come to rest."""
        file = PICTURES / f"{name}.png"
        await self.page.evaluate("document.fonts.ready")
        await self.page.wait_for_load_state("networkidle")
        await self.page.screenshot(path=file, animations="disabled", scale="css")
        size = file.stat().st_size
        sys.stdout.write(f"{file.relative_to(ROOT)}: {size / 1000:.0f} kB\n")
        if size > LARGEST:
            raise SystemExit(f"{file.name} is larger than {LARGEST} bytes")

    def at(self, selector: str) -> Locator:
        return self.page.locator(selector)

    async def shows(self, selector: str, text: str = "") -> None:
        await expect(self.at(selector).first).to_contain_text(text, timeout=WITHIN)


class Photographer:
    def __init__(self, browser: Browser, demo: DemoServer) -> None:
        self._browser = browser
        self._demo = demo

    @contextlib.asynccontextmanager
    async def window(
        self,
        language: Literal["zh", "en"],
        light: Literal["light", "dark"],
        size: tuple[int, int] = (1366, 768),
    ) -> AsyncIterator[Window]:
        errors: list[str] = []

        def said(message: Any) -> None:
            if message.type == "error":
                errors.append(message.text)

        kept = "localStorage.getItem('hotline.language')"
        speaks = f"{kept} ?? localStorage.setItem('hotline.language', '{language}');"
        async with person(self._browser, speaks) as context:
            context.set_default_timeout(WITHIN)
            page = await context.new_page()
            page.on("pageerror", lambda error: errors.append(str(error)))
            page.on("console", said)
            await page.set_viewport_size({"width": size[0], "height": size[1]})
            await page.emulate_media(color_scheme=light, reduced_motion="reduce")
            yield Window(page, self._demo)
        if errors:
            raise SystemExit(f"the page said: {errors}")


async def outcome_required(demo: DemoServer) -> None:
    """What became of a call of sales has to be said."""
    rule = "/api/v1/queues/sales/disposition-rule"
    async with (
        Desk.open(demo.api, "admin", PASSWORD) as admin,
        admin.session.put(rule, json={"required": True}, raise_for_status=True),
    ):
        pass


async def rings(phones: Phones, demo: DemoServer, number: str, keys: str = "1") -> Any:
    """A customer, through the menu."""
    call = await phones.add(number).call(demo.uri(SALES))
    await call.answered()
    await call.audio_began()
    call.say(tone(500))
    await call.press(keys)
    return call


async def seat(phones: Phones, demo: DemoServer, name: str) -> Softphone:
    phone = phones.add(name)
    await phone.register(f"sip:127.0.0.1:{demo.sip_port}", PASSWORD)
    phone.on_ring = answer(after=1.0)
    return phone


async def pictures(demo: DemoServer, browser: Browser, phones: Phones) -> None:
    photos = Photographer(browser, demo)
    await outcome_required(demo)
    async with photos.window("zh", "light") as start:
        await start.go("/start")
        await start.shows("main", "1000")
        await start.take("start-zh-light")

    async with photos.window("zh", "light") as agent:
        await agent.log_in("chen")
        await agent.page.click("#ready")
        await agent.page.wait_for_selector("#ready:disabled")
        call = await rings(phones, demo, KNOWN)
        await agent.page.click("#answer")
        await agent.page.wait_for_selector("#hang-up")
        await agent.shows("#customer .name")
        await agent.page.fill("#note-text", "客户想把套餐改成家庭版")
        await agent.take("agent-call-zh-light")
        await agent.page.click("#language")
        await agent.page.emulate_media(color_scheme="dark")
        await agent.take("agent-call-en-dark")
        await agent.page.set_viewport_size({"width": 400, "height": 860})
        await agent.take("agent-small-en-dark")
        await agent.page.set_viewport_size({"width": 1366, "height": 768})
        await agent.page.click("#language")
        call.hang_up()
        await agent.page.wait_for_selector("#owed")
        await agent.page.select_option("#outcome-code", "interested")
        await agent.page.fill("#outcome [name=product]", "家庭版套餐")
        await agent.take("agent-wrap-up-zh-dark")

    async with Desk.open(demo.api, "li", PASSWORD) as li:
        await seat(phones, demo, "li")
        await li.set_state("ready")
        calls = [await rings(phones, demo, number) for number in (KNOWN, *OTHERS)]
        async with photos.window("zh", "dark") as floor:
            await floor.log_in("zhao", "/supervisor")
            await floor.shows("#queue-board tr[data-id=sales]")
            await floor.shows("#agent-grid tr[data-id=li]", "通话中")
            await floor.shows("#agent-grid tr[data-id=li] [data-column=hand]", "业务办理")
            await floor.shows("#queue-board tr[data-id=sales] [data-column=waiting]", "3")
            await floor.take("floor-zh-dark")
            await floor.page.click("#agent-grid tr[data-id=li] button")
            await floor.shows("#drawer #contact")
            await floor.page.emulate_media(color_scheme="light")
            await floor.page.click("#language")
            await floor.take("floor-call-en-light")
            await floor.page.press("#drawer", "Escape")
            await floor.page.click("#queue-board tr[data-id=sales] a")
            await floor.shows("main", OTHERS[-1])
            await floor.take("queue-en-light")
            await floor.go("/supervisor/channels")
            await floor.shows("main", "li")
            await floor.page.emulate_media(color_scheme="dark")
            await floor.take("channels-en-dark")
            await floor.go("/wall")
            await floor.shows("#wall tbody tr")
            await floor.take("wall-en-dark")
        for one in calls:
            one.hang_up()

    async with photos.window("zh", "light") as recordings:
        await recordings.log_in("zhao", "/recordings")
        found = recordings.at(f"[role=row]:has-text('{KNOWN}')").first
        async with asyncio.timeout(60):
            while not await found.is_visible():  # until it is archived
                await recordings.page.fill("[name=number]", KNOWN)
                await recordings.page.press("[name=number]", "Enter")
                await asyncio.sleep(0.5)
        await found.click()
        await recordings.page.wait_for_selector("#waveform")
        await recordings.page.wait_for_selector("#play:enabled")
        await recordings.take("recording-zh-light")
    async with photos.window("en", "light") as administrator:
        await administrator.log_in("admin", "/administrator")
        await administrator.go("/administrator/queues/of/sales")
        await administrator.shows("h1")
        await administrator.take("administrator-en-light")


async def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--data", type=Path, default=ROOT / "var" / "pictures")
    given = options.parse_args()
    PICTURES.mkdir(exist_ok=True)
    phones = Phones()
    async with demonstration(given.data) as demo:
        await phones.start()
        try:
            with tempfile.TemporaryDirectory() as folder:
                async with chromium(Path(folder)) as browser:
                    await pictures(demo, browser, phones)
        finally:
            await phones.close()


if __name__ == "__main__":
    asyncio.run(main())
