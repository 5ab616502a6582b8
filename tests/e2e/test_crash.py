"""Processes that die, and servers that are told to stop, in the middle of calls."""

import asyncio
import signal
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from cti_server.floor.record_files import read
from cti_server.floor.replay import replay
from cti_server.store.contacts import Contacts
from cti_server.store.database import Database
from simulator.audio import tone
from simulator.phone import answer, ring_on
from simulator.phone_call import CallEnd, CallOver, PhoneCall
from tests.audio import seconds_of, stereo
from tests.running_server import RunningServer

from . import possessions
from .centre import FLOW_FILES, LI, WANG, Centre, centre, define, planned, queue
from .hanging import NAMED_BY
from .next_life import bury, risen
from .people import Agent, Caller, Hire, passed
from .raw_sip import RawPhone
from .sounds import beeped

QUEUES: list[dict[str, Any]] = [
    {
        "name": "service",
        "skills": {"sales": 1},
        "ring_for": 15,
        "wrap_up": 0.2,
        "announce_agent": False,
        "announce_position_every": None,
    },
    {
        "name": "fair",
        "skills": {"sales": 1},
        "policy": "fewest_contacts",
        "wrap_up": 0,
        "announce_agent": False,
        "record": False,
    },
    queue("hang", skills={"hang": 1}, policy="tests.e2e.hanging:HangsOnce"),
]
NUMBERS = {
    "1000": {"flow": "hotline.yaml"},
    "2000": {"queue": "service", "language": "en"},
    "2001": {"queue": "fair", "language": "en"},
    "2002": {"queue": "hang", "language": "en"},
}
TALK = 3.0  # seconds
COLD_START = 8.0
"""
CPU seconds of a server and all its processes up to the first answered call (docs/benchmarks.md).

A quiet machine needs a third of it; to wait for others costs nothing, to render speech much.
"""


async def talk(it: Centre, agent: Agent) -> tuple[Caller, PhoneCall]:
    """The caller at 440 Hz and the agent at 1000 Hz, connected and heard."""
    caller = it.caller()
    await caller.dial("2000")
    phone = await agent.rung()
    caller.call.say(tone(440))
    phone.say(tone(1000))
    await caller.happens("interaction.started", agent_id=agent.id)
    await caller.call.hears(1000)
    await phone.hears(440)
    return caller, phone


def terminate(server: RunningServer) -> None:
    assert server.process is not None
    server.process.send_signal(signal.SIGTERM)


async def gone(*pids: int, within: float = 20.0) -> None:
    """Wait until none of these processes runs any more."""
    running: list[int] = []
    try:
        async with asyncio.timeout(within):
            while running := [pid for pid in pids if possessions.runs(pid)]:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
    except TimeoutError:
        lines = [possessions.command_line(pid) for pid in running]
        raise AssertionError(f"still there after {within:g} s: {lines}") from None


async def test_the_media_worker_is_killed(tmp_path: Path) -> None:
    """Its calls end with a clear cause, agents are free, and the next call works."""

    def allowed(line: Any) -> bool:
        return line.get("event") in (
            "media.worker_died",
            "media.capture_failed",
            "recording.cut_short",
        )

    plan: dict[str, Any] = {
        "queues": [*QUEUES, queue("mail", skills={"hang": 1})],
        "numbers": NUMBERS | {"2003": {"flow": "mail.yaml"}},
        "flows": (*FLOW_FILES, "mail.yaml"),
    }
    async with centre(tmp_path, LI, ZHANG, allowed=allowed, **plan) as it:
        async with it.on_duty("li") as (li,):
            talking, phone = await talk(it, li)
            listening, waiting, leaving = it.caller(), it.caller(), it.caller()
            await beeped(await leaving.dial("2003"))
            leaving.call.say(tone(440))
            await listening.dial("1000")
            await waiting.dial("2000")
            await waiting.queued()
            await listening.call.hears(500)
            await passed(talking.call, TALK)
            [worker] = it.worker_pids
            possessions.kill(worker)
            calls = (talking, listening, waiting, leaving)
            ends = [await caller.call.ended() for caller in calls]
            await phone.ended()
            assert await talking.over() == ("handled", "media-lost")
            assert await listening.over() == ("failed", "media-lost")
            assert await waiting.over() == ("failed", "media-lost")
            assert await leaving.over() == ("voicemail", "media-lost")
            message = await it.book.when("contact.received", address=leaving.number)
            said = message.data["attributes"]["message_id"]
            left = await it.book.when("recording.stored", recording_id=said)
            died = await it.book.when("media.worker_died")
            stored = await talking.happens("recording.stored")
            await li.is_in("ready")
            await another_worker(it, worker)
            next_caller, _ = await talk(it, li)
            next_caller.call.hang_up()
            assert await next_caller.over() == ("handled", "caller-hung-up")
        await it.agents["zhang"].listens(said)
        await it.settled()

    assert {end.by for end in ends} == {"them"}
    assert len(died.data["legs"]) == 5
    assert TALK - 2 < left.data["duration"] < TALK + 3
    assert TALK - 2 < stored.data["duration"] < TALK + 3


