"""What a customer's record does to their calls: greeted, promised a short wait, called."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from simulator.phone import Softphone, answer
from tests.running_server import Desktop

from .carrier import LOOPBACK, carrier, trunk
from .centre import LI, Centre, centre
from .people import Caller, Hire, passed
from .test_announcement import said_in

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
