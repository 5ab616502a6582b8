"""
From the routing decision to the customer's record, painted in an agent's Chromium.

    python -m benchmarks.bench_desktop_pop [--customers 1000000] [--rate 20] [--calls 200]

A real server with a million customers on SQLite takes calls from them; one agent's page is open in
a real browser, the others' phones are the generator's. The clock runs from ``contact.offered.at``
until the frame with the customer's name is shown (Element Timing); the server's part ends when the
offer, with the record in it, is in another process at the other end of a stream. The store is made
once (:mod:`benchmarks.customer_store`) and stays in ``--folder``.
"""

import argparse
import asyncio
import contextlib
import json
import os
import random
import shutil
import tempfile
import threading
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import aiohttp
from playwright.async_api import Page

from cti_server.store.database import Database
from simulator.load.plan import LoadPlan
from simulator.load.run import LoadRun
from simulator.phone import Phones, answer
from tests.e2e.browser.chromium import chromium, person
from tests.ports import free_port

from . import customer_people
from .bench_calls import yardstick
from .customer_store import fill
from .server import HOST, PASSWORD, BenchServer, Hire

LIMIT, SERVER_LIMIT = 150, 30  # ms, p95
SEATS, HOLD = 300, 2.5
AGENT, NUMBER = "desk", "2000"
WITHIN = 60.0  # s until something that must happen counts as missing
PAUSE = 0.3  # s between two calls at the page, so that the one before is over in it
QUEUE: dict[str, Any] = {
    "name": "unrecorded",
    "skills": {"bench": 1},
    "wrap_up": 0,
    "announce_agent": False,
    "announce_position_every": None,
    "record": False,
}
SEEN = """(() => {
    const now = Date.now; // the server's clock, from which performance.now() drifts away
    let awaited = null;
    globalThis.WebSocket = class extends WebSocket {
        constructor(...address) {
            super(...address);
            this.addEventListener("message", ({data}) => {
                const {type, data: event, pop} = JSON.parse(data);
                if (type !== "delta" || event.event !== "contact.offered") return;
                const {match, customers: [customer]} = pop.customer;
                const name = match === "one" ? customer.name : null;
                awaited = {contact: event.contact_id, name, arrived: now()};
            });
        }
    };
    let told = null;
    new PerformanceObserver((list) => {
        for (const {identifier, renderTime} of list.getEntries()) {
            if (identifier !== told?.contact) continue;
            globalThis.painted({...told, painted: renderTime + now() - performance.now()});
            told = null;
        }
    }).observe({type: "element"});
    new MutationObserver(() => {
        if (!awaited?.name) return;
        const shown = document.querySelector("#customer .name");
        if (shown?.textContent !== awaited.name || shown.hasAttribute("elementtiming")) return;
        [told, awaited] = [awaited, null];
        shown.setAttribute("elementtiming", told.contact); // before it is drawn for the first time
    }).observe(document, {subtree: true, childList: true, characterData: true});
})()"""


@dataclass
class Pop:
    """Moments of one offer, in seconds of the wall's clock."""

    offered: float = 0.0
    at_a_stream: float = 0.0
    in_the_page: float = 0.0
    painted: float = 0.0


