"""Supervisors in running calls, by tones: who hears whom, who is told, what is recorded."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from simulator.audio import tone
from simulator.phone import decline
from simulator.phone_call import PhoneCall
from tests.audio import seconds_of, stereo

from .centre import Centre, centre
from .people import Agent, Caller, Hire, passed
from .talking import (
    CUSTOMER_HZ,
    LI,
    LI_HZ,
    WANG,
    WANG_HZ,
    ZHANG_HZ,
    does,
    heard_in,
    hears,
    queue,
    speak,
    tries,
    with_li,
)
from .web_desk import web_desk

pytestmark = pytest.mark.asyncio(loop_scope="module")

BOSS_HZ = ZHANG_HZ  # nobody else has that tone here
BOSS = Hire("boss", "8002", skills=(), roles=("supervisor",))
REMOTE = Hire("remote", "8003", skills=(), roles=("supervisor",), phone="browser")
ADMIN = Hire("admin", "8005", skills=(), roles=("admin",), registers=False)
LEAD = Hire("lead", "8004", skills=("desk:5",), roles=("supervisor",))  # takes calls, too
QUEUES = [
    queue("desk", "desk", record=True),
    queue("second", "second"),
    queue("long", "desk", wrap_up=1.0),
]
NUMBERS = {
    "2000": {"queue": "desk", "language": "en"},
    "2001": {"queue": "second", "language": "en"},
    "2002": {"queue": "long", "language": "en"},
}


@dataclass
class Watched:
    """A customer with li, and a supervisor who may listen."""

    it: Centre
    caller: Caller
    li: Agent
    at_li: PhoneCall
    boss: Agent

    async def supervises(self, verb: str = "listen", *, way: str = "POST", **body: Any) -> int:
        headers = {"Authorization": f"Bearer {self.boss.desk.token}"}
        url = f"/api/v1/contacts/{self.caller.contact_id}/{verb}"
        async with (
            aiohttp.ClientSession(self.it.server.api, headers=headers) as session,
            session.request(way, url, json=body or None) as answered,
        ):
            return answered.status

    async def listens(self, mode: str = "monitor") -> PhoneCall:
        """The call at the supervisor's phone, when it is heard."""
        assert await self.supervises(mode=mode) == 204
        call = await self.boss.rung()
        await self.caller.happens("listen.started", supervisor_id=self.boss.id, mode=mode)
        return call

    def audit(self) -> list[tuple[str, str, str]]:
        """What the log has of listening to this contact, in order."""
        return [
            (seen.event, seen.data["listened_to"], seen.data["mode"])
            for seen in self.it.book.seen
            if seen.event.startswith("listen.")
            and seen.data["contact_id"] == self.caller.contact_id
        ]


@asynccontextmanager
async def watched(
    it: Centre, supervisor: str = "boss", number: str = "2000"
) -> AsyncIterator[Watched]:
    boss = it.agents[supervisor]
    boss.on_ring(speak(BOSS_HZ))
    await it.agents["li"].desk.set_state("ready")
    caller, li, at_li = await with_li(it, number)
    yield Watched(it, caller, li, at_li, boss)
    it.everybody_hangs_up()
    await caller.over()
    for agent in ("li", "wang"):
        await it.agents[agent].desk.set_state("not_ready")
    await it.settled()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hotline(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Centre]:
    folder = tmp_path_factory.mktemp("supervision")
    people = (LI, WANG, BOSS, REMOTE, LEAD, ADMIN)
    async with centre(folder, *people, queues=QUEUES, numbers=NUMBERS) as it:
        yield it


@pytest_asyncio.fixture(loop_scope="module")
async def here(hotline: Centre) -> AsyncIterator[Watched]:
    async with watched(hotline) as it:
        yield it


