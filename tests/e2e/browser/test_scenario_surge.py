"""More call than in the weeks before: a supervisor sees why, and tells who waits in one click."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, expect

from cti_server.reporting.counting import begin_of, quarter_of
from cti_server.store.base import Base
from cti_server.store.contacts import Contact
from cti_server.store.quarters import CountedQuarter, LineQuarter, WaitQuarter
from tests.e2e.centre import Centre, centre, queue
from tests.e2e.people import Agent, Caller
from tests.e2e.sounds import hears_text

from .chromium import chromium
from .floor_page import WITHIN, looks, shows, supervising
from .seat import BOSS, WANG

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.interop]

WEEKS = 5
FOUND_WITHIN = 200_000.0  # ms: it is looked for each minute
SERVED, CROWD = 2, 13
AT_ONCE = 4  # go through the menu
BEIJING = "01065550000"
_wuhan = itertools.count(2_787_650_000)


def quiet_weeks(now: datetime) -> Iterator[Base]:
    """At this time of each one caller a quarter of an hour, from Beijing and by another way."""
    begin = quarter_of(now - timedelta(weeks=WEEKS)) - 4
    for number in range(begin, quarter_of(now)):
        yield CountedQuarter(number=number)
    for week in range(WEEKS):
        first = begin + week * 7 * 24 * 4
        for number in range(first, first + 12):
            yield LineQuarter(
                number=number, kind="number", name="1000", arrived=1, answered=1, refused=0,
                unavailable=0, turned_away=0, placed=0, placed_answered=0, busy_ms=60_000, peak=1,
            )  # fmt: skip
            yield WaitQuarter(
                number=number, queue="service", offered=1, overflowed=0, exited=0, lost=0,
                turned_away=0, deferred_offered=0, deferred_answered=0, answered=[1000],
                abandoned=[],
            )  # fmt: skip
            at = begin_of(number)
            yield Contact(
                id=f"before-{number}", channel="voice", call_id=f"before-{number}",
                caller_number=BEIJING, dialled_number="1000", arrived_at=at, flow="hotline",
                path=["welcome", "menu", "account", "service"], queue="service", queued_at=at,
                ended_at=at + timedelta(minutes=1), outcome="handled", phase="ended",
            )  # fmt: skip


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hotline(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Centre]:
    changes: dict[str, Any] = {
        "queues": [queue("service", ring_for=30)],
        "numbers": {"1000": {"flow": "hotline.yaml"}},
        "past": [*quiet_weeks(datetime.now(UTC))],
    }
    async with centre(tmp_path_factory.mktemp("surge"), WANG, BOSS, **changes) as it:
        yield it


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Browser]:
    async with chromium(tmp_path_factory.mktemp("chromium")) as it:
        yield it


async def waits(hotline: Centre) -> Caller:
    """Somebody from Wuhan has come through the menu to the queue."""
    caller = hotline.caller(number=f"0{next(_wuhan)}")
    call = await caller.dial("1000")
    await caller.happens("contact.node_entered", node="menu")
    await call.press("2")
    await caller.queued()
    return caller


async def served(hotline: Centre, agent: Agent) -> None:
    """And has said why they call."""
    caller = await waits(hotline)
    started = await caller.happens("interaction.started")
    interaction = f"/api/v1/interactions/{started.data['interaction_id']}"
    await agent.desk.put(f"{interaction}/disposition", code="answered")
    caller.call.hang_up()
    await caller.over()


async def crowd(hotline: Centre) -> list[Caller]:
    came: list[Caller] = []
    while len(came) < CROWD:
        some = min(AT_ONCE, CROWD - len(came))
        came += await asyncio.gather(*(waits(hotline) for _ in range(some)))
    return came


async def found(page: Page) -> Locator:
    """The surge's drawer, opened from its alert."""
    alert = page.locator("[data-alert=surge]").filter(has_text="Surge of arrivals: service")
    await expect(alert).to_be_visible(timeout=FOUND_WITHIN)
    await alert.get_by_role("button", name="What is new about it").click()
    return page.locator("#drawer")


async def is_broken_down(drawer: Locator) -> None:
    """By all that is known of who calls: those from Wuhan, all by one way, are new."""
    for dimension, name, before in (
        ("region", "Wuhan, Hubei", "0%"),
        ("menu_path", "hotline: welcome > menu > service", "0%"),
        ("number", "1000", "100%"),
        ("reason", "answered", "0%"),
        ("product", "router", "0%"),
    ):
        row = drawer.locator(f"[data-dimension={dimension}] tbody tr")
        await expect(row).to_have_count(1, timeout=WITHIN)
        await shows(row.locator("th"), name)
        await expect(row.locator("td").nth(1)).to_have_text("100%", timeout=WITHIN)
        await expect(row.locator("td").nth(2)).to_have_text(before, timeout=WITHIN)


async def announced(hotline: Centre, drawer: Locator) -> tuple[str, str]:
    """In one click: its id and what it says, as the API has it."""
    await drawer.get_by_role("button", name="Announce").click()
    await shows(drawer.locator(".broadcasts li"), "more calls than usual")
    [service] = await hotline.chief.get("/api/v1/queues")
    [broadcast] = service["broadcasts"]
    return broadcast["id"], broadcast["texts"]["en"]


@pytest.mark.req("SP-04")
async def test_a_crowd_is_found_and_broken_down_and_who_waits_hears_what_is_announced(
    hotline: Centre, browser: Browser, tmp_path: Path
) -> None:
    async with supervising(hotline, browser) as page:
        async with hotline.on_duty("wang") as (wang,):
            for _ in range(SERVED):
                await served(hotline, wang)
        waiting = await crowd(hotline)

        drawer = await found(page)
        await is_broken_down(drawer)
        await looks(page, tmp_path / "surge")
        broadcast, text = await announced(hotline, drawer)

        later = await waits(hotline)
        for caller in (later, waiting[0]):
            await hears_text(caller, text)
            await caller.happens(
                "broadcast.heard", broadcast_id=broadcast, queue="service", whole=True
            )
        later.call.hang_up()
        await hotline.history(later.contact_id)
        told = await hotline.chief.get(f"/api/v1/contacts/{later.contact_id}/events")
        assert broadcast in [one["data"].get("broadcast_id") for one in told]
