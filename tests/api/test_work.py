"""Contacts that are no calls over REST: handed in, rung for, taken, done, handed on."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from aiohttp import ClientWebSocketResponse

from acd.model import RELEASED
from cti_server.api.screens import foremost
from cti_server.channels.work import NOBODY
from cti_server.store.contacts import Contact, Contacts
from cti_server.store.interactions import Interactions
from cti_server.wire.events import ContactDiverted, ContactEnded, ContactQueued, InteractionStarted

from .asking import asking
from .conftest import NINE, Centre
from .test_stream import connect, receive

MAIL = {
    "channel": "email",
    "queue": "sales",
    "subject": "Where is my parcel?",
    "address": "wei@example.com",
    "attributes": {"order": "A-17"},
    "due_at": "2030-01-01T09:00:00Z",
}


class Desk:
    """One person at the API."""

    def __init__(self, centre: Centre, headers: dict[str, str]) -> None:
        self._client = centre.client
        self._headers = headers

    async def post(self, path: str, **body: object) -> tuple[int, Any]:
        answer = await self._client.post(path, json=body, headers=self._headers)
        return answer.status, await answer.json() if answer.status != 204 else None

    async def sends_home(self, agent_id: str) -> int:
        state = {"state": "logged_out"}
        path = f"/api/v1/agents/{agent_id}/state"
        return (await self._client.put(path, json=state, headers=self._headers)).status

    async def does(self, contact_id: str, verb: str, **body: object) -> int:
        return (await self.post(f"/api/v1/work/{contact_id}/{verb}", **body))[0]

    async def work(self, of: str = "") -> list[dict[str, Any]]:
        query = f"?agent_id={of}" if of else ""
        answer = await self._client.get(f"/api/v1/work{query}", headers=self._headers)
        assert answer.status == 200, await answer.text()
        found: list[dict[str, Any]] = await answer.json()
        return found

    async def moves(self, contact_id: str, queue: str) -> int:
        return (await self.post(f"/api/v1/contacts/{contact_id}/move", queue=queue))[0]

    async def removes(self, contact_id: str) -> int:
        answer = await self._client.delete(f"/api/v1/work/{contact_id}", headers=self._headers)
        return answer.status


@pytest.fixture
async def desks(centre: Centre) -> tuple[Desk, Desk, Desk]:
    """Li and Wang, who are ready, and Zhao, who supervises."""
    centre.parts.floor.offers = centre.parts.tray
    for name in ("li", "wang"):
        centre.parts.floor.log_in(name)
    centre.parts.floor.set_ready("li")
    li, wang, zhao = [Desk(centre, await centre.headers(one)) for one in ("li", "wang", "zhao")]
    return li, wang, zhao


async def taken(li: Desk, by: Desk, **other: object) -> str:
    status, placed = await by.post("/api/v1/work", **(MAIL | other))
    assert status == 201, placed
    contact_id: str = placed["contact_id"]
    assert await li.does(contact_id, "accept") == 204
    return contact_id


async def history(centre: Centre, contact_id: str) -> dict[str, Any]:
    await centre.parts.log.stored()
    answer = await centre.client.get(
        f"/api/v1/contacts/{contact_id}", headers=await centre.headers("zhao")
    )
    told: dict[str, Any] = await answer.json()
    return told


async def test_a_mail_rings_is_taken_and_done(
    centre: Centre, desks: tuple[Desk, Desk, Desk]
) -> None:
    li, wang, zhao = desks
    _, placed = await zhao.post("/api/v1/work", **MAIL)
    contact_id = placed["contact_id"]

    [rings] = await li.work()
    assert (rings["contact_id"], rings["state"], rings["channel"]) == (
        contact_id,
        "ringing",
        "email",
    )
    assert (rings["subject"], rings["address"], rings["attributes"]) == (
        MAIL["subject"],
        MAIL["address"],
        MAIL["attributes"],
    )
    pop = foremost(centre.parts, "li")
    assert pop is not None
    assert (pop.contact_id, pop.channel, pop.subject) == (contact_id, "email", MAIL["subject"])
    assert await wang.does(contact_id, "accept") == 409
    assert await li.does(contact_id, "accept") == 204
    [held] = await zhao.work(of="li")
    assert (held["state"], held["expires_at"]) == ("in_hand", None)
    assert centre.parts.floor.agent("li").state == "ready"
    assert await wang.does(contact_id, "complete") == 409
    assert await li.does(contact_id, "complete", reason="answered") == 204
    assert await li.work() == []
    assert await li.does(contact_id, "complete") == 404

    told = await history(centre, contact_id)
    contact, [interaction] = told["contact"], told["interactions"]
    assert (contact["channel"], contact["queue"], contact["agent_id"]) == ("email", "sales", "li")
    assert (contact["outcome"], contact["reason"]) == ("handled", "answered")
    assert (contact["subject"], contact["due_at"]) == (MAIL["subject"], MAIL["due_at"])
    assert (interaction["outcome"], interaction["ended_by"]) == ("handled", "agent")
    assert told["legs"] == []


async def test_what_is_given_back_or_handed_on_keeps_its_first_moment(
    centre: Centre, desks: tuple[Desk, Desk, Desk]
) -> None:
    li, wang, zhao = desks
    contact_id = await taken(li, zhao)
    assert await li.does(contact_id, "give-back") == 204
    assert await li.work() == []  # backing off from it
    centre.parts.floor.set_ready("wang")
    assert await wang.does(contact_id, "accept") == 204
    assert await wang.does(contact_id, "transfer", agent="li") == 204
    assert [one["state"] for one in await wang.work()] == ["in_hand"]
    [rings] = await li.work()
    assert (rings["state"], rings["transferred_by"]) == ("ringing", "wang")
    assert await li.does(contact_id, "accept") == 204
    assert (await wang.work(), len(await li.work())) == ([], 1)
    assert await li.does(contact_id, "transfer", queue="sales") == 204
    assert [one["contact_id"] for one in await wang.work()] == [contact_id]
    assert await wang.does(contact_id, "decline") == 204

    queued = [
        logged.event.queued_at
        for logged in await centre.parts.log.since(0, 1000)
        if isinstance(logged.event, ContactQueued)
    ]
    assert len(queued) == 4
    assert len(set(queued)) == 1
    begun = [
        logged.event.agent_id
        for logged in await centre.parts.log.since(0, 1000)
        if isinstance(logged.event, InteractionStarted)
    ]
    assert begun == ["li", "wang", "li"]


async def test_a_transfer_that_nobody_takes_leaves_it_where_it_was(
    desks: tuple[Desk, Desk, Desk], centre: Centre
) -> None:
    li, wang, zhao = desks
    contact_id = await taken(li, zhao)
    assert await li.does(contact_id, "transfer", agent="wang") == 409  # not ready
    centre.parts.floor.set_ready("wang")
    assert await li.does(contact_id, "transfer", agent="wang") == 204
    assert await wang.does(contact_id, "decline") == 204

    assert [one["state"] for one in await li.work()] == ["in_hand"]
    assert await wang.work() == []
    assert await li.does(contact_id, "complete") == 204


async def test_who_is_sent_home_loses_it_to_the_queue(
    centre: Centre, desks: tuple[Desk, Desk, Desk]
) -> None:
    li, wang, zhao = desks
    contact_id = await taken(li, zhao)
    assert await zhao.sends_home("li") == 200
    assert await li.does(contact_id, "complete") == 409
    centre.parts.floor.set_ready("wang")

    assert [one["contact_id"] for one in await wang.work()] == [contact_id]
    assert await wang.does(contact_id, "accept") == 204


async def test_what_is_not_wanted_any_more_is_gone_wherever_it_is(
    centre: Centre, desks: tuple[Desk, Desk, Desk]
) -> None:
    li, _, zhao = desks
    held = await taken(li, zhao)
    _, rings = await zhao.post("/api/v1/work", **MAIL)
    _, waits = await zhao.post("/api/v1/work", **MAIL)

    assert await li.removes(held) == 403
    for contact_id in (held, rings["contact_id"], waits["contact_id"]):
        assert await zhao.removes(contact_id) == 204
    assert await zhao.removes(held) == 404
    assert await li.work() == []
    ended = {
        logged.event.contact_id: logged.event.outcome
        for logged in await centre.parts.log.since(0, 1000)
        if isinstance(logged.event, ContactEnded)
    }
    assert ended == {
        held: "handled",
        rings["contact_id"]: "abandoned",
        waits["contact_id"]: "abandoned",
    }
    assert centre.parts.floor.census().served == 0


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"queue": "nowhere"}, 404),
        ({"channel": "voice"}, 422),
        ({"channel": "pigeon"}, 422),
        ({"subject": ""}, 422),
        ({"priority": 101}, 422),
        ({"requirements": {"sales": 11}}, 422),
        ({"customer_id": "nobody"}, 404),
        ({"attributes": {"a b": "x"}}, 422),
        ({"attributes": {"order": "A\0"}}, 422),
        ({"due_at": "2030-01-01T09:00:00"}, 422),
        ({"due_at": "0001-01-01T00:00:00+14:00"}, 422),
    ],
)
async def test_what_cannot_be_handed_in_is_refused_and_waits_nowhere(
    centre: Centre, desks: tuple[Desk, Desk, Desk], wrong: dict[str, object], status: int
) -> None:
    *_, zhao = desks

    assert (await zhao.post("/api/v1/work", **(MAIL | wrong)))[0] == status
    assert centre.parts.floor.census().waiting == centre.parts.floor.census().offered == 0


async def test_only_a_supervisor_sees_anothers_desk(desks: tuple[Desk, Desk, Desk]) -> None:
    li, wang, zhao = desks
    await taken(li, zhao)

    with pytest.raises(AssertionError, match="403"):
        await wang.work(of="li")


async def test_an_agents_capacity_is_set_over_rest(
    centre: Centre, desks: tuple[Desk, Desk, Desk]
) -> None:
    li, _, zhao = desks
    sun = await centre.headers("sun")
    answer = await centre.client.get("/api/v1/users/li", headers=sun)
    version = (await answer.json())["version"]
    for wrong in ({"voice": 2}, {"email": -1}, {"pigeon": 1}):
        change = {"version": version, "capacity": wrong}
        answer = await centre.client.patch("/api/v1/users/li", json=change, headers=sun)
        assert answer.status == 422
    change = {"version": version, "capacity": {"email": 1}}
    answer = await centre.client.patch("/api/v1/users/li", json=change, headers=sun)
    assert (answer.status, (await answer.json())["capacity"]) == (200, {"email": 1})
    first = await taken(li, zhao)
    _, second = await zhao.post("/api/v1/work", **MAIL)

    assert [one["contact_id"] for one in await li.work()] == [first]
    assert await li.does(first, "complete") == 204
    assert [one["contact_id"] for one in await li.work()] == [second["contact_id"]]


async def test_what_waits_for_a_queue_that_is_gone_is_withdrawn_moved_or_waits_when_it_is_back(
    centre: Centre, desks: tuple[Desk, Desk, Desk]
) -> None:
    """As after a restart with a configuration that leaves the queue out."""
    li, _, zhao = desks
    parts, sun = centre.parts, asking(centre, "sun")
    since = parts.clock.now() - timedelta(days=1)
    ids = ("old", "unwanted", "moved")
    for contact_id in ids:
        kept = Contact(
            id=contact_id,
            channel="email",
            call_id="",
            caller_number="wei@example.com",
            dialled_number="",
            arrived_at=since,
            queue="gone",
        )
        parts.tray.take_up(kept, [], NOBODY)
    assert (len(parts.tray), parts.floor.census().waiting) == (3, 0)

    assert await zhao.removes("unwanted") == 204
    assert await li.moves("moved", "sales") == 403
    assert [await zhao.moves(*to) for to in (("nobody", "sales"), ("moved", "nowhere"))] == [
        404
    ] * 2
    assert await zhao.moves("moved", "sales") == 204
    assert [one["contact_id"] for one in await li.work()] == ["moved"]
    assert await li.does("moved", "accept") == 204
    assert await zhao.moves("moved", "sales") == 409
    assert await li.does("moved", "complete") == 204
    assert (await sun("POST", "queue-definitions", {"id": "gone", "settings": {}})).status == 201

    assert [one["contact_id"] for one in await li.work()] == ["old"]
    assert await li.does("old", "accept") == 204
    told = [one.event for one in await parts.log.since(0, 1000)]
    [diverted] = [event for event in told if isinstance(event, ContactDiverted)]
    assert (diverted.queue, diverted.target, diverted.moved_by) == ("gone", "sales", "zhao")
    queued = [event.queued_at for event in told if isinstance(event, ContactQueued)]
    assert queued == [since, since]


async def test_a_supervisor_sees_what_an_agent_holds_beside_one_another_also_after_a_restart(
    centre: Centre, desks: tuple[Desk, Desk, Desk]
) -> None:
    li, _, zhao = desks
    watching = await connect(centre, "zhao", floor=True)
    assert "beside" in (await receive(watching))["agent"]
    mail = await taken(li, zhao)
    task = await taken(li, zhao, channel="task")

    started = [await _next(watching, "interaction.started") for _ in range(2)]
    told = [
        {name: one["data"][name] for name in ("contact_id", "channel", "queue")}
        | {"since": one["at"]}
        for one in started
    ]
    supervisor = asking(centre, "zhao")
    shown = (await supervisor("GET", "agents/li")).body["beside"]
    assert [(one["contact_id"], one["channel"], one["queue"]) for one in shown] == [
        (mail, "email", "sales"),
        (task, "task", "sales"),
    ]
    for each, delta in zip(shown, told, strict=True):
        apart = datetime.fromisoformat(each["since"]) - datetime.fromisoformat(delta.pop("since"))
        assert abs(apart) < timedelta(seconds=1)
        assert {name: each[name] for name in delta} == delta
    of_all = (await supervisor("GET", "agents")).body
    anew = await receive(await connect(centre, "zhao", floor=True))
    for agents in (of_all, anew["agents"]):
        assert {one["id"]: one["beside"] for one in agents if one["beside"]} == {"li": shown}
    assert (await receive(await connect(centre, "li")))["agent"]["beside"] == shown

    assert await li.does(task, "complete") == 204
    assert (await _next(watching, "interaction.ended"))["data"]["contact_id"] == task
    assert (await supervisor("GET", "agents/li")).body["beside"] == shown[:1]

    await _started_anew(centre, mail, taken_at=NINE)
    [again] = (await supervisor("GET", "agents/li")).body["beside"]
    assert datetime.fromisoformat(again.pop("since")) == NINE
    assert again == {name: shown[0][name] for name in again}


async def _next(socket: ClientWebSocketResponse, event: str) -> dict[str, Any]:
    while True:
        delta = await receive(socket)
        if delta["data"]["event"] == event:
            return delta


async def _started_anew(centre: Centre, contact_id: str, *, taken_at: datetime) -> None:
    """Another tray and its agents take up what the records have of it."""
    parts = centre.parts
    await parts.log.stored()
    async with parts.database.readers() as session:
        contact = await Contacts(session).get(contact_id)
        interactions = await Interactions(session).of_contacts([contact_id])
    assert contact is not None
    interactions[-1].started_at = taken_at
    parts.floor.release("li", RELEASED)
    parts.floor.withdraw(contact_id)
    parts.tray.take_up(contact, list(interactions), NOBODY)
