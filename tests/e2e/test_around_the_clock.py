"""A hotline for day and night: closed, on holiday, upgraded, struck dead, and there again."""

import asyncio
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from simulator.audio import tone
from simulator.phone import Phones
from simulator.phone_call import CallEnd, PhoneCall
from tests.running_server import RunningServer

from . import possessions
from .carrier import LOOPBACK, carrier, trunk
from .centre import LI, Centre, centre, queue
from .next_life import risen
from .opening import BOSS, comes_to, hours_are
from .people import Agent, Caller, Hire, passed
from .sounds import beeped

pytestmark = pytest.mark.asyncio

HOTLINE, FAULTS = "1000", "2000"
GAO = Hire("gao", "8031", skills=("repair:3",))
"""At work by day; what came at night waits for LI."""
QUEUES = [
    queue("operator", call_backs={"mode": "by_hand"}),
    queue("sales"),
    queue("support", skills={"repair": 1}, ring_for=15, call_backs={"mode": "by_hand"}),
]
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ZONE = ZoneInfo("Asia/Shanghai")
CALLER_HZ, GAO_HZ = 440, 1000


def killed(line: Mapping[str, Any]) -> bool:
    """What is said of a server that was killed."""
    return line.get("event") in {"watchdog.server_died", "incident.found"} or "text" in line


def plan(company: Phones) -> dict[str, Any]:
    return {
        "flows": (),
        "queues": QUEUES,
        "numbers": {
            HOTLINE: {"flow": "shipped:main.yaml"},
            FAULTS: {"queue": "support", "language": "en"},
        },
        "drain_for": 60,
        "sip": {"trunks": [LOOPBACK, trunk("carrier", company, caller_id="+8675595500")]},
        "routes": [{"prefix": "+86", "trunks": ["carrier"]}],
    }


def open_from(opens: str, closes: str) -> dict[str, Any]:
    return {day: [[opens, closes]] for day in WEEK}


def not_now() -> dict[str, Any]:
    """Hours of a working day that is over, or has not begun."""
    noon = 10 <= datetime.now(ZONE).hour < 15
    return open_from("03:00", "04:00") if noon else open_from("12:00", "13:00")


def today() -> list[dict[str, Any]]:
    """A holiday, also if midnight comes meanwhile."""
    now = datetime.now(ZONE)
    days = {str((now + timedelta(days=ahead)).date()) for ahead in (0, 1)}
    return [{"date": day, "labels": {"zh": "假日", "en": "A holiday"}} for day in sorted(days)]


async def wants_to_be_called_back(it: Centre) -> Caller:
    caller = await comes_to(it, HOTLINE, "closed")
    await caller.call.press("2")
    outcome, _ = await agrees(caller)
    assert outcome == "call_back"
    return caller


async def leaves_a_message(it: Centre) -> str:
    """Its id."""
    caller = await comes_to(it, HOTLINE, "closed")
    await caller.call.press("1")
    await caller.happens("contact.node_entered", node="message")
    await beeped(caller.call)
    caller.call.say(tone(CALLER_HZ))
    await passed(caller.call, 2.0)
    await caller.call.press("#")
    caller.call.say(None)
    outcome, _ = await agrees(caller)
    assert outcome == "voicemail"
    task = await it.book.when("contact.received", address=caller.number)
    return str(task.data["attributes"]["message_id"])


async def agrees(caller: Caller) -> tuple[str, str]:
    """Presses 1 until it is over: the number is right, the message is to be kept."""
    async with asyncio.timeout(60):
        while True:
            await caller.call.press("1")
            try:
                return await caller.over(within=3)
            except AssertionError:
                continue


async def waits(it: Centre) -> Caller:
    caller = it.caller()
    await caller.dial(FAULTS)
    await caller.queued()
    return caller


async def talks(caller: Caller, gao: Agent) -> PhoneCall:
    phone = await gao.rung()
    caller.call.say(tone(CALLER_HZ))
    phone.say(tone(GAO_HZ))
    await caller.happens("interaction.started", agent_id=gao.id)
    await hear_one_another(caller, phone)
    return phone


async def hear_one_another(caller: Caller, phone: PhoneCall) -> None:
    await passed(caller.call, 1.0)
    await caller.call.hears(GAO_HZ)
    await phone.hears(CALLER_HZ)


async def upgraded(it: Centre) -> None:
    """Somebody talks, somebody waits, and the server is told to stop for a newer one."""
    gao = it.agents["gao"]
    await gao.desk.set_state("ready")
    talking = await waits(it)
    phone = await talks(talking, gao)
    waiting = await waits(it)
    assert it.server.process is not None
    it.server.process.send_signal(signal.SIGTERM)
    await it.server.logged("server.draining")
    await hear_one_another(talking, phone)
    talking.call.hang_up()
    await talks(waiting, gao)
    waiting.call.hang_up()
    assert await it.server.wait() == 0, it.server.log_lines[-20:]


@asynccontextmanager
async def newer(it: Centre) -> AsyncIterator[Centre]:
    """The next server, on the same ports and data, with somebody who watches over it."""
    old = it.server
    server = RunningServer(old.folder, old.config, old.sip_port, old.api, watched=True)
    await server.start()
    again = await it.moved_to(server)
    try:
        yield again
    finally:
        await again.close()


async def struck(it: Centre) -> Caller:
    """The server is killed while somebody talks and somebody waits, who is returned."""
    gao = it.agents["gao"]
    await gao.desk.set_state("ready")
    talking = await waits(it)
    phone = await talks(talking, gao)
    waiting = await waits(it)
    await passed(waiting.call, 0.5)  # what happened before is on the disk
    possessions.kill(it.control_pid)
    for call in (talking.call, phone, waiting.call):
        call.finish(CallEnd("network", "the server died"))
    return waiting


async def to_call_back(it: Centre, *numbers: str) -> None:
    """These customers are to be called back, and nobody else."""

    def all_there(page: dict[str, Any]) -> bool:
        return sorted(one["number"] for one in page["items"]) == sorted(numbers)

    await it.chief.when("/api/v1/call-backs", all_there)


@pytest.mark.req("AC-16")
async def test_day_and_night_through_an_upgrade_and_a_crash_nobody_is_forgotten(
    tmp_path: Path,
) -> None:
    """At night, on a holiday, then by day: an upgrade cuts no call, a crash takes no promise."""
    async with (
        carrier() as company,
        centre(tmp_path, LI, GAO, BOSS, allowed=killed, **plan(company)) as it,
    ):
        await hours_are(it, week=not_now())
        at_night = await wants_to_be_called_back(it)
        await hours_are(it, week=open_from("00:00", "24:00"), holidays=today())
        message_id = await leaves_a_message(it)
        await hours_are(it, holidays=[])
        by_day = await comes_to(it, HOTLINE, "welcome")
        by_day.leave()
        await by_day.over()
        await upgraded(it)

        async with newer(it) as second:
            await to_call_back(second, at_night.number)
            lost = await struck(second)
            async with risen(second) as third:
                await to_call_back(third, at_night.number, lost.number)
                await third.agents["li"].listens(message_id)
                gao = third.agents["gao"]
                await gao.desk.set_state("ready")
                newcomer = await waits(third)
                await talks(newcomer, gao)
                newcomer.call.hang_up()
                assert await newcomer.over() == ("handled", "caller-hung-up")
                await third.settled()
