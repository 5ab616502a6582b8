"""The shipped connectors against systems that listen, and what happens when those misbehave."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
from pydantic import BaseModel

from config.connectors import ConnectorSettings
from crm.errors import InvalidField
from cti_server.connectors.breaker import FAILURES
from cti_server.connectors.calls import Connectors
from cti_server.connectors.errors import (
    ConnectorUnusable,
    NoSuchOperation,
    OutsideFailed,
    OutsideRefused,
    OutsideResting,
)
from cti_server.connectors.kinds import Operation
from tests.fakes.outside_systems import TOKEN, OutsideSystems, outside_systems

SHIPPED = ("billing", "trouble_ticket", "erp", "activation", "mail", "warehouse", "fraud")


@pytest.fixture
async def systems() -> AsyncIterator[OutsideSystems]:
    async with outside_systems() as systems:
        yield systems


def entry(url: str, name: str, **more: Any) -> ConnectorSettings:
    settings = {
        "url": f"{url}/{name}",
        "headers": {"Authorization": TOKEN},
        "definition": f"shipped:{name}.yaml",
    }
    return ConnectorSettings(settings=settings, timeout=timedelta(seconds=0.3), **more)


@asynccontextmanager
async def connected(systems: OutsideSystems, **more: Any) -> AsyncIterator[Connectors]:
    connectors = Connectors.of({name: entry(systems.url, name, **more) for name in SHIPPED})
    yield connectors
    await connectors.close()


async def test_what_other_systems_know_of_a_customer_is_looked_up(systems: OutsideSystems) -> None:
    async with connected(systems) as ask:
        balance = await ask.call("billing", "balance", {"account": "a 1"})
        bills = await ask.call("billing", "bills", {"account": "a 1", "count": 2})
        stock = await ask.call("warehouse", "stock", {"product": "rice", "site": "north"})

    assert balance == {"amount": -1250, "currency": "CNY", "due_on": "2026-12-01"}
    assert [(each["number"], each["paid"]) for each in bills["bills"]] == [
        ("b2", False),
        ("b1", True),
    ]
    assert stock == {"available": 7, "next_on": "2026-11-30"}
    assert [query for _, query in systems.asked] == [{}, {"limit": "2"}, {"site": "north"}]


@pytest.mark.parametrize(
    ("name", "operation", "values", "told", "answered", "afterwards"),
    [
        (
            "trouble_ticket",
            "open",
            {"reference": "T1", "description": "no signal", "severity": "major"},
            {"externalId": "T1", "description": "no signal", "severity": "major"},
            {"id": "TT1", "status": "acknowledged"},
            {"status": "inProgress", "reason": "crew on its way"},
        ),
        (
            "erp",
            "hand_over",
            {
                "number": "O1",
                "currency": "CNY",
                "total": 99,
                "lines": [{"product": "rice", "quantity": 3}],
            },
            {
                "externalNumber": "O1",
                "currency": "CNY",
                "total": 99,
                "items": [{"product": "rice", "quantity": 3}],
            },
            {"id": "SO1", "state": "accepted"},
            {"state": "shipped"},
        ),
        (
            "activation",
            "request",
            {"reference": "O1", "line": "L1", "service": "fibre", "wish": "activate"},
            {"externalId": "O1", "line": "L1", "service": "fibre", "action": "activate"},
            {"id": "R1", "state": "inProgress"},
            {"state": "failed", "reason": "no free port", "done_at": None},
        ),
        (
            "mail",
            "send",
            {"to": "fang@example.cn", "template": "bill_copy", "language": "zh"},
            {"recipient": "fang@example.cn", "templateId": "bill_copy", "locale": "zh"},
            {"id": "M1", "state": "queued"},
            {"state": "bounced", "reason": "mailbox full"},
        ),
        (
            "fraud",
            "check",
            {"account": "a1", "wish": "change_sim"},
            {"account": "a1", "action": "change_sim"},
            {"score": 91, "risk": True, "reasons": ["sim_swapped"]},
            None,
        ),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
async def test_what_they_are_to_do_is_done_once_and_asked_after(
    systems: OutsideSystems,
    name: str,
    operation: str,
    values: dict[str, Any],
    told: dict[str, Any],
    answered: dict[str, Any],
    afterwards: dict[str, Any] | None,
) -> None:
    systems.next_answers = ["lost"]  # it was done; with the key it may be asked for again
    async with connected(systems) as ask:
        answer = await ask.call(name, operation, values, "key-1")
        again = await ask.call(name, operation, values, "key-1")
        later = await ask.call(name, "status", {"id": answer["id"]}) if afterwards else {}

    assert answer == again == answered
    assert list(systems.told.values()) == [[told]]
    assert (afterwards or {}).items() <= later.items()


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ("hang", "no answer in time"),
        ("large", "more than"),
        ("text", "no JSON"),
        ("gbk", "no JSON"),
        ("deep", "no JSON"),
        (500, "answered 500"),
        (302, "answered 302"),
        (429, "answered 429"),
    ],
)
async def test_a_look_up_that_fails_is_tried_again_and_then_says_why(
    systems: OutsideSystems, how: int | str, reason: str
) -> None:
    async with connected(systems) as ask:
        systems.next_answers = [how]
        assert (await ask.call("warehouse", "stock", {"product": "rice"}))["available"] == 7
        systems.next_answers = [how, how]
        with pytest.raises(OutsideFailed, match=reason):
            await ask.call("warehouse", "stock", {"product": "rice"})

        assert ask.lines["warehouse"].health.failed == 3
        assert reason in str(ask.lines["warehouse"].health.failure)
    assert len(systems.asked) == 4


async def test_an_answer_of_other_kinds_than_are_described_is_the_systems_fault(
    systems: OutsideSystems, tmp_path: Path
) -> None:
    definition = tmp_path / "odd.yaml"
    definition.write_text("""\
