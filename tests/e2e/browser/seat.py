"""Agents at the page in a browser, and the centre that they work in."""

import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar

from playwright.async_api import Browser, BrowserContext

from cti_server.store.alerts import Alert
from simulator.audio import tone
from tests.e2e.centre import Centre
from tests.e2e.people import Caller, Hire

from .chromium import DESK, ChromiumTab, person
from .relays import AudioRelay
from .tab import MICROPHONE, Tab

LI = Hire("li", "8026", phone="browser")
MEI = Hire("mei", "8028", phone="browser")
TAO = Hire("tao", "8029", phone="browser")
ANA = Hire("ana", "8030", phone="browser")
WANG = Hire("wang", "8027")
BOSS = Hire("boss", "8002", skills=(), roles=("supervisor",), phone="browser")
LAW = Hire("law", "8005", skills=(), roles=("auditor",), registers=False)
ADMIN = Hire("admin", "8006", skills=(), roles=("admin",), registers=False)
GAO = Hire("gao", "8007", skills=(), roles=("field",), registers=False)
STAFF = (LI, MEI, TAO, ANA, WANG, BOSS, LAW, ADMIN, GAO)
CALLER, COLLEAGUE, CUSTOMER = 700, 900, 500  # Hz

SERVICE: dict[str, Any] = {
    "name": "service",
    "skills": {"sales": 1},
    "ring_for": 15,
    "wrap_up": 0,
    "announce_agent": False,
    "announce_position_every": None,
}
QUEUES: list[dict[str, Any]] = [
    SERVICE,
    {
        "name": "headsets",
        "skills": {"sales": 1},
        "auto_answer": True,
        "wrap_up": 0,
        "announce_position_every": None,
    },
    {
        "name": "recorded",
        "skills": {"sales": 1},
        "record": True,
        "wrap_up": 0,
        "announce_agent": False,
        "announce_position_every": None,
    },
    {
        "name": "careful",
        "skills": {"sales": 1},
        "ring_for": 30,
        "wrap_up": 600,
        "wrap_up_limit": 3600,
        "announce_agent": False,
        "announce_position_every": None,
    },
    {
        "name": "rated",
        "skills": {"sales": 1},
        "ring_for": 20,
        "wrap_up": 0,
        "announce_agent": False,
        "announce_position_every": None,
        "survey": "after_call",
    },
]
SURVEY = "survey.yaml"
RECORDED = "2002"
CAREFUL = "2003"
RATED = "2004"
NUMBERS = {
    "1000": {"flow": "hotline.yaml"},
    "2000": {"queue": "service", "language": "en"},
    "2001": {"queue": "headsets", "language": "en"},
    RECORDED: {"queue": "recorded", "language": "en"},
    CAREFUL: {"queue": "careful", "language": "en"},
    RATED: {"queue": "rated", "language": "en"},
}

IMPATIENT = """
const sleep = setTimeout;
const CHECKED_WITHIN = 6000, SILENT = 20000;
const patient = (ms) => ms === CHECKED_WITHIN || ms === SILENT;
globalThis.setTimeout = (act, ms) => sleep(act, patient(ms) ? ms : Math.min(ms, 2000));
"""
"""
What the page does by itself now and then it does every two seconds. It has as long as ever for a
check: a busy machine takes more than two; and the stream's pulse comes every five.
"""


AnyTab = TypeVar("AnyTab", bound=Tab)


def surge() -> Alert:
    """An earlier server found it just now; this one does not know its weeks, so that it stands."""
    return Alert(
        id="surge",
        kind="surge",
        severity="critical",
        raised_at=datetime.now(UTC) - timedelta(minutes=2),
        contact_id=None,
        queue="careful",
        lasting=True,
        labels={"zh": "话务激增：careful", "en": "Surge of arrivals: careful"},
        details={
            "subject": "queue",
            "name": "careful",
            "window_minutes": 5,
            "count": 60,
            "expected": 10.0,
            "weeks": 5,
            "parts": [
                {
                    "dimension": "menu_path",
                    "name": "bank: cards",
                    "labels": None,
                    "count": 45,
                    "share": 0.75,
                    "share_before": 0.1,
                },
                {
                    "dimension": "region",
                    "name": "湖北省武汉市",
                    "labels": {"zh": "湖北省武汉市", "en": "Wuhan, Hubei"},
                    "count": 48,
                    "share": 0.8,
                    "share_before": 0.05,
                },
            ],
        },
    )


@dataclass
class Seat(Generic[AnyTab]):
    """An agent at a browser, ready."""

    hotline: Centre
    tab: AnyTab

    async def call(self, dialled: str = "2000", caller: Caller | None = None) -> Caller:
        """Somebody calls and says a tone; it rings here."""
        caller = caller or self.hotline.caller()
        call = await caller.dial(dialled)
        call.say(tone(CALLER))
        await self.tab.when("desk.call?.state === 'ringing'")
        return caller

    async def talk(self, relay: AudioRelay | None = None) -> Caller:
        """
        Somebody calls, and is heard.

        Through a ``relay`` to where :func:`.chromium.through` sent the page.
        """
        caller = await self.call()
        if relay is not None:
            await self.tab.when("globalThis.workerPort > 0")
            relay.target = (relay.host, await self.tab.evaluate("workerPort"))
        await self.tab.press("answer")
        await self.tab.talks()
        await caller.call.hears(MICROPHONE)
        return caller


@dataclass
class ChromiumSeat(Seat[ChromiumTab]):
    context: BrowserContext
    port: int

    async def another_tab(self) -> ChromiumTab:
        """Opened by the first one, so that it begins with a copy of all that the tab remembers."""
        async with self.context.expect_page() as opened:
            await self.tab.page.evaluate("void window.open('/')")
        return ChromiumTab(await opened.value)


@contextlib.asynccontextmanager
async def seated(
    hotline: Centre,
    browser: Browser,
    *scripts: str,
    port: int | None = None,
    who: Hire = LI,
    device: Mapping[str, Any] = DESK,
) -> AsyncIterator[ChromiumSeat]:
    """An agent with a Chromium of their own."""
    port = port or int(hotline.server.config["api"]["port"])
    async with person(browser, *scripts, device=device) as context:
        tab = ChromiumTab(await context.new_page())
        await tab.open(port)
        async with ready(hotline, tab, who):
            seat = ChromiumSeat(hotline, tab, context, port)
            yield seat
        assert tab.errors == seat.tab.errors == []


@contextlib.asynccontextmanager
async def ready(hotline: Centre, tab: Tab, who: Hire = LI) -> AsyncIterator[None]:
    """At the end, however that came, nobody calls and the agent is not ready."""
    agent = hotline.agents[who.id]
    await tab.log_in(who.id)
    try:
        await tab.press("ready")
        await tab.when("desk.agent.state !== 'not_ready'")  # who waits is answered at once
        yield
    finally:
        hotline.everybody_hangs_up()
        await agent.desk.set_state("not_ready")
        await agent.is_in("not_ready")
