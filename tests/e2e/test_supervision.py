"""Supervisors in running calls, by tones: who hears whom, who is told, what is recorded."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

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
    NUMBERS,
    QUEUES,
    WANG,
    WANG_HZ,
    ZHANG_HZ,
    does,
    heard_in,
    hears,
    speak,
    tries,
    with_li,
)
from .web_desk import web_desk

BOSS_HZ = ZHANG_HZ  # nobody else has that tone here
BOSS = Hire("boss", "8002", skills=(), roles=("supervisor",))


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
        await self.it.book.when("listen.started", supervisor_id="boss", mode=mode)
        return call

    def audit(self) -> list[tuple[str, str, str]]:
        """What the log has of listening, in order."""
        return [
            (seen.event, seen.data["listened_to"], seen.data["mode"])
            for seen in self.it.book.seen
            if seen.event.startswith("listen.")
        ]


@asynccontextmanager
async def watched(
    folder: Path, *others: Hire, boss: Hire = BOSS, **changes: Any
) -> AsyncIterator[Watched]:
    changes = {"queues": QUEUES, "numbers": NUMBERS} | changes
    async with centre(folder, LI, boss, *others, **changes) as it:
        it.agents["boss"].on_ring(speak(BOSS_HZ))
        await it.agents["li"].desk.set_state("ready")
        caller, li, at_li = await with_li(it)
        yield Watched(it, caller, li, at_li, it.agents["boss"])


async def test_monitor_whisper_and_barge_in_and_leave_again(tmp_path: Path) -> None:
    async with watched(tmp_path) as here:
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
        ended = await here.it.book.when("listen.ended", supervisor_id="boss")
        customer.hang_up()
        await here.caller.over()
        seen = await here.it.history(here.caller.contact_id)
        own = await here.li.desk.get(f"/api/v1/contacts/{here.caller.contact_id}")
        await here.it.settled()

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
    tmp_path: Path,
) -> None:
    async with watched(tmp_path) as here:
        boss = await here.listens()
        await hears(boss, CUSTOMER_HZ, LI_HZ)
        await passed(here.caller.call, 1.0)
        here.caller.call.hang_up()
        await boss.ended()
        await here.caller.over()
        stored = await here.it.book.when("recording.stored", contact_id=here.caller.contact_id)
        audio = await here.it.chief.get_bytes(
            f"/api/v1/recordings/{stored.data['recording_id']}/audio"
        )
        ended = await here.it.book.when("listen.ended", supervisor_id="boss")

    left, right = stereo(audio)
    assert seconds_of(left, CUSTOMER_HZ) > 0.9
    assert seconds_of(right, LI_HZ) > 0.9
    assert seconds_of(left, BOSS_HZ) == seconds_of(right, BOSS_HZ) == 0
    assert ended.data["seconds"] > 0.9


async def test_a_supervisor_listens_and_whispers_in_the_browser(tmp_path: Path) -> None:
    in_the_browser = Hire("boss", BOSS.number, skills=(), roles=BOSS.roles, phone="browser")
    async with watched(tmp_path, boss=in_the_browser) as here, web_desk(here.boss.desk) as boss:
        contact = here.caller.contact_id
        await boss.says("listen", contact_id=contact, mode="monitor")
        await boss.picks_up()
        boss.phone.say(tone(BOSS_HZ))
        await boss.phone.until(lambda: heard_in(boss.phone) == {CUSTOMER_HZ, LI_HZ})
        await hears(here.at_li, CUSTOMER_HZ)
        await boss.says("listen", contact_id=contact, mode="whisper")
        await hears(here.at_li, CUSTOMER_HZ, BOSS_HZ)
        await hears(here.caller.call, LI_HZ)
        await boss.says("take_over", contact_id=contact)
        await here.at_li.ended()
        await hears(here.caller.call, BOSS_HZ)
        await boss.says("release", contact_id=contact)
        await here.caller.call.ended()
        over = await here.caller.over()
        await here.it.settled()

    assert over == ("handled", "agent-hung-up")


async def test_taking_over_frees_the_agent_and_the_supervisor_is_credited_and_recorded(
    tmp_path: Path,
) -> None:
    async with watched(tmp_path) as here:
        boss = await here.listens()
        await hears(boss, CUSTOMER_HZ, LI_HZ)
        assert await here.supervises("take-over") == 204
        await here.at_li.ended()
        await hears(here.caller.call, BOSS_HZ)
        await hears(boss, CUSTOMER_HZ)
        await here.li.is_in("ready")
        assert here.caller.contact_id
        await here.it.book.when("recording.started", agent_id="boss")
        await does(here.boss.desk, here.caller, "hold")
        await does(here.boss.desk, here.caller, "resume")
        await hears(here.caller.call, BOSS_HZ)
        boss.hang_up()
        await here.caller.call.ended()
        over = await here.caller.over()
        history = await here.it.history(here.caller.contact_id)
        await here.it.settled()

    assert over == ("handled", "supervisor-left")
    assert [
        (one["agent_id"], one["outcome"], one["ended_by"]) for one in history["interactions"]
    ] == [
        ("li", "handled", "transfer"),
        ("boss", "handled", "agent"),
    ]
    assert [one["agent_id"] for one in history["segments"]] == ["li", "boss"]
    assert history["interactions"][1]["why"] == {"rule": "taken_over", "taken_from": "li"}
    assert here.audit()[-1] == ("listen.ended", "li", "monitor")


async def test_who_has_joined_in_keeps_a_customer_whom_the_agent_leaves(tmp_path: Path) -> None:
    async with watched(tmp_path) as here:
        boss = await here.listens("barge")
        await hears(here.caller.call, LI_HZ, BOSS_HZ)
        here.at_li.hang_up()
        await here.it.book.when("contact.taken_over", agent_id="boss", taken_from="li")
        await hears(here.caller.call, BOSS_HZ)
        await hears(boss, CUSTOMER_HZ)
        here.caller.call.hang_up()
        await boss.ended()
        over = await here.caller.over()

    assert over == ("handled", "caller-hung-up")


async def test_a_supervisor_goes_on_listening_when_the_call_is_handed_on(tmp_path: Path) -> None:
    told_so = {"tells_agents": True}
    async with watched(tmp_path, WANG, supervision=told_so) as here:  # noqa: SIM117
        async with here.li.desk.stream() as stream:
            boss = await here.listens("whisper")
            told = await stream.until("agent.listened_to", mode="whisper")
            await hears(here.at_li, CUSTOMER_HZ, BOSS_HZ)
            wang = here.it.agents["wang"]
            wang.on_ring(speak(WANG_HZ))
            await wang.desk.set_state("ready")
            await does(here.li.desk, here.caller, "transfer", agent="wang")
            at_wang = await wang.rung()
            await here.it.book.when("listen.changed", listened_to="wang", mode="whisper")
            await hears(at_wang, CUSTOMER_HZ, BOSS_HZ)
            await hears(here.caller.call, WANG_HZ)
            await hears(boss, CUSTOMER_HZ, WANG_HZ)
            await stream.until("agent.listened_to", mode="none")
            here.caller.call.hang_up()
            await here.caller.over()

    assert told["data"]["supervisor_id"] == "boss"
    assert here.audit()[-1] == ("listen.ended", "wang", "whisper")


@pytest.mark.req("SP-02")
async def test_a_supervisor_listens_and_advises_on_the_spot_by_voice_and_in_writing(
    tmp_path: Path,
) -> None:
    async with watched(tmp_path, WANG) as here, here.li.desk.stream() as stream:
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
        await here.it.history(here.caller.contact_id)
        seen = await here.li.desk.when(contact, lambda found: len(found["coaching"]) == 2)
        late = await here.supervises("nudge", text="Too late")
        await here.it.settled()

    assert nudged["data"]["text"] == "Offer the express line"
    assert [one["text"] for one in seen["coaching"]] == ["Ask for the name", "Well done"]
    assert (after, stranger, late) == (204, 404, 404)


async def test_only_supervisors_listen_and_only_to_somebody_in_conversation(
    tmp_path: Path,
) -> None:
    async with watched(tmp_path, WANG) as here:
        by_wang, _ = await tries(here.it.agents["wang"].desk, here.caller, "listen", mode="barge")
        not_yet = await here.supervises("take-over")
        other_agent = await here.supervises(mode="monitor", agent_id="wang")
        not_there = await here.supervises(way="DELETE")

        here.boss.on_ring(decline(486))
        assert await here.supervises(mode="monitor") == 204
        unheard = await here.it.book.when("listen.ended", supervisor_id="boss")
        waiting = here.it.caller()
        await waiting.dial("2001")
        await waiting.queued()
        talking, here.caller = here.caller, waiting
        in_a_queue = await here.supervises(mode="monitor")
        here.caller = talking
        waiting.leave()
        talking.call.hang_up()
        await talking.over()
        over = await here.supervises(mode="monitor")

    assert (by_wang, not_yet, other_agent, not_there) == (403, 409, 409, 409)
    assert in_a_queue == 409
    assert over == 404
    assert (unheard.data["seconds"], unheard.data["reason"]) == (0.0, "declined")
