"""Other systems, asked over REST by whoever serves a customer."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from config.connectors import ConnectorSettings
from tests.fakes.outside_systems import TOKEN, OutsideSystems, outside_systems

from .asking import asking, told
from .conftest import Centre, opened

TICKET = {"values": {"reference": "T1", "description": "no signal"}}


@pytest.fixture
async def systems() -> AsyncIterator[OutsideSystems]:
    async with outside_systems() as systems:
        yield systems


@pytest.fixture
async def connected(tmp_path: Path, systems: OutsideSystems) -> AsyncIterator[Centre]:
    entries = {
        name: ConnectorSettings(
            settings={
                "url": f"{systems.url}/{name}",
                "headers": {"Authorization": TOKEN},
                "definition": f"shipped:{name}.yaml",
            }
        )
        for name in ("billing", "trouble_ticket")
    }
    async with opened(tmp_path, connected=entries) as centre:
        yield centre


async def test_an_agent_asks_another_system_and_the_audit_trail_has_who_did(
    connected: Centre,
) -> None:
    li = asking(connected, "li")
    said = await li("POST", "connectors/billing/balance", {"values": {"account": "a 1"}})
    refused = await li("POST", "connectors/billing/balance", {"values": {"account": "nobody"}})
    wrong = [
        await li("POST", f"connectors/{path}", {"values": {}})
        for path in ("billing/balance", "billing/pay", "nothing/pay")
    ]
    [billing, _] = (await li("GET", "connectors")).body

    assert said.body == {"answer": {"amount": -1250, "currency": "CNY", "due_on": "2026-12-01"}}
    assert (refused.status, refused.kind) == (409, "OutsideRefused")
    assert [answer.status for answer in wrong] == [422, 404, 404]
    assert (billing["name"], billing["asked"], billing["refused"]) == ("billing", 2, 1)
    assert [each["name"] for each in billing["operations"]] == ["balance", "bills"]
    assert "Bearer" not in str(billing)
    assert ("li", "read", "connector", "billing") in await told(connected, record="connector")


async def test_what_is_asked_for_again_with_the_same_key_is_done_once(
    connected: Centre, systems: OutsideSystems
) -> None:
    token = asking(connected, "li").token
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "once"}
    path = "/api/v1/connectors/trouble_ticket/open"
    systems.next_answers = ["lost", "lost"]  # both attempts of the first request
    first = await connected.client.post(path, json=TICKET, headers=headers)
    second = await connected.client.post(path, json=TICKET, headers=headers)

    assert (first.status, second.status) == (502, 200)
    assert (await second.json())["answer"] == {"id": "TT1", "status": "acknowledged"}
    assert [len(bodies) for bodies in systems.told.values()] == [1]


async def test_a_system_that_is_left_alone_is_said_to_be(
    connected: Centre, systems: OutsideSystems
) -> None:
    li = asking(connected, "li")
    systems.usual = 500
    body = {"values": {"account": "a 1"}}
    statuses = [(await li("POST", "connectors/billing/balance", body)).status for _ in range(3)]
    [billing, other] = (await li("GET", "connectors")).body

    assert statuses == [502, 503, 503]
    assert (billing["resting"], billing["failure"]) == (True, "answered 500")
    assert other["resting"] is False
