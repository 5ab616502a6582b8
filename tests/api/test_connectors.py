"""Other systems, asked over REST by whoever serves a customer."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from config.connectors import ConnectorSettings
from cti_server.store.tickets import Ticket
from cti_server.tickets import shipped
from tests.fakes.outside_systems import TOKEN, OutsideSystems, outside_systems

from .asking import asking, told
from .conftest import NINE, Centre, opened

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
        for name in ("billing", "fraud", "trouble_ticket")
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
    billing, *_ = (await li("GET", "connectors")).body

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
    billing, other, _ = (await li("GET", "connectors")).body

    assert statuses == [502, 503, 503]
    assert (billing["resting"], billing["failure"]) == (True, "answered 500")
    assert other["resting"] is False


async def test_a_ticket_is_marked_where_fraud_detection_sees_a_risk(connected: Centre) -> None:
    li = asking(connected, "li")
    here = connected.parts
    await shipped.load(here.changes, NINE, here.new_id)
    async with here.database.sessions.begin() as session:
        session.add(ticket("t1"))
        session.add(ticket("t2", team="north"))
    lin = asking(connected, "lin")
    body = {"values": {"account": "a1", "wish": "change_sim"}, "ticket_id": "t1"}
    said = await li("POST", "connectors/fraud/check", body)
    refused = [
        (await lin("POST", "connectors/fraud/check", body | {"ticket_id": "t2"})).status,
        (await asking(connected, "sun")("POST", "connectors/fraud/check", body)).status,
        (
            await li(
                "POST", "connectors/billing/balance", {"values": {"account": "a 1"}, **OF_TICKET}
            )
        ).status,
    ]
    async with here.database.readers() as session:
        marked = await session.get_one(Ticket, "t1")

    assert said.body["answer"] == {"score": 91, "risk": True, "reasons": ["sim_swapped"]}
    assert (marked.risk, marked.risk_note, marked.version) == (True, "fraud: check", 2)
    assert refused == [404, 403, 422]
    assert ("li", "updated", "ticket", "t1") in await told(connected, record="ticket")


OF_TICKET = {"ticket_id": "t1"}


def ticket(ticket_id: str, **more: Any) -> Ticket:
    return Ticket(
        id=ticket_id,
        serial=int(ticket_id[1:]),
        number=ticket_id,
        type="complaint",
        state="open",
        state_since=NINE,
        subject="x",
        week="2026-W47",
        opened_at=NINE,
        opened_by="li",
        created_at=NINE,
        updated_at=NINE,
        **more,
    )
