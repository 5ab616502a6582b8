"""Why an agent was offered nothing, why a caller waited, why this agent; incidents; release."""

from datetime import UTC, datetime
from typing import Any

from acd.model import AgentId, ContactId, WaitingContact
from acd.requirements import required
from cti_server.wire import events
from cti_server.wire.events import Event

from .conftest import Centre
from .test_rest import CALL, log_all


async def get(centre: Centre, who: str, path: str) -> tuple[int, Any]:
    answer = await centre.client.get(f"/api/v1/{path}", headers=await centre.headers(who))
    body = await answer.json()
    return answer.status, body


async def be_ready(centre: Centre, who: str) -> None:
    await centre.client.put(
        f"/api/v1/agents/{who}/state", json={"state": "ready"}, headers=await centre.headers(who)
    )


def waiting(centre: Centre, name: str, **skills: int) -> WaitingContact:
    now = centre.parts.clock.now()
    return WaitingContact(ContactId(name), "sales", now, requirements=required(skills))


async def test_an_agent_and_a_supervisor_see_why_nothing_was_offered(centre: Centre) -> None:
    await be_ready(centre, "li")
    centre.parts.floor.enqueue(waiting(centre, "k7", juggling=9))
    status, told = await get(centre, "li", "agents/li/explanation?minutes=8")

    assert status == 200
    stretch = told["stretches"][-1]
    assert stretch["state"] == "ready"
    (lot,) = stretch["not_theirs"]
    assert (lot["queue"], lot["reason"], lot["contacts"]) == ("sales", "lacks juggling>=9", 1)
    assert lot["told"]["en"] == "lacks the skill juggling>=9"
    assert (await get(centre, "zhao", "agents/li/explanation"))[0] == 200
    assert (await get(centre, "wang", "agents/li/explanation"))[0] == 403
    assert (await get(centre, "zhao", "agents/nobody/explanation"))[0] == 404
    assert (await get(centre, "li", "agents/li/explanation?minutes=31"))[0] == 422


LATER = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


def queued(contact: str, queued_at: datetime, priority: int = 0) -> Event:
    return events.ContactQueued(
        contact_id=contact,
        queue="sales",
        queued_at=queued_at,
        priority=priority,
        requirements={},
        ahead=3,
        agents={"talking": 2},
    )


def call(n: int, rule: str, priority: int) -> list[Event]:
    """Somebody who comes later than k1, and is served at once."""
    contact, interaction = f"later{n}", f"x{n}"
    who = {"contact_id": contact, "interaction_id": interaction, "agent_id": "wang"}
    return [
        events.CallArrived(
            call_id=f"call{n}",
            contact_id=contact,
            sip_call_id=f"{n}@phone",
            caller_number="13900139000",
            dialled_number="1000",
            trunk="loopback",
        ),
        queued(contact, LATER, priority),
        events.OfferMade(**who, queue="sales", expires_at=LATER, why={"rule": rule}),
        events.OfferAccepted(**who),
        events.InteractionStarted(**who, queue="sales"),
    ]


WHY = {
    "policy": "longest_idle",
    "version": 1,
    "rule": "longest_idle_agent",
    "candidates": 3,
    "idle": 12.5,
    "waited": 60.0,
    "credit": 0.0,
    "terms": {},
    "passed_over": [{"id": "wang", "reason": "backing_off"}],
}


def a_day() -> list[Event]:
    """k1 waits, three others come later and are served first; then li takes k1."""
    arrived, leg, node, noted, offer, *rest = CALL
    assert isinstance(offer, events.OfferMade)
    offered = events.OfferMade(
        contact_id="k1",
        interaction_id="i1",
        agent_id="li",
        queue="sales",
        expires_at=offer.expires_at,
        why=WHY,
    )
    answered = events.LegAnswered(call_id="c1", leg_id="l1", codec="PCMU")
    earlier = queued("k1", datetime(2026, 11, 21, 9, 0, tzinfo=UTC))
    others = [*call(1, "x_agent", 1), *call(2, "wanted_agent", 1), *call(3, "x_agent", 0)]
    return [arrived, leg, answered, node, noted, earlier, *others, offered, *rest]