@asynccontextmanager
async def in_teams(
    it: Centre, **teams: str
) -> AsyncIterator[Callable[[str, str], Awaitable[None]]]:
    """These agents in these teams, for a while; to put somebody into another one meanwhile."""
    admin = it.agents["admin"].desk
    for team in set(teams.values()):
        await admin.post("/api/v1/teams", id=team, profile={"labels": {"en": team, "zh": team}})

    async def is_in(agent_id: str, team: str | None) -> None:
        user = f"/api/v1/users/{agent_id}"
        await admin.patch(user, team=team, version=(await admin.get(user))["version"])

    for agent_id, team in teams.items():
        await is_in(agent_id, team)
    try:
        yield is_in
    finally:
        for agent_id in teams:
            await is_in(agent_id, None)


async def test_a_call_of_another_teams_agents_is_none_to_a_supervisor(here: Watched) -> None:
    """Whose own agent comes into it, it is theirs; and who is in it may always leave."""
    async with in_teams(here.it, boss="north", li="south") as is_in:
        assert await here.supervises(mode="monitor") == 404
        assert await here.supervises("take-over") == 404
        assert await here.supervises("nudge", text="Slower, please.") == 404
        contact = f"/api/v1/contacts/{here.caller.contact_id}"
        status, _ = await here.boss.desk.post(f"{contact}/recording?agent_id=li")
        assert status == 403
        await is_in("li", "north")
        await here.listens()
        await is_in("li", "south")
        assert await here.supervises(mode="whisper") == 404
        assert await here.supervises(way="DELETE") == 204
        await here.caller.happens("listen.ended", supervisor_id="boss")


async def test_nor_is_it_on_the_stream(hotline: Centre) -> None:
    async with (
        watched(hotline, "remote") as here,
        in_teams(hotline, remote="north", li="south"),
        web_desk(here.boss.desk) as remote,
    ):
        contact = here.caller.contact_id
        for verb in ({"kind": "listen", "mode": "monitor"}, {"kind": "take_over"}):
            refused = await remote.tries(verb.pop("kind"), contact_id=contact, **verb)
            assert (refused["type"], refused["status"]) == ("refused", 404)


async def test_each_mode_is_heard_by_whom_it_says_and_the_audit_has_it_all(here: Watched) -> None:
    customer, at_li = here.caller.call, here.at_li
    boss = await here.listens()
    await hears(boss, CUSTOMER_HZ, LI_HZ)
    await hears(customer, LI_HZ)
    await hears(at_li, CUSTOMER_HZ)

    assert await here.supervises(mode="whisper") == 204
    await hears(at_li, CUSTOMER_HZ, BOSS_HZ)
    await hears(customer, LI_HZ)
    await hears(boss, CUSTOMER_HZ, LI_HZ)

    assert await here.supervises(mode="barge") == 204
    await hears(customer, LI_HZ, BOSS_HZ)
    await hears(at_li, CUSTOMER_HZ, BOSS_HZ)
    await hears(boss, CUSTOMER_HZ, LI_HZ)

    assert await here.supervises(way="DELETE") == 204
    await boss.ended()
    await hears(customer, LI_HZ)
    await hears(at_li, CUSTOMER_HZ)
    ended = await here.caller.happens("listen.ended", supervisor_id="boss")
    customer.hang_up()
    await here.caller.over()
    seen = await here.it.history(here.caller.contact_id)
    own = await here.li.desk.get(f"/api/v1/contacts/{here.caller.contact_id}")

    assert here.audit() == [
        ("listen.started", "li", "monitor"),
        ("listen.changed", "li", "whisper"),
        ("listen.changed", "li", "barge"),
        ("listen.ended", "li", "barge"),
    ]
    assert ended.data["seconds"] > 0.2
    assert ended.data["reason"] == "supervisor-left"
    assert [leg["role"] for leg in seen["legs"]] == ["caller", "agent", "supervisor"]
    assert [leg["role"] for leg in own["legs"]] == ["caller", "agent"]  # li is not told
    assert not here.it.book.find("agent.listened_to")