async def another_worker(it: Centre, dead: int) -> None:
    async with asyncio.timeout(30):
        while len(started(it)) < 2:  # noqa: ASYNC110 - lines of another process
            await asyncio.sleep(0.05)
    assert it.worker_pids == [started(it)[-1]] != [dead]


def started(it: Centre) -> list[int]:
    """The media workers that came up, by process id."""
    lines = it.server.log_lines
    return [line["pid"] for line in lines if line.get("event") == "media.worker_started"]


ZHANG = Hire("zhang", "8028", skills=("hang",))
HANGS = {"life": {"hung_after": "PT4S"}, "watched": True}


def traced(line: Any) -> bool:
    """What is said of a server that hung: where, by itself, and that it did."""
    return "text" in line or line.get("event") == "watchdog.server_hung"


async def test_a_server_that_hangs_in_the_middle_of_calls_is_started_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was said is a recording, what was open is ended, who was rung is ready."""
    hang = tmp_path / "hang"
    monkeypatch.setenv(NAMED_BY, str(hang))
    plan: dict[str, Any] = {"queues": QUEUES, "numbers": NUMBERS, **HANGS}
    async with centre(tmp_path, LI, WANG, ZHANG, allowed=traced, **plan) as it:
        wang = it.agents["wang"]
        async with it.on_duty("wang"):
            for _ in range(2):
                assert await served_by(it) == "wang"
        caller, phone = await talk_to_li(it)
        wang.on_ring(ring_on)
        await wang.desk.set_state("ready")
        waiting = it.caller()
        await waiting.dial("2000")
        await waiting.happens("contact.offered", agent_id="wang")
        rung = await wang.rung()
        await passed(caller.call, TALK)
        last = it.book.last
        hung = it.control_pid
        family = possessions.descendants(hung)
        await it.agents["zhang"].desk.set_state("ready")
        hang.touch()
        never_served = it.caller()
        await never_served.dial("2002")
        await it.server.logged("watchdog.server_hung")
        await gone(*family)
        for call in (caller.call, phone, waiting.call, rung, never_served.call):
            call.finish(CallEnd("network", "the server died"))

        async with risen(it) as again:
            history = await again.history(caller.contact_id)
            unfinished = await again.history(waiting.contact_id)
            to_call_back = await again.chief.when(
                "/api/v1/call-backs", lambda page: page["items"] != []
            )
            rows = await again.chief.when("/api/v1/recordings", lambda rows: len(rows) == 1)
            audio = await again.chief.get_bytes(rows[0]["audio"])
            states = {
                agent["id"]: (agent["state"], agent["reason"])
                for agent in await again.chief.get("/api/v1/agents")
            }
            incidents = await again.chief.when(
                "/api/v1/incidents", lambda page: page["items"] != []
            )
            async with again.on_duty("li"):
                turn = await served_by(again)
            again.agents["wang"].on_ring(answer())
            newcomer, _ = await talk(again, again.agents["wang"])
            arrived = await newcomer.happens("call.arrived")
            newcomer.call.hang_up()
            await newcomer.over()
            await again.settled()

    [incident] = incidents["items"]
    assert (incident["kind"], incident["subject"]) == ("server_hung", f"process {hung}")
    assert (incident["detail"], incident["action"]) == ("signal 6", "restarted")
    assert any(
        "in hang_once" in line.get("text", "") for line in it.server.log_lines
    )  # where it hung
    assert turn == "li"  # one call, which was cut, against the two of wang, who is idle longer
    assert arrived.sequence > last
    assert ended(history) == ("handled", "server-died")
    assert ended(unfinished) == ("failed", "server-died")
    assert unfinished["interactions"][0]["outcome"] == "withdrawn"
    assert [(one["number"], one["reason"]) for one in to_call_back["items"]] == [
        (waiting.number, "server-died")
    ]
    assert [leg["reason"] for leg in history["legs"]] == ["server-died"] * 2
    [handling] = history["interactions"]
    assert handling["ended_at"] is not None
    assert (handling["outcome"], handling["ended_by"]) == ("handled", "system")
    assert history["segments"][0]["ended_at"] is not None
    assert states["li"] == ("not_ready", "server_restarted")
    assert states["wang"] == ("ready", None)
    [row] = rows
    assert row["recovered"]
    assert row["contact_id"] == caller.contact_id
    assert row["duration"] > TALK - 2
    left, right = stereo(audio)
    assert seconds_of(left, 440) > TALK - 2
    assert seconds_of(right, 1000) > TALK - 2
    assert seconds_of(left, 1000) == seconds_of(right, 440) == 0


async def served_by(it: Centre) -> str:
    """Whom the queue that goes by fewest contacts gives a call."""
    caller = it.caller()
    await caller.dial("2001")
    started = await caller.happens("interaction.started")
    caller.call.hang_up()
    await caller.over()
    agent_id = str(started.data["agent_id"])
    await it.agents[agent_id].is_in("ready")
    return agent_id


def ended(history: dict[str, Any]) -> tuple[str, str]:
    return history["contact"]["outcome"], history["contact"]["reason"]


async def test_no_process_outlives_a_server_that_is_killed(tmp_path: Path) -> None:
    """Media workers, speech and archive jobs: all notice, and end."""
    async with centre(tmp_path, LI, queues=QUEUES, numbers=NUMBERS) as it:
        caller, _ = await talk_to_li(it)
        caller.call.hang_up()
        await caller.happens("recording.stored")
        family = possessions.descendants(it.control_pid)
        possessions.kill(it.control_pid)
        try:
            await gone(*family)
        finally:
            await bury(it.server, *family)


async def talk_to_li(it: Centre) -> tuple[Caller, PhoneCall]:
    li = it.agents["li"]
    await li.desk.set_state("ready")
    return await talk(it, li)


async def contact(folder: Path, contact_id: str) -> tuple[str | None, str | None]:
    """Outcome and reason as the database has them, with no server running."""
    database = Database(f"sqlite+aiosqlite:///{folder}/data/hotline.db")
    try:
        async with database.readers() as session:
            found = await Contacts(session).get(contact_id)
        assert found is not None
        return found.outcome, found.reason
    finally:
        await database.close()


async def turned_away(it: Centre) -> list[tuple[int, bool]]:
    """What carriers are told who watch us, and who bring calls: the status, and when to return."""
    async with RawPhone(it.server.sip_port) as carrier:
        carrier.send(carrier.request("OPTIONS", "carrier", "2000"))
        carrier.send(carrier.invite("carrier", "2000"))
        answers = [await carrier.response(method) for method in ("OPTIONS", "INVITE")]
    return [(each.status, each.headers.get("Retry-After") is not None) for each in answers]


async def test_sigterm_lets_the_calls_finish_and_the_next_server_takes_the_new_ones(
    tmp_path: Path,
) -> None:
    """Who talks is not cut, who waits is served, who calls meanwhile is sent elsewhere."""
    async with centre(tmp_path, LI, queues=QUEUES, numbers=NUMBERS) as it:
        caller, phone = await talk_to_li(it)
        waiting = it.caller()
        await waiting.dial("2000")
        await waiting.queued()
        family = possessions.descendants(it.control_pid)
        terminate(it.server)
        await it.server.logged("server.draining")
        late = it.caller()
        await late.dial("2000")
        with pytest.raises(CallOver) as refused:
            await late.call.answered()
        told = await turned_away(it)
        readiness = await it.readiness()
        dialled = await dial(it.agents["li"])
        await passed(caller.call, 1.0)
        await caller.call.hears(1000)
        await phone.hears(440)
        caller.call.hang_up()
        await it.agents["li"].rung()
        await waiting.happens("interaction.started", agent_id="li")
        waiting.call.say(tone(440))
        await passed(waiting.call, 1.0)
        waiting.call.hang_up()
        assert await it.server.wait() == 0
        await gone(*family)
        served = await contact(tmp_path, waiting.contact_id)
        drained = await contact(tmp_path, caller.contact_id)
        routed = replay(read(max((tmp_path / "data" / "routing").iterdir())))
        async with risen(it) as again:  # the next one, on the same ports
            newcomer = again.caller()
            await newcomer.dial("1000")
            await newcomer.call.answered()
            spent = possessions.cpu_seconds(again.control_pid)
            newcomer.call.hang_up()
            await newcomer.over()
            await again.history(newcomer.contact_id)  # what a start tells is stored before
            incidents = await again.chief.get("/api/v1/incidents")

    assert refused.value.status == 503
    assert told == [(503, True), (503, True)]
    assert (readiness, dialled) == (503, 503)
    assert drained == served == ("handled", "caller-hung-up")
    assert incidents["items"] == []  # nobody died
    assert spent < COLD_START
    assert (routed.segments, routed.differences) == (1, [])
    assert routed.decisions > 0
    assert len(list((tmp_path / "data" / "archive").rglob("*.sealed"))) == 2
    assert possessions.entries(tmp_path / "data" / "spool") == 0


async def dial(agent: Agent) -> int:
    """The agent wants to call somebody; the HTTP status."""
    headers = {"Authorization": f"Bearer {agent.desk.token}"}
    body = {"number": "+8613800138000", "queue": "service"}
    async with (
        aiohttp.ClientSession(agent.desk.api, headers=headers) as session,
        session.post("/api/v1/contacts", json=body) as answered,
    ):
        return answered.status


@pytest.mark.parametrize("hurry", ["a second SIGTERM", "the end of drain_for"])
async def test_draining_is_bounded(tmp_path: Path, hurry: str) -> None:
    """Then the call is ended by the server: both hear it, and the records say so."""
    again = hurry == "a second SIGTERM"
    drain_for = 60 if again else 1.5
    async with centre(tmp_path, LI, queues=QUEUES, numbers=NUMBERS, drain_for=drain_for) as it:
        caller, phone = await talk_to_li(it)
        family = possessions.descendants(it.control_pid)
        terminate(it.server)
        await it.server.logged("server.draining")
        if again:
            terminate(it.server)
        ends = [await caller.call.ended(), await phone.ended()]
        async with asyncio.timeout(30):
            assert await it.server.wait() == 0
        await gone(*family)

    assert {end.by for end in ends} == {"them"}
    assert await contact(tmp_path, caller.contact_id) == ("handled", "server-stopped")
    assert len(list((tmp_path / "data" / "archive").rglob("*.sealed"))) == 1
    assert possessions.entries(tmp_path / "data" / "spool") == 0


@pytest.mark.parametrize("moment", ["media.worker_started", "server.started"])
async def test_sigterm_while_the_server_starts(tmp_path: Path, moment: str) -> None:
    """It ends soon, and no process of its family stays behind."""
    server = planned(tmp_path, queues=QUEUES, numbers=NUMBERS)
    await define(server, [LI])
    starting = asyncio.create_task(server.start())
    async with asyncio.timeout(120):  # as long as any start may take
        while not any(line.get("event") == moment for line in server.log_lines):  # noqa: ASYNC110
            await asyncio.sleep(0.005)
    assert server.process is not None
    family = possessions.descendants(server.process.pid)
    terminate(server)
    try:
        await gone(*family)
    finally:
        await bury(server, *family)
        await asyncio.gather(starting, return_exceptions=True)

    assert server.process.returncode in (0, -signal.SIGTERM)
