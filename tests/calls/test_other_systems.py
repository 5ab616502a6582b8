"""What a flow gets to know of other systems: real ones that answer, and those that do not."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import SecretStr

from config.connectors import ConnectorSettings
from config.queries import OutsideDatabaseSettings
from crm.queries import Lookup
from cti_server.calls.other_systems import OtherSystems
from cti_server.connectors.breaker import FAILURES
from cti_server.connectors.calls import Connectors
from cti_server.flow_plans import check_systems
from cti_server.refusals import StartFailed
from cti_server.store.outside_data import OutsideData
from ivr.flow import Flow, parse
from ivr.inquiries import Answered, AskSystem, FirstRow, LookUp, Refused, Reply, Unanswered
from tests.fakes.outside_systems import TOKEN, OutsideSystems, outside_systems

PIN = "90374615"
LABELS = {"zh": "产品", "en": "Products"}
PRODUCTS = Lookup.model_validate(
    {
        "labels": LABELS,
        "database": "products",
        "sql": "SELECT name, price FROM product WHERE key = :key AND price < :most ORDER BY price",
        "parameters": [
            {"name": "key", "type": "text", "labels": LABELS},
            {"name": "most", "type": "number", "default": 1000, "labels": LABELS},
        ],
        "columns": [{"column": "name", "labels": LABELS}, {"column": "price", "labels": LABELS}],
    }
)
WRONG = PRODUCTS.model_copy(update={"sql": "SELECT name FROM product WHERE key = :key || :most"})
SLOW = PRODUCTS.model_copy(
    update={
        "sql": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
        " SELECT 'x' AS name, count(*) AS price FROM n WHERE CAST(i AS text) <> :key"
        " AND i <> :most"
    }
)
ROWS = [("1", "Router", 199), ("1", "Router Pro", 399), ("2", "Phone", 2500)]
LOOK_UPS = {"products": PRODUCTS, "wrong": WRONG, "slow": SLOW}


@contextmanager
def sqlite_products(folder: Path) -> Iterator[str]:
    file = folder / "products.db"
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("CREATE TABLE product (key text, name text, price integer)")
        database.executemany("INSERT INTO product VALUES (?, ?, ?)", ROWS)
    yield f"sqlite:///{file}"


@pytest.fixture
async def systems() -> AsyncIterator[OutsideSystems]:
    async with outside_systems() as systems:
        yield systems


def connectors_to(systems: OutsideSystems, patience: float = 0.3) -> Connectors:
    settings = {"headers": {"Authorization": TOKEN}, "url": systems.url}
    return Connectors.of(
        {
            name: ConnectorSettings(
                settings={
                    **settings,
                    "url": f"{systems.url}/{name}",
                    "definition": f"shipped:{name}.yaml",
                },
                timeout=timedelta(seconds=patience),
                attempts=1,
            )
            for name in ("billing", "erp", "bank")
        }
    )


@asynccontextmanager
async def others(
    systems: OutsideSystems, url: str = "sqlite:////nowhere/at/all.db", patience: float = 0.3
) -> AsyncIterator[OtherSystems]:
    connectors = connectors_to(systems, patience)
    settings = OutsideDatabaseSettings(url=SecretStr(url), timeout=timedelta(seconds=0.5))
    outside = OutsideData({"products": settings})
    keys = iter(f"k{number}" for number in range(100))
    try:
        yield OtherSystems(connectors, LOOK_UPS, outside, keys.__next__)
    finally:
        await connectors.close()
        await outside.close()


def asking(operation: str = "bank.balance", within: float = 5.0, **values: str) -> AskSystem:
    connector, name = operation.split(".")
    given: dict[str, str | SecretStr] = dict(values) or {
        "account": "62220001",
        "pin": SecretStr(PIN),
    }
    return AskSystem(connector, name, given, within)


async def test_a_pin_goes_into_the_body_of_what_is_asked_and_the_answer_comes_back(
    systems: OutsideSystems,
) -> None:
    async with others(systems) as ask:
        told = await ask.ask(asking())
        bills = await ask.ask(asking("billing.bills", account="a 1", count="2"))

    assert told == Answered({"balance": "1234.56", "currency": "CNY", "as_of": "2026-11-22"})
    assert systems.told["/bank/enquiries/balance"] == [{"account": "62220001", "pin": PIN}]
    assert isinstance(bills, Answered)
    assert systems.asked[-1] == ("/billing/accounts/a 1/bills", {"limit": "2"})
    assert PIN not in str(systems.asked)


@pytest.mark.parametrize(
    ("happens", "asked", "reason"),
    [
        ("hang", asking(), "bank.balance: bank: no answer in time"),
        (500, asking(), "bank.balance: bank: answered 500"),
        ("text", asking(), "bank.balance: bank: no JSON"),
        ("deep", asking(), "bank.balance: bank: no JSON"),
        ("large", asking(), "bank.balance: bank: an answer of more than 262144 bytes"),
        (302, asking(), "bank.balance: bank: answered 302"),
        (None, asking(account="1"), "bank.balance: values: 'pin' is a required property"),
        (
            None,
            asking("billing.bills", account="x", count="many"),
            "billing.bills: values.count: must fit type 'integer'",
        ),
        (
            None,
            asking("bank.transfer"),
            "bank.transfer: there is no operation 'transfer' of a connector 'bank'",
        ),
    ],
)
async def test_a_system_that_is_slow_wrong_or_asked_wrongly_is_told_without_what_was_asked(
    systems: OutsideSystems, happens: int | str | None, asked: AskSystem, reason: str
) -> None:
    systems.usual = happens
    async with others(systems) as ask:
        told = await ask.ask(asked)

    assert told == Unanswered(reason)
    assert PIN not in repr(told)


async def test_who_does_not_know_the_account_refuses_and_is_not_at_fault(
    systems: OutsideSystems,
) -> None:
    systems.usual = 403
    async with others(systems) as ask:
        told = [await ask.ask(asking()) for _ in range(FAILURES + 1)]

    assert told == [Refused()] * (FAILURES + 1)


async def test_a_system_that_is_gone_is_left_alone_after_a_while(systems: OutsideSystems) -> None:
    systems.usual = 503
    async with others(systems) as ask:
        told = [await ask.ask(asking()) for _ in range(FAILURES + 1)]

    assert len(systems.asked) == FAILURES
    assert told[-1] == Unanswered(
        "bank.balance: bank does not answer, and is left alone for a while"
    )


async def test_a_flow_waits_no_longer_than_it_says(systems: OutsideSystems) -> None:
    systems.usual = "hang"
    async with others(systems, patience=30) as ask:
        told = await ask.ask(asking(within=0.1))

    assert told == Unanswered("bank.balance: no answer within 0.1 s")


@pytest.mark.parametrize(("least", "resting"), [(0.01, True), (30.0, False)])
async def test_a_system_that_hangs_longer_than_flows_wait_is_left_alone_unless_they_hardly_wait(
    systems: OutsideSystems, monkeypatch: pytest.MonkeyPatch, least: float, resting: bool
) -> None:
    monkeypatch.setattr("cti_server.connectors.calls.LEAST_WAIT", least)
    systems.usual = "hang"
    async with others(systems, patience=30) as ask:
        told = [await ask.ask(asking(within=0.05)) for _ in range(FAILURES + 1)]

    late = Unanswered("bank.balance: no answer within 0.05 s")
    left_alone = Unanswered("bank.balance: bank does not answer, and is left alone for a while")
    assert told == [late] * FAILURES + [left_alone if resting else late]


async def test_who_hangs_up_while_a_system_is_slow_leaves_no_request_behind(
    systems: OutsideSystems,
) -> None:
    systems.usual = "hang"
    async with others(systems, patience=30) as ask:
        before = asyncio.all_tasks()
        asked = asyncio.create_task(ask.ask(asking(within=30)))
        while not systems.asked:  # noqa: ASYNC110 - it is the other end that knows
            await asyncio.sleep(0.01)
        asked.cancel()
        await asyncio.wait([asked])
        systems.free()
        while systems.answering:  # noqa: ASYNC110
            await asyncio.sleep(0.01)

        assert asked.cancelled()
        assert asyncio.all_tasks() <= before | {asked}


def finding(look_up: str = "products", within: float = 5.0, **values: str) -> LookUp:
    return LookUp(look_up, dict(values) or {"key": "1"}, within)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (finding(), FirstRow({"name": "Router", "price": 199})),
        (finding(key="2", most="3000"), FirstRow({"name": "Phone", "price": 2500})),
        (finding(key="2"), FirstRow(None)),
        (finding(key="1' OR '1'='1"), FirstRow(None)),
        (finding("wrong"), Unanswered("wrong: products gives other columns than are declared")),
        (finding("lost"), Unanswered("lost: there is no such look-up")),
        (finding(most="7"), Unanswered("products: parameters.key: is required")),
        (finding(key="1", most="x"), Unanswered("products: parameters.most: a number")),
        (finding("slow", 0.1), Unanswered("slow: no answer within 0.1 s")),
        (
            finding("slow"),
            Unanswered("slow: the query was broken off after 0.5 s; narrow it down"),
        ),
    ],
)
async def test_the_first_row_of_another_systems_database_is_found_or_there_is_none(
    systems: OutsideSystems, tmp_path: Path, asked: LookUp, told: Reply
) -> None:
    with sqlite_products(tmp_path) as url:
        async with others(systems, url) as ask:
            assert await ask.look_up(asked) == told


async def test_a_database_that_is_not_there_is_told(systems: OutsideSystems) -> None:
    async with others(systems) as ask:
        told = await ask.look_up(finding())

    assert told == Unanswered("products: products: products does not answer")


FLOW = """\
name: test
languages: [en]
start: ask
prompts:
  pin: {en: PIN}