async def test_a_supervisor_is_not_in_the_recording_of_a_call_that_they_listen_to(
    here: Watched,
) -> None:
    boss = await here.listens()
    await hears(boss, CUSTOMER_HZ, LI_HZ)
    await passed(here.caller.call, 1.0)
    here.caller.call.hang_up()
    await boss.ended()
    stored = await here.caller.happens("recording.stored")
    audio = await here.it.chief.get_bytes(f"/api/v1/recordings/{stored.data['recording_id']}/audio")
    ended = await here.caller.happens("listen.ended", supervisor_id="boss")

    left, right = stereo(audio)
    assert seconds_of(left, CUSTOMER_HZ) > 0.9
    assert seconds_of(right, LI_HZ) > 0.9
    assert seconds_of(left, BOSS_HZ) == seconds_of(right, BOSS_HZ) == 0
    assert ended.data["seconds"] > 0.9


async def test_a_supervisor_listens_whispers_and_takes_over_in_the_browser(
    hotline: Centre,
) -> None:
    async with watched(hotline, "remote") as here, web_desk(here.boss.desk) as remote:
        contact = here.caller.contact_id
        await remote.says("listen", contact_id=contact, mode="monitor")
        await remote.picks_up()
        remote.phone.say(tone(BOSS_HZ))
        await remote.phone.until(lambda: heard_in(remote.phone) == {CUSTOMER_HZ, LI_HZ})
        await hears(here.at_li, CUSTOMER_HZ)
        await remote.says("listen", contact_id=contact, mode="whisper")
        await hears(here.at_li, CUSTOMER_HZ, BOSS_HZ)
        await hears(here.caller.call, LI_HZ)
        await remote.says("take_over", contact_id=contact)
        await here.at_li.ended()
        await hears(here.caller.call, BOSS_HZ)
        await remote.says("release", contact_id=contact)
        await here.caller.call.ended()

        assert await here.caller.over() == ("handled", "agent-hung-up")


async def test_taking_over_frees_the_agent_and_the_supervisor_is_credited_and_recorded(
    here: Watched,
) -> None:
    boss = await here.listens()
    await hears(boss, CUSTOMER_HZ, LI_HZ)
    assert await here.supervises("take-over") == 204
    await here.at_li.ended()
    await hears(here.caller.call, BOSS_HZ)
    await hears(boss, CUSTOMER_HZ)
    await here.li.is_in("ready")
    await here.caller.happens("recording.started", agent_id="boss")
    await does(here.boss.desk, here.caller, "hold")
    await does(here.boss.desk, here.caller, "resume")
    await hears(here.caller.call, BOSS_HZ)
    boss.hang_up()
    await here.caller.call.ended()
    over = await here.caller.over()
    history = await here.it.history(here.caller.contact_id)

    assert over == ("handled", "supervisor-left")
    interactions = history["interactions"]
    assert [(one["agent_id"], one["outcome"], one["ended_by"]) for one in interactions] == [
        ("li", "handled", "transfer"),
        ("boss", "handled", "agent"),
    ]
    assert [one["agent_id"] for one in history["segments"]] == ["li", "boss"]
    assert interactions[1]["why"] == {"rule": "taken_over", "taken_from": "li"}
    assert here.audit()[-1] == ("listen.ended", "li", "monitor")


async def test_a_supervisor_who_is_ready_is_offered_nothing_while_they_listen(
    hotline: Centre,
) -> None:
    async with watched(hotline, "lead", "2002") as here:
        lead = here.boss
        await lead.desk.set_state("ready")
        await here.listens()
        waiting = hotline.caller()
        await waiting.dial("2002")
        await waiting.queued()
        await passed(here.caller.call, 0.5)
        view = await lead.is_in("ready")
        assert (lead.silent, view["unfit"]) == (True, ["listening"])

        assert await here.supervises(way="DELETE") == 204
        ended = await here.caller.happens("listen.ended", supervisor_id="lead")
        offered = await waiting.happens("contact.offered", agent_id="lead")
        await lead.rung()
        waiting.leave()
        await waiting.over()
        await lead.desk.set_state("not_ready")

    assert offered.heard_at - ended.heard_at < 0.5