async def test_a_supervisor_sees_why_a_caller_waited_and_who_went_before(centre: Centre) -> None:
    await log_all(centre, a_day())
    status, told = await get(centre, "zhao", "contacts/k1/explanation")

    assert status == 200
    assert [one["kind"] for one in told["phases"]] == [
        *("menu", "waiting", "offer", "talking", "ended"),
    ]
    assert told["phases"][1]["facts"]["agents"] == {"talking": 2}
    assert "3 ahead at first" in told["phases"][1]["told"]["en"]
    assert told["went_before"] == {"by_priority": 1, "by_affinity": 1, "otherwise": 1}
    (choice,) = told["choices"]
    assert (choice["agent_id"], choice["candidates"]) == ("li", 3)
    assert choice["passed_over"][0]["told"]["en"] == "declined or missed it a moment ago"
    assert told["now"] is None
    assert "13800138000" not in str(told)
    statuses = [
        (await get(centre, who, f"{what}/explanation"))[0]
        for what in ("contacts/k1", "interactions/i1", "contacts/none", "interactions/none")
        for who in ("li", "wang", "zhao")
    ]
    assert statuses == [200, 403, 200] * 2 + [404] * 6
    assert (await get(centre, "li", "interactions/i1/explanation"))[1] == choice


async def test_who_waits_now_has_a_place_and_those_who_qualify(centre: Centre) -> None:
    await log_all(centre, a_day()[:6])
    await centre.headers("li")
    centre.parts.floor.log_in("li")
    centre.parts.floor.enqueue(waiting(centre, "k1"))
    _, told = await get(centre, "zhao", "contacts/k1/explanation")

    assert told["now"]["position"] == 1
    assert {"agent_id": "li", "state": "not_ready"} in told["now"]["qualified"]
    assert told["now"]["told"]["en"].startswith("at place 1; of those who qualified: ")
    assert told["phases"][-1]["kind"] == "waiting"
    assert told["phases"][-1]["until"] is None


async def test_incidents_are_listed_page_by_page_the_newest_first(centre: Centre) -> None:
    found = [
        events.IncidentFound(
            incident_id=f"x{n}", kind="not_held", subject=f"i{n}", about_agent="li", contact_id="k1"
        )
        for n in range(3)
    ]
    healed = events.IncidentHealed(incident_id="x1", kind="not_held", action="drop_offer")
    await log_all(centre, [*found, healed])
    _, first = await get(centre, "zhao", "incidents?limit=2")
    _, second = await get(centre, "zhao", f"incidents?limit=2&after={first['next']}")

    assert [one["id"] for one in (*first["items"], *second["items"])] == ["x2", "x1", "x0"]
    assert first["items"][1]["action"] == "drop_offer"
    assert second["next"] is None
    _, still = await get(centre, "zhao", "incidents?open=true&kind=not_held")
    assert [one["id"] for one in still["items"]] == ["x2", "x0"]
    assert (await get(centre, "zhao", "incidents?kind=other"))[1]["items"] == []
    assert (await get(centre, "li", "incidents"))[0] == 403
    for query in ("after=nonsense", "open=maybe"):
        assert (await get(centre, "zhao", f"incidents?{query}"))[0] == 422


async def test_a_supervisor_releases_an_agent_who_is_stuck_and_that_is_audited(
    centre: Centre,
) -> None:
    await be_ready(centre, "li")
    contact = waiting(centre, "k9")
    centre.parts.floor.offer_to("li", contact)
    offer = centre.parts.floor.books.seats[AgentId("li")].offer_id
    assert offer is not None
    centre.parts.floor.accept(offer)
    path = "/api/v1/agents/li/release"
    refused = await centre.client.post(path, headers=await centre.headers("li"))
    released = await centre.client.post(path, headers=await centre.headers("zhao"))

    assert (refused.status, released.status) == (403, 200)
    view = await released.json()
    assert (view["state"], view["reason"]) == ("not_ready", "released")
    await centre.parts.log.stored()
    _, trail = await get(centre, "qian", "audit?action=released")
    assert [(one["actor"], one["record_id"]) for one in trail["items"]] == [("zhao", "li")]
