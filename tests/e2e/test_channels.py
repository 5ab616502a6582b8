"""An agent with mails and tasks in hand, and calls beside them, over the death of the server."""

from pathlib import Path
from typing import Any

from . import possessions
from .centre import LI, Centre, centre
from .next_life import bury, risen
from .people import Agent

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
]
NUMBERS = {"2000": {"queue": "service", "language": "en"}}


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
    async with centre(tmp_path, LI, queues=QUEUES, numbers=NUMBERS, acd=acd) as it:
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

        killed, *_ = family = possessions.descendants(it.control_pid)
        possessions.kill(it.control_pid)
        await bury(it.server, *family)
        async with risen(it) as again:
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


async def moments(it: Centre, *contacts: str) -> dict[str, str]:
    """From which on each of them waited, as it is stored."""
    wanted = set(contacts)
    found = await it.chief.when(
        "/api/v1/contacts",
        lambda all_: wanted <= {one["id"] for one in all_ if one["queued_at"] is not None},
    )
    return {one["id"]: one["queued_at"] for one in found if one["id"] in wanted}