@pytest.mark.parametrize("left_by", ["take-over", "the agent"])
async def test_a_supervisor_who_is_ready_has_one_customer_at_a_time_and_a_wrap_up(
    hotline: Centre, left_by: str
) -> None:
    """Whether they took the customer or were left with them: nobody else is offered meanwhile."""
    async with watched(hotline, "lead", "2002") as here:
        lead = here.boss
        at_lead = await here.listens("barge")
        await lead.desk.set_state("ready")
        if left_by == "take-over":
            assert await here.supervises("take-over") == 204
        else:
            here.at_li.hang_up()
        await here.at_li.ended()
        await lead.is_in("talking")
        await hears(here.caller.call, BOSS_HZ)
        await here.li.desk.set_state("not_ready")  # after the wrap-up at the latest
        waiting = hotline.caller()
        await waiting.dial("2002")
        await waiting.queued()
        await passed(here.caller.call, 0.5)
        assert lead.silent
        again = await here.supervises("take-over")

        at_lead.hang_up()
        ended = await here.caller.happens("interaction.ended", agent_id="lead")
        await lead.is_in("wrap_up")
        offered = await waiting.happens("contact.offered", agent_id="lead")
        await lead.rung()
        waiting.leave()
        await waiting.over()
        await here.caller.over()
        await lead.desk.set_state("not_ready")
        await hotline.history(here.caller.contact_id)
        history = await hotline.chief.when(
            f"/api/v1/contacts/{here.caller.contact_id}",
            lambda kept: (
                [bool(one["wrap_up_ended_at"]) for one in kept["interactions"]][1:] == [True]
            ),
        )

    assert again == 409  # they do not listen any more
    assert offered.heard_at - ended.heard_at == pytest.approx(1.0, abs=0.4)
    assert [one["agent_id"] for one in history["interactions"]] == ["li", "lead"]


async def test_who_has_joined_in_keeps_a_customer_whom_the_agent_leaves(here: Watched) -> None:
    boss = await here.listens("barge")
    await hears(here.caller.call, LI_HZ, BOSS_HZ)
    here.at_li.hang_up()
    await here.caller.happens("contact.taken_over", agent_id="boss", taken_from="li")
    await hears(here.caller.call, BOSS_HZ)
    await hears(boss, CUSTOMER_HZ)
    here.caller.call.hang_up()
    await boss.ended()

    assert await here.caller.over() == ("handled", "caller-hung-up")


async def test_a_customer_on_the_way_to_a_queue_is_not_taken_over_and_the_next_agent_is_heard(
    here: Watched,
) -> None:
    boss = await here.listens("barge")
    await hears(here.caller.call, LI_HZ, BOSS_HZ)
    await does(here.li.desk, here.caller, "transfer", queue="second")
    await here.caller.happens("contact.queued", queue="second")
    on_the_way = await here.supervises("take-over")

    wang = here.it.agents["wang"]
    wang.on_ring(speak(WANG_HZ))
    await wang.desk.set_state("ready")
    at_wang = await wang.rung()
    await hears(here.caller.call, WANG_HZ, BOSS_HZ)
    await hears(at_wang, CUSTOMER_HZ, BOSS_HZ)
    await here.caller.happens("listen.changed", listened_to="wang", mode="barge")
    boss.hang_up()
    await hears(here.caller.call, WANG_HZ)

    assert on_the_way == 409
    assert here.audit() == [
        ("listen.started", "li", "barge"),
        ("listen.changed", "wang", "barge"),
        ("listen.ended", "wang", "barge"),
    ]