@dataclass
class Watched:
    """What is known of each contact, and whether the agent is free."""

    pops: dict[str, Pop] = field(default_factory=dict)
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    drawn: asyncio.Event = field(default_factory=asyncio.Event)

    def paint(self, told: dict[str, Any]) -> None:
        pop = self.pops.setdefault(told["contact"], Pop())
        pop.in_the_page, pop.painted = told["arrived"] / 1000, told["painted"] / 1000
        self.drawn.set()

    async def follow(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        async for message in socket:
            arrived, told = time.time(), json.loads(message.data)
            if told["type"] != "delta":
                continue
            match told["data"]:
                case {"event": "contact.offered", "contact_id": contact}:
                    self.ready.clear()
                    pop = self.pops.setdefault(contact, Pop())
                    pop.offered = datetime.fromisoformat(told["at"]).timestamp()
                    pop.at_a_stream = arrived
                case {"event": "agent.state_changed", "state": "ready"}:
                    self.ready.set()


async def store(file: Path, customers: int, past: int) -> str:
    """The URL of a database with so many; made where it is not there yet."""
    url, done = f"sqlite+aiosqlite:///{file}", file.with_suffix(".done")
    if not done.exists():
        for old in file.parent.glob(f"{file.name}*"):
            old.unlink()
        file.parent.mkdir(parents=True, exist_ok=True)
        database = Database(url, patience=3600.0)
        await database.upgrade()
        await database.close()
        await fill(database, customers, past)
        done.touch()
    database = Database(url, patience=3600.0)
    await database.upgrade()  # it may be of an earlier server
    await database.close()
    return url


def callers(customers: int, count: int) -> list[str]:
    """Numbers of one customer each, everybody's once."""
    chance = random.Random(11)
    places = (place * 10 + chance.randrange(1, 8) for place in range(customers // 10))
    found = [customer_people.number(place) for place in places]
    chance.shuffle(found)
    return found[:count]


@contextlib.asynccontextmanager
async def stream(api: str, watched: Watched) -> AsyncIterator[aiohttp.ClientSession]:
    """The agent's own, read beside the page; what else is asked in the agent's name."""
    body = {"agent_id": AGENT, "password": PASSWORD}
    async with aiohttp.ClientSession(api, raise_for_status=True) as session:
        async with session.post("/api/v1/sessions", json=body) as answered:
            token = (await answered.json())["token"]
        session.headers["Authorization"] = f"Bearer {token}"
        async with session.ws_connect("/api/v1/stream") as socket:
            await socket.send_json({"type": "hello", "token": token})
            following = asyncio.create_task(watched.follow(socket))
            try:
                yield session
            finally:
                following.cancel()
                await asyncio.gather(following, return_exceptions=True)


@contextlib.asynccontextmanager
async def page_of(api: str, watched: Watched) -> AsyncIterator[Page]:
    """The agent's; nothing goes wrong in it."""
    errors: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        async with chromium(Path(folder)) as browser, person(browser, SEEN) as context:
            context.set_default_timeout(1000 * WITHIN)
            await context.expose_function("painted", watched.paint)
            page = await context.new_page()
            page.on("pageerror", lambda error: errors.append(str(error)))
            await page.goto(api.replace(HOST, "localhost"))
            await page.fill("#agent-id", AGENT)
            await page.fill("#password", PASSWORD)
            await page.press("#password", "Enter")
            await page.wait_for_selector("#ready")
            yield page
    if errors:
        raise RuntimeError(f"in the page: {errors}")


async def measured(server: BenchServer, phone: int, numbers: list[str]) -> list[Pop]:
    """One caller after the other at the page."""
    watched = Watched()
    phones = Phones(HOST, phone)
    await phones.start()
    try:
        phones.add(AGENT).on_ring = answer()
        async with stream(server.api, watched) as session, page_of(server.api, watched):
            for state in ("not_ready", "ready"):
                async with session.put(f"/api/v1/agents/{AGENT}/state", json={"state": state}):
                    pass
            for number in numbers:
                async with asyncio.timeout(WITHIN):
                    await watched.ready.wait()
                    await asyncio.sleep(PAUSE)
                    watched.drawn.clear()
                    call = await phones.add(number).call(server.uri(NUMBER))
                    await watched.drawn.wait()
                    watched.ready.clear()
                    call.hang_up()
    finally:
        await phones.close()
    return [pop for pop in watched.pops.values() if pop.offered and pop.painted]


def told(what: str, seconds: list[float], limit: str = "") -> None:
    ordered = sorted(seconds)
    shown = [1000 * ordered[int(len(ordered) * share)] for share in (0.5, 0.95, 0.99)]
    print(f"{what:46} p50 {shown[0]:6.1f}, p95 {shown[1]:6.1f}, p99 {shown[2]:6.1f} ms{limit}")


def report(pops: list[Pop]) -> None:
    told(
        "decision to the record painted",
        [one.painted - one.offered for one in pops],
        f"; limit p95 {LIMIT}",
    )
    told(
        "the server's part, to a stream's other end",
        [one.at_a_stream - one.offered for one in pops],
        f"; limit p95 {SERVER_LIMIT}",
    )
    told("decision to the page's script", [one.in_the_page - one.offered for one in pops])
    told("the page's script to paint", [one.painted - one.in_the_page for one in pops])


def busy(server: BenchServer, given: argparse.Namespace, numbers: list[str]) -> list[Pop]:
    """The measured calls, and all others beside."""
    agent_phone = given.phone
    plan = LoadPlan(
        target=server.uri("1001"),
        agents_at=(server.agents_at,),
        duration=given.calls * (WITHIN / 10) + 60,
        rate=given.rate,
        concurrent=int(4 * given.rate * HOLD) + 20,
        hold=HOLD,
        rtp=False,
        numbers=tuple(numbers[given.calls :]),
    )
    over = threading.Event()
    with LoadRun(plan) as run:
        run.wait(lambda now: now.answered >= 2 * given.rate * HOLD, within=30)

        def listen() -> None:
            while not over.is_set():
                run.wait(lambda now: over.is_set(), within=1.0)

        listener = threading.Thread(target=listen)
        listener.start()
        try:
            pops = asyncio.run(measured(server, agent_phone, numbers[: given.calls]))
        finally:
            over.set()
            listener.join()
        run.stop()
        run.all_over()
        beside = run.finish()
    print(f"beside: {beside.calls} calls, failed: {beside.failures or 'none'}")
    print(*beside.invalid, sep="\n", end="\n" if beside.invalid else "")
    return pops


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--customers", type=int, default=1_000_000)
    options.add_argument("--past", type=int, default=2_000_000, help="rows of their timelines")
    options.add_argument("--rate", type=float, default=20, help="calls a second beside")
    options.add_argument("--calls", type=int, default=200, help="that come to the page")
    options.add_argument("--folder", type=Path, default=Path("/tmp/bench_desktop"))  # noqa: S108
    options.add_argument("--forget", action="store_true", help="the store, at the end")
    options.add_argument("--quick", action="store_true", help="20,000 customers, 15 calls")
    given = options.parse_args()
    if given.quick:
        given.customers, given.past, given.calls = 20_000, 40_000, 15
    given.phone = free_port()
    file = given.folder / f"{given.customers}-{given.past}.db"
    print(f"load {os.getloadavg()[0]:.1f} before, yardstick {yardstick():.1f} ms")
    try:
        url = asyncio.run(store(file, given.customers, given.past))
        phone = f"sip:{AGENT}@{HOST}:{given.phone}"
        who = Hire(AGENT, "Desk", "9000", {"desk": 1}, ("agent",), phone)
        settings = {
            "database_url": url,
            "queues": [QUEUE, {**QUEUE, "name": "desk", "skills": {"desk": 1}}],
            "numbers": {
                "1001": {"queue": "unrecorded", "language": "en"},
                NUMBER: {"queue": "desk", "language": "en"},
            },
        }
        with BenchServer(seats=SEATS, people=[who], settings=settings) as server:
            pops = busy(server, given, callers(given.customers, 30_000))
        print(f"{given.customers} customers, {given.rate:g} calls a second, {len(pops)} seen")
        report(pops)
    finally:
        if given.forget:
            shutil.rmtree(given.folder, ignore_errors=True)
    print(f"load {os.getloadavg()[0]:.1f} after, yardstick {yardstick():.1f} ms")


if __name__ == "__main__":
    main()
