"""What a customer's record does to their calls: greeted, promised a short wait, called."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from simulator.phone import Softphone, answer
from tests.running_server import Desktop

from .carrier import LOOPBACK, carrier, trunk
from .centre import LI, Centre, centre
from .people import Caller, Hire, passed
from .sounds import said_in

pytestmark = pytest.mark.asyncio(loop_scope="module")

NINA, WEI = "+8613800138000", "+8613900139000"
CUSTOMERS = f"external_id,name,phone,tier\nC1,李娜,{NINA},vip\nC2,王伟,{WEI},gold\n".encode()
GREETING = "Good day, and thank you for your loyalty."
CRM = {
    "tier_priorities": {"vip": 20},
    "tier_greetings": {"vip": {"en": GREETING, "zh": "您好,感谢您的支持。"}},
}
BOSS = Hire("boss", "8000", skills=(), roles=("admin",), registers=False)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def company() -> AsyncIterator[Any]:
    async with carrier() as it:
        yield it


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def customer(company: Any) -> Softphone:
    """Wei's telephone, which is picked up."""
    phone: Softphone = company.add(WEI)
    phone.on_ring = answer()
    return phone


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hotline(tmp_path_factory: pytest.TempPathFactory, company: Any) -> AsyncIterator[Centre]:
    async with centre(
        tmp_path_factory.mktemp("promises"),
        LI,
        BOSS,
        customers=CUSTOMERS,
        crm=CRM,
        sip={"trunks": [LOOPBACK, trunk("carrier", company)]},
        routes=[{"prefix": "+86", "trunks": ["carrier"]}],
    ) as it:
        yield it


async def in_line(hotline: Centre, *numbers: str | None) -> list[Caller]:
    """Callers who wait, in the order in which they called."""
    callers = [hotline.caller(number=number) for number in numbers]
    for caller in callers:
        await caller.dial("2001")
        await caller.queued()
    return callers


@pytest.mark.req("CR-17")
async def test_a_special_customer_is_recognised_before_the_queue_goes_first_and_is_greeted(
    hotline: Centre,
) -> None:
    stranger, nina = await in_line(hotline, None, NINA)
    matched = await nina.happens("contact.customer_matched", match="one")
    queued = await nina.queued()
    while not said_in(nina.call.heard.everything(), GREETING):
        await passed(nina.call, 0.2)
    heard_by_the_stranger = stranger.call.heard.everything()
    async with hotline.on_duty("li"):
        assert (await nina.happens("interaction.started")).data["agent_id"] == "li"
        nina.call.hang_up()
        await nina.over()
        await stranger.happens("interaction.started")
        stranger.call.hang_up()
        await stranger.over()

    assert matched.sequence < queued.sequence
    assert queued.data["priority"] == 20
    assert not said_in(heard_by_the_stranger, GREETING)


async def test_a_wait_that_will_be_longer_than_promised_is_on_the_supervisors_screen(
    hotline: Centre,
) -> None:
    """Eight seconds, where nobody was served for long but one: it is likely at once."""
    terms = {"waits": [{"queue": "quick", "seconds": 8}], "tickets": [{"resolution": 7}]}
    labels = {"zh": "贵宾", "en": "VIP"}
    boss = hotline.agents["boss"].desk
    status, promise = await boss.post(
        "/api/v1/service-promises", labels=labels, tier="vip", terms=terms
    )
    assert status == 201, promise
    [nina] = await in_line(hotline, NINA)
    told = await nina.happens("contact.wait_at_risk")
    risks = await hotline.chief.get("/api/v1/wait-risks")
    async with hotline.on_duty("li"):
        await nina.happens("interaction.started")
        nina.call.hang_up()
        await nina.over()
    li = hotline.agents["li"].desk
    [known] = (await li.get("/api/v1/customer-search?q=C1"))["items"]
    fault = {"type": "fault", "subject": "No signal", "customer_id": known["id"]}
    _, ticket = await li.post("/api/v1/tickets", **fault)

    assert 0.5 <= told.data["probability"] <= 1
    assert [(risk["contact_id"], risk["at_risk"]) for risk in risks] == [(nina.contact_id, True)]
    assert await hotline.chief.get("/api/v1/wait-risks") == []
    assert {clock["kind"]: clock["target"] for clock in ticket["clocks"]}["resolution"] == 7 * 60


