"""Another system that keeps the customers: a real HTTP server, which may be slow, wrong or gone."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import SecretStr, ValidationError
from structlog.testing import capture_logs

from config.crm import CrmSettings, OutsideCrmSettings
from crm.numbers import normalise
from cti_server.caller_lookup import CallerLookup
from cti_server.clock import SystemClock
from cti_server.outside_crm import (
    FAILURES,
    LARGEST,
    OutsideCrm,
    OutsideCrmFailed,
    OutsideCustomer,
)
from cti_server.store.changes import Changes
from cti_server.store.customers import Customers
from cti_server.store.database import Database
from cti_server.store.log import EventLog
from cti_server.store.lookup import CustomerLookup
from cti_server.wire.events import RecordChanged

CALLER = normalise("+8613911112222", "CN")
ANNA: dict[str, Any] = {
    "customer": {"id": 4711, "display": "陈静", "segment": "platinum", "labels": ["fibre"]}
}


class OtherSystem:
    """What it answers is up to the test."""

    def __init__(self) -> None:
        self.asked: list[web.Request] = []
        self.answer: Callable[[], Awaitable[web.StreamResponse]] = self.anna

    async def anna(self) -> web.StreamResponse:
        return web.json_response(ANNA)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request)
        return await self.answer()


@pytest.fixture
async def system() -> AsyncIterator[tuple[OtherSystem, str]]:
    system = OtherSystem()
    app = web.Application()
    app.router.add_get("/customers", system.handle)
    async with TestServer(app) as server:
        yield system, str(server.make_url("/customers"))


def settings(url: str, **more: Any) -> OutsideCrmSettings:
    return OutsideCrmSettings(
        url=url + "?phone={number}",
        headers={"X-Key": SecretStr("secret")},
        fields={
            "external_id": "customer.id",
            "name": "customer.display",
            "tier": "customer.segment",
            "tags": "customer.labels",
            "company": "customer.employer",
        },
        **more,
    )


@pytest.fixture
async def crm(system: tuple[OtherSystem, str]) -> AsyncIterator[OutsideCrm]:
    crm = OutsideCrm(settings(system[1]))
    yield crm
    await crm.close()


async def test_what_it_says_is_read_by_the_configured_expressions(
    system: tuple[OtherSystem, str], crm: OutsideCrm
) -> None:
    found = await crm.find(CALLER)

    assert found == OutsideCustomer(
        external_id="4711", name="陈静", tier="platinum", tags=("fibre",)
    )
    assert found.model_fields_set == {"external_id", "name", "tier", "tags"}
    [request] = system[0].asked
    assert request.query["phone"] == "+8613911112222"
    assert request.headers["X-Key"] == "secret"


async def test_the_same_number_is_asked_about_once_in_a_while(
    system: tuple[OtherSystem, str], crm: OutsideCrm
) -> None:
    await crm.find(CALLER)

    assert await crm.find(CALLER) is None
    assert await crm.find(normalise("+8613911113333", "CN")) is not None
    assert len(system[0].asked) == 2


@pytest.mark.parametrize("number", ["anonymous", "8001", "alice", "65529988"])
async def test_only_whole_numbers_are_worth_asking(
    system: tuple[OtherSystem, str], crm: OutsideCrm, number: str
) -> None:
    assert await crm.find(normalise(number, "CN")) is None
    assert system[0].asked == []


async def test_nobody_is_an_answer_too(system: tuple[OtherSystem, str], crm: OutsideCrm) -> None:
    async def nobody() -> web.StreamResponse:
        return web.Response(status=404)

    system[0].answer = nobody

    assert await crm.find(CALLER) is None
    assert crm.figures.failed == 0


def answers(body: bytes, status: int = 200) -> Callable[[], Awaitable[web.StreamResponse]]:
    async def answer() -> web.StreamResponse:
        headers = {"Location": "http://127.0.0.1:1/"} if status == 302 else {}
        return web.Response(body=body, status=status, headers=headers)

    return answer


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (answers(b"<html>"), "no JSON"),
        (answers('{"customer": "陈静"}'.encode("gbk")), "no JSON"),
        (answers(b"[" * 50_000), "no JSON"),
        (answers(b"{}", 500), "status 500"),
        (answers(b"", 302), "status 302"),
        (answers(b'"' + b"x" * LARGEST + b'"'), f"an answer of more than {LARGEST} octets"),
        (
            answers(b'{"customer": {"id": 1, "display": ["no", "name"]}}'),
            "fields that cannot be used: name",
        ),
        (answers(b'{"customer": {"id": 1}}'), "fields that cannot be used: name"),
    ],
)
async def test_what_cannot_be_used_says_why_and_nothing_of_the_person(
    system: tuple[OtherSystem, str],
    crm: OutsideCrm,
    answer: Callable[[], Awaitable[web.StreamResponse]],
    reason: str,
) -> None:
    system[0].answer = answer

    with pytest.raises(OutsideCrmFailed) as failed:
        await crm.find(CALLER)

    assert str(failed.value) == reason


async def test_one_that_fails_again_and_again_is_left_alone_for_a_while(
    system: tuple[OtherSystem, str], crm: OutsideCrm
) -> None:
    system[0].answer = answers(b"", 500)
    for _ in range(FAILURES):
        with pytest.raises(OutsideCrmFailed):
            await crm.find(CALLER)

    assert await crm.find(CALLER) is None
    assert len(system[0].asked) == FAILURES
    assert crm.figures.spared == 1


# --- with our own records ----------------------------------------------------------------------


@pytest.fixture
async def log(database: Database, tmp_path: Path) -> AsyncIterator[EventLog]:
    log = EventLog(database, tmp_path / "journal", SystemClock(), move_every=0.01)
    await log.start()
    yield log
    await log.close()


@pytest.fixture
def lookup(database: Database, log: EventLog, crm: OutsideCrm) -> CallerLookup:
    numbers = count(1)
    now = SystemClock().now

    def new_id() -> str:
        return f"id-{next(numbers)}"

    return CallerLookup(
        CustomerLookup(database, "CN"),
        crm,
        database=database,
        changes=Changes(database, log.append, now=now, new_id=new_id),
        region="CN",
        now=now,
        new_id=new_id,
    )


async def changes_in(log: EventLog) -> list[tuple[str, list[str], str]]:
    events = [one.event for one in await log.since(0)]
    return [
        (event.action, event.fields, event.changed_by)
        for event in events
        if isinstance(event, RecordChanged)
    ]


async def test_whom_only_the_other_system_knows_pops_with_tier_and_is_kept(
    lookup: CallerLookup, log: EventLog
) -> None:
    pop = await lookup.look_up("013911112222")

    assert pop.match == "one"
    [customer] = pop.customers
    assert (customer.name, customer.tier, customer.tags) == ("陈静", "platinum", ["fibre"])
    assert (await lookup.look_up("013911112222")).customers == [customer]
    assert await changes_in(log) == [
        ("created", ["external_id", "name", "numbers", "tags", "tier"], "outside-crm")
    ]


async def test_what_changed_there_changes_here_and_nothing_else_does(
    database: Database, lookup: CallerLookup, log: EventLog, system: tuple[OtherSystem, str]
) -> None:
    [customer] = (await lookup.look_up("+8613911112222")).customers

    async def promoted() -> web.StreamResponse:
        return web.json_response({"customer": {**ANNA["customer"], "segment": "diamond"}})

    system[0].answer = promoted
    [same] = (await lookup.look_up("+8613911113333")).customers  # from another of her numbers

    assert (same.id, same.tier) == (customer.id, "diamond")
    async with database.readers() as session:
        stored = await Customers(session).get(customer.id)
    assert stored is not None
    assert [number.number for number in stored.numbers] == ["+8613911112222", "+8613911113333"]
    assert (await changes_in(log))[1:] == [("updated", ["numbers", "tier"], "outside-crm")]


async def test_a_system_that_hangs_costs_its_time_out_and_our_own_record_pops(
    lookup: CallerLookup, system: tuple[OtherSystem, str]
) -> None:
    await lookup.look_up("+8613911112222")
    released = asyncio.Event()

    async def hang() -> web.StreamResponse:
        await released.wait()
        return web.Response()

    system[0].answer = hang
    with capture_logs() as logs:
        pop = await lookup.look_up("+8613911113333")
        known = await lookup.look_up("+8613911112222")
    released.set()

    assert pop.match == "none"
    assert [customer.name for customer in known.customers] == ["陈静"]
    assert [(entry["event"], entry["reason"]) for entry in logs] == [
        ("crm.outside_failed", "no answer in time")
    ]


# --- settings ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "at_fault"),
    [
        ({"url": "https://crm.example/customers"}, "url"),
        ({"url": "file:///etc/{number}"}, "url"),
        ({"fields": {"name": "name"}}, "fields"),
        ({"fields": {"external_id": "id", "name": "[", "tier": "t"}}, "fields"),
        ({"timeout": timedelta(0)}, "timeout"),
    ],
)
def test_settings_that_cannot_work_are_refused_by_name(
    wrong: dict[str, Any], at_fault: str
) -> None:
    right: dict[str, Any] = {
        "url": "https://crm.example/{number}",
        "fields": {"external_id": "id", "name": "name"},
    }
    OutsideCrmSettings(**right)

    with pytest.raises(ValidationError) as refused:
        OutsideCrmSettings(**right | wrong)

    assert [fault["loc"][0] for fault in refused.value.errors()] == [at_fault]


def test_the_other_system_may_not_take_longer_than_an_offer_waits() -> None:
    outside = OutsideCrmSettings(
        url="https://crm.example/{number}",
        fields={"external_id": "id", "name": "name"},
        timeout=timedelta(seconds=1),
    )

    with pytest.raises(ValidationError, match=r"outside\.timeout must not be above pop_budget"):
        CrmSettings(outside=outside)