nodes:
  ask:
    type: collect
    prompt: pin
    attribute: pin
    secret: true
    min_digits: 4
    max_digits: 4
    exit_keys: {"*": desk}
    then: request
    otherwise: desk
  request: %s
  look_up: %s
  desk: {type: queue, queue: desk}
"""
WAYS = {"then": "look_up", "refused": "desk", "failed": "desk"}
REQUEST = {
    "type": "request",
    "connector": "bank",
    "operation": "balance",
    "values": {"account": "1", "pin": "{pin}"},
    **WAYS,
}
LOOK_UP = {
    "type": "look_up",
    "look_up": "products",
    "values": {"key": "1"},
    "then": "desk",
    "none": "desk",
    "failed": "desk",
}


def flow_of(request: dict[str, Any] | None = None, look_up: dict[str, Any] | None = None) -> Flow:
    nodes = [{**REQUEST, **(request or {})}, {**LOOK_UP, **(look_up or {})}]
    written = [yaml.safe_dump(node, default_flow_style=True, width=500).strip() for node in nodes]
    return parse(FLOW % tuple(written), "test.yaml")


BILLING: dict[str, Any] = {"connector": "billing"}


@pytest.mark.parametrize(
    ("flow", "told"),
    [
        (flow_of(), []),
        (flow_of({"connector": "x"}), ["17: node 'request': unknown connector 'x'"]),
        (
            flow_of({"values": {"account": "1", "way": "2"}}),
            [
                "17: node 'request': takes no value 'way'",
                "17: node 'request': value 'pin' is missing",
            ],
        ),
        (
            flow_of(BILLING | {"values": {"account": "{pin}"}}),
            [
                "17: node 'request': '{pin}' would be a part of an address, which is no secret",
            ],
        ),
        (
            flow_of(look_up={"values": {"most": "1"}}),
            ["18: node 'look_up': value 'key' is missing"],
        ),
    ],
)
async def test_a_flow_is_checked_against_the_systems_that_there_are(
    systems: OutsideSystems, flow: Flow, told: Sequence[str]
) -> None:
    connectors = connectors_to(systems)
    if not told:
        check_systems([flow], connectors, LOOK_UPS)
        return
    with pytest.raises(StartFailed) as refused:
        check_systems([flow], connectors, LOOK_UPS)
    assert str(refused.value).splitlines() == [f"test.yaml:{one}" for one in told]