async def put(desk: Desktop, path: str, body: Any) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {desk.token}"}
    async with (
        aiohttp.ClientSession(desk.api, headers=headers) as session,
        session.put(path, json=body) as answered,
    ):
        return answered.status, await answered.json()


async def test_an_agent_calls_a_campaigns_members_and_what_they_say_is_their_response(
    hotline: Centre, customer: Softphone
) -> None:
    chief, li = hotline.chief, hotline.agents["li"]
    status, campaign = await chief.post(
        "/api/v1/campaigns",
        name="Fibre",
        purpose="service",
        queue="service",
        conditions=[{"field": "tier", "comparison": "is", "value": "gold"}],
        responses={"sold": "positive"},
    )
    assert status == 201, campaign
    path = f"/api/v1/campaigns/{campaign['id']}"
    await chief.post(f"{path}/select", version=campaign["version"])
    ready = await chief.when(path, lambda plan: plan["state"] == "ready")
    await chief.post(f"{path}/start", version=ready["version"])
    li.on_ring(answer())
    await li.desk.set_state("ready")
    _, member = await li.desk.post(f"{path}/next")
    status, placed = await li.desk.post(f"{path}/members/{member['customer_id']}/dial")
    assert status == 201, placed
    started = await hotline.book.when("interaction.started", contact_id=placed["contact_id"])
    mine = await li.rung()
    recorded = await put(
        li.desk,
        f"/api/v1/interactions/{started.data['interaction_id']}/disposition",
        {"code": "sold"},
    )
    mine.hang_up()
    await hotline.book.when("contact.ended", contact_id=placed["contact_id"])
    await li.desk.set_state("not_ready")
    await hotline.settled()
    results = await chief.get(f"{path}/results")

    assert (member["name"], recorded[0]) == ("王伟", 200)
    assert (results["members"], results["responses"]) == ({"responded": 1}, {"positive": 1})
    assert (results["calls"], results["answered"]) == (1, 1)
    assert results["codes"] == {"sold": 1}


@pytest.mark.req("SV-04")
async def test_complaints_and_suggestions_are_counted_by_their_reasons_each_week_and_analysed(
    hotline: Centre,
) -> None:
    """By a taxonomy that the centre may change, in the Pareto of the week and in the warehouse."""
    boss, chief, li = hotline.agents["boss"].desk, hotline.chief, hotline.agents["li"].desk
    labels = {"zh": "线路噪声", "en": "Noise on the line"}
    own = {"id": "network_noise", "kind": "reason", "parent_id": "network", "labels": labels}
    assert (await boss.post("/api/v1/ticket-reasons", **own))[0] == 201
    reasons = [("complaint", "network_noise")] * 3 + [("complaint", "network_dead")]
    reasons += [("complaint", "billing_unclear"), ("suggestion", "product_missing_feature")]
    for kind, reason in reasons:
        body = {"type": kind, "subject": "What customers say", "reason_id": reason}
        status, ticket = await li.post("/api/v1/tickets", **body)
        assert status == 201, ticket
    await hotline.server.when_metric("warehouse_behind", 0.0)
    week = await chief.get("/api/v1/tickets/pareto?group=week&type=complaint")
    fine = await chief.get("/api/v1/tickets/pareto?group=type&level=2")
    with closing(sqlite3.connect(hotline.server.data / "hotline.db")) as warehouse:
        query = "SELECT reason_id, count(*) FROM dw_ticket WHERE action = 'created' AND reason_id "
        analysed = dict(warehouse.execute(query + "IS NOT NULL GROUP BY reason_id").fetchall())

    [group] = week["groups"]
    assert [(row["reason_id"], row["tickets"], row["cumulative"]) for row in group["rows"]] == [
        ("network", 4, 80.0),
        ("billing", 1, 100.0),
    ]
    assert week["first_week"] < group["key"] <= week["last_week"]
    by_type = {one["key"]: one["rows"][0] for one in fine["groups"]}
    assert by_type["complaint"]["labels"] == labels
    assert by_type["suggestion"]["reason_id"] == "product_missing_feature"
    assert analysed == {
        "network_noise": 3,
        "network_dead": 1,
        "billing_unclear": 1,
        "product_missing_feature": 1,
    }
