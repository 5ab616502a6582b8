"""Agents at the page in Chromium, and the centre that they work in."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from playwright.async_api import Browser, BrowserContext

from simulator.audio import tone
from tests.e2e.centre import Centre
from tests.e2e.people import Caller, Hire

from .chromium import MICROPHONE, THROUGH_RELAY, Tab, person
from .relays import AudioRelay

LI = Hire("li", "8026", phone="browser")
MEI = Hire("mei", "8028", phone="browser")
TAO = Hire("tao", "8029", phone="browser")
ANA = Hire("ana", "8030", phone="browser")
WANG = Hire("wang", "8027")
BOSS = Hire("boss", "8002", skills=(), roles=("supervisor",), phone="browser")
STAFF = (LI, MEI, TAO, ANA, WANG, BOSS)
CALLER, COLLEAGUE, CUSTOMER = 700, 900, 500  # Hz

QUEUES: list[dict[str, Any]] = [
    {
        "name": "service",
        "skills": {"sales": 1},
        "ring_for": 15,
        "wrap_up": 0,
        "announce_agent": False,
        "announce_position_every": None,
    }
]
NUMBERS = {"2000": {"queue": "service", "language": "en"}}

IMPATIENT = """
const sleep = setTimeout;
globalThis.setTimeout = (act, ms) => sleep(act, Math.min(ms, 2000));
"""
"""What the page does by itself now and then it does every two seconds."""


@dataclass
class Seat:
    """An agent at the browser, ready."""

    hotline: Centre
    context: BrowserContext
    tab: Tab
    port: int

    async def another_tab(self) -> Tab:
        """Opened by the first one, so that it begins with a copy of all that the tab remembers."""
        async with self.context.expect_page() as opened:
            await self.tab.page.evaluate("void window.open('/')")
        return Tab(await opened.value)

    async def call(self) -> Caller:
        """Somebody calls and says a tone; it rings here."""
        caller = self.hotline.caller()
        call = await caller.dial("2000")
        call.say(tone(CALLER))
        await self.tab.when("desk.call?.state === 'ringing'")
        return caller

    async def talk(self) -> Caller:
        """Somebody calls, and is heard and hears."""
        caller = await self.call()
        await self.tab.press("answer")
        await self.tab.talks()
        await caller.call.hears(MICROPHONE)
        return caller

    async def told(self, where: str) -> str:
        """What stands on the page there."""
        return str(await self.tab.page.text_content(where))

    async def talk_through(self, relay: AudioRelay) -> Caller:
        """The same on the way that :func:`through` sent the page."""
        caller = await self.call()
        await self.tab.when("globalThis.workerPort > 0")
        relay.target = ("127.0.0.1", await self.tab.page.evaluate("workerPort"))
        await self.tab.press("answer")
        await self.tab.talks()
        await caller.call.hears(MICROPHONE)
        return caller


@contextlib.asynccontextmanager
async def seated(
    hotline: Centre,
    browser: Browser,
    *scripts: str,
    port: int | None = None,
    who: Hire = LI,
) -> AsyncIterator[Seat]:
    """At the end, however that came, nobody calls and the agent is not ready."""
    port = port or int(hotline.server.config["api"]["port"])
    agent = hotline.agents[who.id]
    async with person(browser, *scripts) as context:
        tab = Tab(await context.new_page())
        await tab.open(port)
        await tab.log_in(who.id)
        try:
            await tab.press("ready")
            await tab.when("desk.agent.state === 'ready'")
            seat = Seat(hotline, context, tab, port)
            yield seat
        finally:
            hotline.everybody_hangs_up()
            await agent.desk.set_state("not_ready")
            await agent.is_in("not_ready")
        assert tab.errors == seat.tab.errors == []


def through(relay: AudioRelay) -> str:
    """The script of a page whose audio goes over this way."""
    return THROUGH_RELAY.replace("RELAY", str(relay.port))
