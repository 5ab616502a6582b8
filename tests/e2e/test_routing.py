"""Whom a caller gets, by skills, region, nature of work, tier, and whom they spoke with last."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.running_server import Desktop

from .centre import LI, WANG, Centre, centre, queue
from .people import Caller, Hire

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.usefixtures("nothing_left")]


QUEUES = [
    queue("sales", keep_for_agent=20),
    queue(
        "law",
        any_of=[{"english": 3, "french": 1}],
        preferred={"law": 1},
        policy="most_skilled",
        relax=[{"after": 1.5, "any_of": [{"english": 1, "french": 1}]}],
    ),
    queue(
        "repair",
        policy="scored",
        work="repair",
        weights={"skill": 1, "region": 5, "work": 20, "idle": 0},
    ),
    queue("faults", policy="least_open_work"),
    queue("hot", skills={}, title={"en": "Hot line"}),
]
NUMBERS = {
    "3004": {"queue": "hot", "language": "en"},
    "3003": {"queue": "faults", "language": "en"},
    "3000": {"queue": "sales", "language": "en"},
    "3001": {"queue": "law", "language": "en"},
    "3002": {"queue": "repair", "language": "en"},
}
HANGZHOU, SHENZHEN = "057187654321", "075587654321"
GOLD, OWNED = "053287654321", "053187654321"
CUSTOMERS = f"""id,name,tier,numbers
c1,Nina,gold,{GOLD}
c2,Owen,standard,{OWNED}
""".encode()
ADMIN = Hire("root", "8000", skills=(), roles=("admin",), registers=False)
ZHOU = Hire("zhou", "8028", skills=("sales:1", "english:4", "law:2"))
SUN = Hire("sun", "8029", skills=("sales:9", "french:1", "law:9"))
QIAN = Hire("qian", "8030", skills=("sales:1", "english:1"))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hotline(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Centre]:
    folder = tmp_path_factory.mktemp("routing")
    people = (LI, WANG, ZHOU, SUN, QIAN, ADMIN)
    crm = {"tier_priorities": {"gold": 2}}
    async with centre(
        folder, *people, queues=QUEUES, numbers=NUMBERS, customers=CUSTOMERS, crm=crm
    ) as it:
        yield it


async def offered(caller: Caller) -> dict[str, Any]:
    """The offer that was taken, and why it was made."""
    started = await caller.happens("interaction.started")
    offer = await caller.happens("contact.offered", agent_id=started.data["agent_id"])
    return offer.data


@pytest.mark.req("AC-08")
async def test_a_customer_gets_the_agent_they_know_who_is_waited_for_a_while(
    hotline: Centre,
) -> None:
    """Another customer gets another one; and who is known is known before anybody is rung."""
    known = hotline.caller()
    async with hotline.on_duty("wang"):
        await known.dial("3000")
        assert (await offered(known))["agent_id"] == "wang"
        known.call.hang_up()
        await known.over()
        await hotline.agents["wang"].is_in("ready")
        async with hotline.on_duty("li"):
            # li has been ready for a shorter time: without anything known it is wang's turn
            stranger = hotline.caller()
            await stranger.dial("3000")
            assert (await offered(stranger))["agent_id"] == "wang"
            await hotline.history(known.contact_id)
            again = hotline.caller(number=known.number)
            await again.dial("3000")
            await again.queued()  # li is free all the time
            assert hotline.agents["li"].silent
            stranger.call.hang_up()
            offer = await offered(again)
            assert (offer["agent_id"], offer["why"]["rule"]) == ("wang", "wanted_agent")
            again.call.hang_up()
            await again.over()
    await the_owner_is_waited_for_before_who_served_last(hotline)


async def the_owner_is_waited_for_before_who_served_last(hotline: Centre) -> None:
    """Li has a customer whom wang serves while li is away; then wang is idle for longer."""
    admin = hotline.agents["root"].desk
    page = await admin.get("/api/v1/customers")
    (owen,) = (one for one in page["items"] if one["name"] == "Owen")
    await admin.patch(f"/api/v1/customers/{owen['id']}", version=owen["version"], owner_id="li")
    owned = hotline.caller(number=OWNED)
    async with hotline.on_duty("wang"):
        await hotline.agents["li"].desk.set_state("logged_out")
        await owned.dial("3000")
        assert (await offered(owned))["agent_id"] == "wang"  # nobody waits for who went home
        owned.call.hang_up()
        await hotline.history(owned.contact_id)
        await (await hotline.server.log_in("li")).close()
        async with hotline.on_duty("li"):
            again = hotline.caller(number=OWNED)
            await again.dial("3000")
            offer = await offered(again)
            assert (offer["agent_id"], offer["why"]["rule"]) == ("li", "wanted_agent")
            again.call.hang_up()
            await again.over()


@pytest.mark.req("AC-03")
async def test_skills_with_levels_a_choice_a_preference_and_less_with_time(
    hotline: Centre,
) -> None:
    async with hotline.on_duty("li", "qian"):  # none of them has what is asked at first
        early = hotline.caller()
        await early.dial("3001")
        offer = await offered(early)
        assert offer["agent_id"] == "qian"
        assert offer["why"]["waited"] >= 1.5
        early.call.hang_up()
        await early.over()
        async with hotline.on_duty("zhou", "sun"):
            late = hotline.caller()
            await late.dial("3001")
            offer = await offered(late)
            assert (offer["agent_id"], offer["why"]["policy"]) == ("sun", "most_skilled")
            assert offer["why"]["passed_over"] == [{"id": "zhou", "reason": "less_skilled"}]
            late.call.hang_up()
            await late.over()


async def described(hotline: Centre, admin: Desktop, agent_id: str, **fields: Any) -> None:
    user = await admin.get(f"/api/v1/users/{agent_id}")
    await admin.patch(f"/api/v1/users/{agent_id}", version=user["version"], **fields)


@pytest.mark.req("AC-05")
async def test_skill_region_nature_of_work_and_the_customers_tier_are_weighed_and_told(
    hotline: Centre,
) -> None:
    admin = hotline.agents["root"].desk
    hangzhou, shenzhen = ["86", "浙江", "杭州"], ["86", "广东", "深圳"]
    await described(hotline, admin, "li", region=hangzhou, works=["repair"])
    await described(hotline, admin, "wang", region=shenzhen, works=["repair"])
    await described(hotline, admin, "sun", region=shenzhen, works=["repair"])
    await described(hotline, admin, "zhou", region=hangzhou, works=["complaints"])
    async with hotline.on_duty("wang", "sun", "zhou", "li"):
        caller = hotline.caller(number=HANGZHOU)
        await caller.dial("3002")
        offer = await offered(caller)
        assert offer["agent_id"] == "li"  # 5 levels short; sun is 1 short and 10 for the distance
        assert offer["why"]["terms"] == {"skill": 5.0, "region": 0.0, "work": 0.0}
        caller.call.hang_up()
        await caller.over()
        far = hotline.caller(number=SHENZHEN)
        await far.dial("3002")
        assert (await offered(far))["agent_id"] == "sun"
        far.call.hang_up()
        await far.over()

    first, gold = hotline.caller(), hotline.caller(number=GOLD)
    for caller in (first, gold):
        await caller.dial("3002")
        await caller.queued()
    async with hotline.on_duty("li"):
        offer = await offered(gold)  # although another one has waited for longer
        assert offer["why"]["credit"] == 120.0
        assert {"id": first.contact_id, "reason": "less_urgent"} in offer["why"]["passed_over"]
        gold.call.hang_up()
        await offered(first)
        first.call.hang_up()
        await first.over()


@pytest.mark.req("AC-06")
async def test_the_clerk_with_the_least_on_the_desk_is_rung(hotline: Centre) -> None:
    """Open tickets count and what was served today, and not who has been idle for longest."""
    li, wang = hotline.agents["li"], hotline.agents["wang"]

    async def calls() -> str:
        caller = hotline.caller()
        await caller.dial("3003")
        offer = await offered(caller)
        caller.call.hang_up()
        await caller.over()
        await hotline.agents[offer["agent_id"]].is_in("ready")
        return str(offer["agent_id"])

    for agent in (li, wang):  # both begin a shift: nothing served yet
        await agent.desk.set_state("logged_out")
        await (await hotline.server.log_in(agent.id)).close()
    async with hotline.on_duty("li", "wang"):
        fault = {"type": "fault", "subject": "No dial tone", "owner_id": "li"}
        status, ticket = await li.desk.post("/api/v1/tickets", **fault)
        assert status == 201, ticket
        await li.desk.when("/api/v1/agents/li", lambda agent: agent["open_work"] == 1)
        assert await calls() == "wang"  # 1 ticket against nothing, though li is idle for longer
        assert await calls() == "li"  # 1 against 1 served: the longest idle
        assert await calls() == "wang"  # 2 against 1


async def queue_is(admin: Desktop, **settings: Any) -> int:
    """Change the queue of the hot line; its version then."""
    path = "/api/v1/queue-definitions/hot"
    version = (await admin.get(path))["version"]
    return int((await admin.patch(path, version=version, settings=settings))["version"])


@pytest.mark.req("AC-04")
async def test_a_group_is_asked_by_its_own_profile_after_others_and_after_a_delay(
    hotline: Centre,
) -> None:
    """
    The first line at once, the second when a contact has waited; both groups are defined while the
    server runs, the queue is changed while a caller waits and another talks, and rolled back.
    """
    admin = hotline.agents["root"].desk
    made = await admin.post("/api/v1/skills", id="german", labels={"zh": "德语", "en": "German"})
    assert made[0] == 201, made
    for team, profile in {
        "first": {"queues": {"hot": 1}},
        "second": {"queues": {"hot": 2}, "skills": {"german": 3}},
    }.items():
        labels = {"zh": team, "en": team}
        made = await admin.post("/api/v1/teams", id=team, profile={"labels": labels, **profile})
        assert made[0] == 201, made
    for agent, team in (("li", "first"), ("wang", "second"), ("zhou", "second")):
        await described(hotline, admin, agent, team=team)
    await described(hotline, admin, "zhou", queues={})  # of the group, but not for this
    before = await queue_is(admin, reach=1, relax=[{"after": 1.5, "reach": 2}])
    team = await admin.get("/api/v1/teams/second")
    assert team["asked_after"] == {"hot": 1.5}

    async with hotline.on_duty("zhou", "wang"):
        alone = hotline.caller()
        await alone.dial("3004")
        offer = await offered(alone)
        assert offer["agent_id"] == "wang"
        assert offer["why"]["waited"] >= 1.5
        async with hotline.on_duty("li"):
            early = hotline.caller()
            await early.dial("3004")
            offer = await offered(early)
            assert (offer["agent_id"], offer["why"]["waited"] < 1.5) == ("li", True)
            alone.call.hang_up()
            await alone.over()
            await hotline.agents["wang"].is_in("ready")
            # the first line is busy, and the second is not asked for an hour
            await queue_is(admin, relax=[{"after": 3600, "reach": 2}])
            waiting = hotline.caller()
            await waiting.dial("3004")
            await waiting.queued()
            await queue_is(admin, skills={"german": 3}, reach=2, relax=[])
            assert (await offered(waiting))["agent_id"] == "wang"  # the team's own skill
            waiting.call.hang_up()
            await waiting.over()
            early.call.hang_up()  # who talked all the time
            await early.over()
            await hotline.agents["li"].is_in("ready")
            path = "/api/v1/queue-definitions/hot"
            now = await admin.get(path)
            rolled = await admin.post(f"{path}/roll-back", version=now["version"], to=before)
            assert rolled[0] == 200, rolled
            again = hotline.caller()
            await again.dial("3004")
            assert (await offered(again))["agent_id"] == "li"
            again.call.hang_up()
            await again.over()
    for agent in ("li", "wang", "zhou"):
        await described(hotline, admin, agent, team=None, queues=None)
