"""What is no call, calls beside it and messages being left, over the death of the server."""

import asyncio
from pathlib import Path
from typing import Any

from simulator.audio import tone
from simulator.phone_call import CallEnd
from tests.audio import mono, seconds_of

from . import possessions
from .centre import LI, Centre, centre, queue
from .next_life import bury, risen
from .people import Agent, Caller, passed
from .sounds import beeped

QUEUES: list[dict[str, Any]] = [
    {
        "name": "service",
        "skills": {"sales": 1},
        "ring_for": 20,
        "wrap_up": 0,
        "announce_agent": False,
        "announce_position_every": None,
        "record": False,
    },
    queue("mail", skills={"patience": 1}),
]
NUMBERS = {"2000": {"queue": "service", "language": "en"}, "2001": {"flow": "mail.yaml"}}
FIRST, SECOND, OTHER = 440, 600, 1000  # Hz that callers speak at


async def hand_in(it: Centre, channel: str, subject: str) -> str:
    status, placed = await it.chief.post(
        "/api/v1/work", channel=channel, queue="service", subject=subject
    )
    assert status == 201, placed
    contact_id: str = placed["contact_id"]
    return contact_id


async def does(li: Agent, contact_id: str, verb: str, **what: str) -> None:
    status, answered = await li.desk.post(f"/api/v1/work/{contact_id}/{verb}", **what)
    assert status == 204, answered


async def takes(it: Centre, li: Agent, channel: str, subject: str) -> str:
    contact_id = await hand_in(it, channel, subject)
    await does(li, contact_id, "accept")
    return contact_id


async def desk(li: Agent) -> dict[str, str]:
    """What lies on the agent's desk: subjects, and whether they ring."""
    return {one["subject"]: one["state"] for one in await li.desk.get("/api/v1/work")}


async def test_a_call_comes_beside_a_mail_and_a_task_which_outlive_the_server(
    tmp_path: Path,
) -> None:
    acd = {"channels": {"email": {"capacity": 1}}}
    plan: dict[str, Any] = {"queues": QUEUES, "numbers": NUMBERS, "flows": ("mail.yaml",)}
    async with centre(tmp_path, LI, acd=acd, **plan) as it:
        li = it.agents["li"]
        await li.desk.set_state("ready")
        mail, task = await takes(it, li, "email", "a mail"), await takes(it, li, "task", "a task")
        caller = it.caller()
        await caller.dial("2000")
        await li.rung()
        await caller.happens("interaction.started", agent_id="li")
        waits = await hand_in(it, "email", "a mail that waits")
        assert await desk(li) == {"a mail": "in_hand", "a task": "in_hand"}
        caller.leave()
        await caller.over()
        await li.is_in("ready")
        assert await desk(li) == {"a mail": "in_hand", "a task": "in_hand"}  # one mail at a time
        before = await moments(it, mail, task, waits)
        speaks = await asyncio.gather(speaks_again(it), speaks_at(it, OTHER))
        for each in speaks:
            await passed(each.call, 1.5)

        killed, *_ = family = possessions.descendants(it.control_pid)
        possessions.kill(it.control_pid)
        await bury(it.server, *family)
        for each in speaks:
            each.call.finish(CallEnd("network", "the server died"))
        async with risen(it) as again:
            twice, other = speaks
            await heard(again, {twice.number: SECOND, other.number: OTHER})
            li = again.agents["li"]
            assert await desk(li) == {"a mail": "in_hand", "a task": "in_hand"}
            assert await moments(again, *before) == before
            await does(li, mail, "complete", reason="answered")
            assert await desk(li) == {"a task": "in_hand", "a mail that waits": "ringing"}
            await does(li, waits, "accept")
            for contact_id in (task, waits):
                await does(li, contact_id, "complete", reason="done")
            assert await desk(li) == {}
            for contact_id in (mail, task, waits):
                await again.book.when("contact.ended", contact_id=contact_id, outcome="handled")
            page = await again.chief.when(
                "/api/v1/incidents",
                lambda page: page["items"] and all(one["action"] for one in page["items"]),
            )
            told = [(one["kind"], one["subject"], one["action"]) for one in page["items"]]
            assert told == [("server_died", f"process {killed}", "restarted")]


async def speaks_at(it: Centre, hz: float) -> Caller:
    """Leaves a message, and is not done yet."""
    caller = it.caller()
    await beeped(await caller.dial("2001"))
    caller.call.say(tone(hz))
    return caller


async def speaks_again(it: Centre) -> Caller:
    """Hears the message, and has another one recorded in its stead."""
    caller = await speaks_at(it, FIRST)
    await passed(caller.call, 1.0)
    caller.call.say(None)
    await caller.call.press("#")
    await caller.call.hears(FIRST)
    await caller.call.press("2")
    await beeped(caller.call, 2)
    caller.call.say(tone(SECOND))
    return caller


async def heard(it: Centre, said: dict[str, float]) -> None:
    """Each of these numbers has left one message, which waits for who listens."""
    rows = await it.chief.when("/api/v1/recordings", lambda rows: len(rows) == len(said))
    waiting = {one["id"]: one for one in await it.chief.get("/api/v1/contacts?queue=mail")}
    assert {row["contact_id"] for row in rows} == waiting.keys()
    assert {one["caller_number"] for one in waiting.values()} == said.keys()
    for row in rows:
        one = waiting[row["contact_id"]]
        assert (row["kind"], row["recovered"], one["channel"]) == ("message", True, "task")
        sound = mono(await it.chief.get_bytes(row["audio"]))
        for hz in (FIRST, SECOND, OTHER):
            assert (seconds_of(sound, hz) > 1) is (hz == said[one["caller_number"]])


async def moments(it: Centre, *contacts: str) -> dict[str, str]:
    """From which on each of them waited, as it is stored."""
    wanted = set(contacts)
    found = await it.chief.when(
        "/api/v1/contacts",
        lambda all_: wanted <= {one["id"] for one in all_ if one["queued_at"] is not None},
    )
    return {one["id"]: one["queued_at"] for one in found if one["id"] in wanted}
