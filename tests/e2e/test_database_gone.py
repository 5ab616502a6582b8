"""The database is slow, locked or away while calls go on: nobody notices, nothing is lost."""

import asyncio
import os
import sqlite3
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.fakes.postgres import PostgresServer

from .centre import LI, Centre, centre
from .people import Caller

pytestmark = pytest.mark.asyncio(loop_scope="module")

AWAY = float(os.environ.get("DATABASE_AWAY", "4"))  # seconds; 30 to see it as the issue has it
QUEUES: list[dict[str, Any]] = [
    {
        "name": "service",
        "skills": {"sales": 1},
        "ring_for": 5,
        "wrap_up": 0,
        "announce_agent": False,
        "announce_position_every": None,
    }
]
NUMBERS = {"2000": {"queue": "service", "language": "en"}}
CUSTOMERS = "name,phone,tier\n李娜,13800138000,vip\n".encode()
NINA = "13800138000"
COMPLAINTS = {"store.database_failed", "crm.lookup_failed"}


def allowed(line: Mapping[str, Any]) -> bool:
    return line.get("event") in COMPLAINTS


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def on_postgres(
    tmp_path_factory: pytest.TempPathFactory, postgres: PostgresServer
) -> AsyncIterator[Centre]:
    url = postgres.create("e2e")
    folder = tmp_path_factory.mktemp("postgres")
    async with centre(
        folder,
        LI,
        customers=CUSTOMERS,
        allowed=allowed,
        queues=QUEUES,
        numbers=NUMBERS,
        database_url=url,
    ) as it:
        yield it


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def on_sqlite(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Centre]:
    folder = tmp_path_factory.mktemp("sqlite")
    async with centre(
        folder, LI, customers=CUSTOMERS, allowed=allowed, queues=QUEUES, numbers=NUMBERS
    ) as it:
        yield it


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Another process writes, and does not come to an end."""
    connection = sqlite3.connect(file, isolation_level=None)
    try:
        connection.execute("BEGIN IMMEDIATE")
        yield
    finally:
        connection.rollback()
        connection.close()


@contextmanager
def stopped(postgres: PostgresServer) -> Iterator[None]:
    """As after a crash: every connection is cut, and nobody listens."""
    postgres.stop()
    try:
        yield
    finally:
        postgres.start()


@contextmanager
def frozen(postgres: PostgresServer) -> Iterator[None]:
    """Connections stand, and nothing is answered."""
    postgres.freeze()
    try:
        yield
    finally:
        postgres.thaw()


async def set_up(it: Centre) -> tuple[Caller, float]:
    """One whole call; seconds from the INVITE to the conversation."""
    caller = it.caller()
    call = await caller.dial("2000")
    started = await caller.happens("interaction.started")
    seconds = started.heard_at - call.began_at
    caller.call.hang_up()
    assert await caller.over() == ("handled", "caller-hung-up")
    return caller, seconds


@asynccontextmanager
async def away(cut: AbstractContextManager[Any]) -> AsyncIterator[None]:
    """The database is away, for so many seconds at least."""
    await asyncio.to_thread(cut.__enter__)
    began = asyncio.get_running_loop().time()
    try:
        yield
        rest = began + AWAY - asyncio.get_running_loop().time()
        await asyncio.sleep(max(0.0, rest))
    finally:
        await asyncio.to_thread(cut.__exit__, None, None, None)


def all_is_stored(figures: Mapping[str, float]) -> bool:
    return figures["hotline_events_stored_total"] == figures["hotline_events_appended_total"]


async def calls_go_on(it: Centre, cut: AbstractContextManager[Any]) -> None:
    """
    Calls before, while and after the database is away: set up in the same time, all recorded.

    Every event that the stream told is in the records afterwards, under its number.
    """
    async with it.on_duty("li"):
        usual = [(await set_up(it))[1] for _ in range(3)]
        async with away(cut):
            meanwhile = [await set_up(it) for _ in range(4)]
        afterwards, _ = await set_up(it)
    callers = [caller for caller, _ in meanwhile]
    for caller in [*callers, afterwards]:
        history = await it.history(caller.contact_id, within=45)
        assert history["contact"]["outcome"] == "handled"
        assert [leg["reason"] for leg in history["legs"]] == ["caller-hung-up", "released"]
        assert [one["outcome"] for one in history["interactions"]] == ["handled"]
        assert len(history["segments"]) == 1
        assert len(history["recordings"]) == 1
    await it.settled(within=45)
    async with asyncio.timeout(45):
        while not all_is_stored(figures := await it.figures()):  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.05)

    assert min(seconds for _, seconds in meanwhile) < max(usual) + 0.5
    assert figures["hotline_events_lost_total"] == 0
    assert figures["hotline_events_underived_total"] == 0
    assert figures["hotline_events_database_failing"] == 0


async def test_postgresql_is_stopped(on_postgres: Centre, postgres: PostgresServer) -> None:
    """The server is alive meanwhile, but says that it is not ready."""
    it = on_postgres
    assert await it.readiness() == 200
    going_on = asyncio.create_task(calls_go_on(it, stopped(postgres)))
    try:
        async with asyncio.timeout(30):
            while await it.readiness() != 503:  # noqa: ASYNC110 - of another process
                await asyncio.sleep(0.1)
    finally:
        await going_on
    assert await it.readiness() == 200


async def test_postgresql_hangs(on_postgres: Centre, postgres: PostgresServer) -> None:
    await calls_go_on(on_postgres, frozen(postgres))


async def test_sqlite_is_locked_by_another_writer(on_sqlite: Centre) -> None:
    await calls_go_on(on_sqlite, locked(on_sqlite.server.data / "hotline.db"))


async def test_a_look_up_that_hangs_costs_the_budget_and_the_call_goes_on(
    on_postgres: Centre, postgres: PostgresServer
) -> None:
    """The pop says that nobody could look, which is not that there is nobody."""
    it = on_postgres
    async with it.on_duty("li") as (li,):
        async with li.desk.stream() as feed, away(frozen(postgres)):
            caller = it.caller(number=NINA)
            call = await caller.dial("2000")
            pop = (await feed.until("contact.offered"))["pop"]
            phone = await li.rung()
            await caller.happens("interaction.started")
            caller.call.hang_up()
            await caller.over()
        async with li.desk.stream() as feed:
            again = it.caller(number=NINA)
            await again.dial("2000")
            known = (await feed.until("contact.offered"))["pop"]
            again.call.hang_up()
            await again.over()

    assert pop["customer"] == {
        "match": "unavailable",
        "confidence": 0.0,
        "customers": [],
        "history": [],
        "open_tickets": [],
        "actions": [],
    }
    assert phone.began_at - call.began_at < 1.0
    assert known["customer"]["customers"][0]["name"] == "李娜"