@pytest.mark.req("SP-02")
async def test_a_supervisor_listens_and_advises_on_the_spot_by_voice_and_in_writing(
    here: Watched,
) -> None:
    async with here.li.desk.stream() as stream:
        at_li, customer = here.at_li, here.caller.call
        boss = await here.listens()
        await hears(boss, CUSTOMER_HZ, LI_HZ)
        assert await here.supervises("nudge", text="Offer the express line") == 204
        nudged = await stream.until("agent.nudged", supervisor_id="boss")
        assert await here.supervises(mode="whisper") == 204
        await hears(at_li, CUSTOMER_HZ, BOSS_HZ)
        await hears(customer, LI_HZ)
        assert await here.supervises(mode="barge") == 204
        await hears(customer, LI_HZ, BOSS_HZ)
        assert await here.supervises("coaching", agent_id="li", text="Ask for the name") == 204
        assert await here.supervises("take-over") == 204
        await at_li.ended()
        await hears(customer, BOSS_HZ)
        await hears(boss, CUSTOMER_HZ)
        customer.hang_up()
        await here.caller.over()
        after = await here.supervises("coaching", agent_id="li", text="Well done")
        stranger = await here.supervises("coaching", agent_id="nobody", text="?")
        contact = f"/api/v1/contacts/{here.caller.contact_id}"
        seen = await here.li.desk.when(contact, lambda found: len(found["coaching"]) == 2)
        late = await here.supervises("nudge", text="Too late")

    assert nudged["data"]["text"] == "Offer the express line"
    assert [one["text"] for one in seen["coaching"]] == ["Ask for the name", "Well done"]
    assert (after, stranger, late) == (204, 404, 404)


async def test_only_supervisors_listen_and_only_to_somebody_in_conversation(
    here: Watched,
) -> None:
    by_wang, _ = await tries(here.it.agents["wang"].desk, here.caller, "listen", mode="barge")
    not_yet = await here.supervises("take-over")
    other_agent = await here.supervises(mode="monitor", agent_id="wang")
    not_there = await here.supervises(way="DELETE")

    here.boss.on_ring(decline(486))
    assert await here.supervises(mode="monitor") == 204
    unheard = await here.caller.happens("listen.ended", supervisor_id="boss")
    waiting = here.it.caller()
    await waiting.dial("2001")
    await waiting.queued()
    in_a_queue = await replace(here, caller=waiting).supervises(mode="monitor")
    waiting.leave()
    await waiting.over()
    here.caller.call.hang_up()
    await here.caller.over()
    over = await here.supervises(mode="monitor")

    assert (by_wang, not_yet, other_agent, not_there) == (403, 409, 409, 409)
    assert in_a_queue == 409
    assert over == 404
    assert (unheard.data["seconds"], unheard.data["reason"]) == (0.0, "declined")


async def test_a_supervisor_goes_on_listening_when_the_call_is_handed_on_and_agents_may_be_told(
    tmp_path: Path,
) -> None:
    told_so = {"tells_agents": True}
    people = (LI, WANG, BOSS)
    async with (
        centre(tmp_path, *people, queues=QUEUES, numbers=NUMBERS, supervision=told_so) as it,
        watched(it) as here,
        here.li.desk.stream() as stream,
    ):
        boss = await here.listens("whisper")
        told = await stream.until("agent.listened_to", mode="whisper")
        await hears(here.at_li, CUSTOMER_HZ, BOSS_HZ)
        wang = it.agents["wang"]
        wang.on_ring(speak(WANG_HZ))
        await wang.desk.set_state("ready")
        await does(here.li.desk, here.caller, "transfer", agent="wang")
        at_wang = await wang.rung()
        await here.caller.happens("listen.changed", listened_to="wang", mode="whisper")
        await hears(at_wang, CUSTOMER_HZ, BOSS_HZ)
        await hears(here.caller.call, WANG_HZ)
        await hears(boss, CUSTOMER_HZ, WANG_HZ)
        await stream.until("agent.listened_to", mode="none")
        here.caller.call.hang_up()
        await here.caller.over()

        assert told["data"]["supervisor_id"] == "boss"
        await here.caller.happens("listen.ended", listened_to="wang", mode="whisper")