operations:
  holds:
    path: /billing/accounts/a%201/balance
    parameters: {type: object}
    answer: {holds: "contains(currency, amount)"}
  rounded:
    path: /billing/accounts/a%201/balance
    parameters: {type: object}
    answer: {rounded: "ceil(to_number('nan'))"}
""")
    odd = {"url": systems.url, "headers": {"Authorization": TOKEN}, "definition": str(definition)}
    ask = Connectors.of({"odd": ConnectorSettings(settings=odd, attempts=1)})
    for operation, reason in ("holds", "TypeError"), ("rounded", "ValueError"):
        with pytest.raises(OutsideFailed, match=reason):
            await ask.call("odd", operation, {})
    await ask.close()

    assert ask.lines["odd"].health.failed == ask.lines["odd"].breaker.failures == 2


async def test_an_answer_is_read_in_the_charset_that_it_declares(systems: OutsideSystems) -> None:
    async with connected(systems, attempts=1) as ask:
        systems.charset = "gb2312"  # and it is GBK, as usual: 镕 is not in GB 2312
        stock = await ask.call("warehouse", "stock", {"product": "镕"})
        systems.charset = "klingon"
        with pytest.raises(OutsideFailed, match="a charset that is not known"):
            await ask.call("warehouse", "stock", {"product": "rice"})

        assert ask.lines["warehouse"].breaker.failures == 1
    assert stock == {"available": 1, "next_on": "镕记"}


async def test_who_says_no_is_not_asked_again_and_is_not_ill(systems: OutsideSystems) -> None:
    async with connected(systems) as ask:
        for _ in range(FAILURES + 1):
            with pytest.raises(OutsideRefused, match="answered 404"):
                await ask.call("billing", "balance", {"account": "nobody"})
        assert not ask.resting("billing")
        assert ask.lines["billing"].health.refused == FAILURES + 1
    assert len(systems.asked) == FAILURES + 1


async def test_a_system_that_hangs_is_left_alone_and_the_others_are_not(
    systems: OutsideSystems,
) -> None:
    systems.usual = 500
    async with connected(systems, attempts=1) as ask:
        for _ in range(FAILURES):
            with pytest.raises(OutsideFailed):
                await ask.call("billing", "balance", {"account": "a 1"})
        with pytest.raises(OutsideResting):
            await ask.call("billing", "balance", {"account": "a 1"})
        systems.usual = None
        stock = await ask.call("warehouse", "stock", {"product": "rice"})
        figures = await ask.figures()

    assert stock["available"] == 7
    assert (figures["failed_total"], figures["spared_total"], figures["resting"]) == (3, 1, 1)
    assert len(systems.asked) == FAILURES + 1


@pytest.mark.parametrize(
    ("operation", "values", "refusal"),
    [
        ("pay", {}, NoSuchOperation),
        ("balance", {}, InvalidField),
        ("balance", {"account": "a", "more": 1}, InvalidField),
        ("balance", {"account": ".."}, InvalidField),
    ],
)
async def test_only_what_is_described_is_asked(
    systems: OutsideSystems, operation: str, values: dict[str, Any], refusal: type[Exception]
) -> None:
    async with connected(systems) as ask:
        with pytest.raises(refusal):
            await ask.call("billing", operation, values)
        with pytest.raises(OutsideRefused):
            await ask.call("billing", "balance", {"account": "a/../../fraud?x={account}"})

    assert [path for path, _ in systems.asked] == [
        "/billing/accounts/a/../../fraud?x={account}/balance"
    ]


class Echo:
    """A kind of somebody's own."""

    class Settings(BaseModel):
        word: str

    operations: ClassVar[Mapping[str, Operation]] = {"say": Operation({"type": "object"}, True)}

    def __init__(self, settings: Any) -> None:
        self._word = settings.word

    async def call(
        self, operation: str, values: Mapping[str, Any], key: str | None
    ) -> Mapping[str, Any]:
        return {operation: self._word}

    async def close(self) -> None: ...


async def test_a_kind_of_ones_own_is_found_by_name_and_its_settings_are_checked() -> None:
    kind = f"{__name__}:Echo"
    good = ConnectorSettings(kind=kind, settings={"word": "hello"})
    ask = Connectors.of({"echo": good})

    assert await ask.call("echo", "say", {}) == {"say": "hello"}
    for wrong, reason in (
        (ConnectorSettings(kind=kind), r"connectors\.echo: settings\.word: Field required"),
        (ConnectorSettings(kind="nowhere:Nothing"), "kind: there is no"),
        (ConnectorSettings(kind="soap"), "kind: there is no"),
        (
            ConnectorSettings(settings={"url": "http://x", "definition": "none.yaml"}),
            "No such file",
        ),
    ):
        with pytest.raises(ConnectorUnusable, match=reason):
            Connectors.of({"echo": wrong})
