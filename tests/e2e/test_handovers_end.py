"""Whatever becomes of a question or a transfer, the log has its end, once."""

import asyncio
import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from cti_server.store.database import Database
from cti_server.store.stored_events import StoredEvents
from cti_server.wire.events import ConsultEnded, ListenEnded
from simulator.phone import OnRing, decline, ring_on
from simulator.phone_call import CallEnd

from . import possessions
from .centre import Centre, centre
from .handovers import check
from .next_life import bury, risen
from .people import Agent, Caller, Hire, passed
from .talking import (
    EXPERT_HZ,
    LI,
    NUMBERS,
    QUEUES,
    WANG,
    WANG_HZ,
    does,
    expert,
    speak,
    talking_centre,
    tries,
    with_li,
)
from .test_crash import gone

pytestmark = pytest.mark.asyncio(loop_scope="module")

BOSS = Hire("boss", "8002", skills=(), roles=("supervisor",))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hotline(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Centre]:
    async with talking_centre(tmp_path_factory.mktemp("handovers")) as it:
        yield it


@pytest_asyncio.fixture(loop_scope="module", autouse=True)
async def all_ended(hotline: Centre) -> AsyncIterator[None]:
    yield
    hotline.everybody_hangs_up()
    await hotline.settled()
    assert check(hotline.book.seen)


ENDS = {
    "consult": ("consult.ended", "outcome"),
    "transfer": ("transfer.failed", "cause"),
}


@pytest.mark.parametrize(
    ("verb", "target"),
    [
        ("consult", "agent"),
        ("consult", "queue"),
        ("consult", "number"),
        ("transfer", "agent"),
        ("transfer", "number"),
    ],
)
async def test_the_customer_leaves_while_somebody_rings(
    hotline: Centre, verb: str, target: str
) -> None:
    async with hotline.on_duty("li", "wang") as (_, wang):
        wang.on_ring(ring_on)
        outside = expert(hotline, act=ring_on)
        caller, li, at_li = await with_li(hotline)
        who = {"agent": "wang", "queue": "second", "number": outside.uri}[target]
        await does(li.desk, caller, verb, **{target: who})
        await (outside.incoming() if target == "number" else wang.rung())
        caller.call.hang_up()
        event, field = ENDS[verb]
        ended = await caller.happens(event)
        await at_li.ended()

    assert ended.data[field] == "call_ended"
    assert ended.data.get("returned_to", "nobody") == "nobody"


async def test_the_customer_leaves_while_the_agent_asks(hotline: Centre) -> None:
    async with hotline.on_duty("li", "wang") as (_, wang):
        wang.on_ring(speak(WANG_HZ))
        caller, li, _ = await with_li(hotline)
        await does(li.desk, caller, "consult", agent="wang")
        await wang.rung()
        await caller.happens("interaction.state_changed", state="consulting")
        caller.call.hang_up()
        ended = await caller.happens("consult.ended")

    assert ended.data["outcome"] == "call_ended"


async def test_an_agent_who_does_not_wait_for_the_adviser_has_begun_a_transfer(
    hotline: Centre,
) -> None:
    """It may end like any other: nobody comes, and the customer is back in the queue."""
    async with hotline.on_duty("li", "wang") as (_, wang):
        wang.on_ring(decline(486, after=0.5))
        caller, li, at_li = await with_li(hotline)
        await does(li.desk, caller, "consult", agent="wang")
        await wang.rung()
        at_li.hang_up()
        await caller.happens("transfer.started", target="wang")
        failed = await caller.happens("transfer.failed")

    assert (failed.data["cause"], failed.data["returned_to"]) == ("declined", "queue")


ASKING: list[tuple[str, dict[str, str]]] = [
    ("consult", {"agent": "wang"}),
    ("consult", {"queue": "second"}),
    ("consult", {"number": "expert"}),
    ("transfer", {"agent": "wang"}),
    ("transfer", {"number": "expert"}),
]
DOINGS = [
    *ASKING,
    ("transfer", {"queue": "second"}),
    *((verb, {}) for verb in ("complete", "swap", "conference", "return", "hold", "resume")),
]


WALKS = 8


async def test_people_do_what_comes_into_their_heads(hotline: Centre) -> None:
    """Calls in which everybody acts at random; the checks are those of every test here."""
    before = check(hotline.book.seen)
    outside = expert(hotline)
    for seed in range(WALKS):
        chance = random.Random(seed)
        async with hotline.on_duty("li", "wang") as (li, wang):
            acts: list[OnRing] = [
                speak(WANG_HZ, after=chance.uniform(0, 0.3)),
                decline(486, after=chance.uniform(0, 0.3)),
                ring_on,
            ]
            wang.on_ring(chance.choice(acts))
            outside.on_ring = chance.choice([*acts, speak(EXPERT_HZ)])
            await whatever_happens(hotline, chance, li, wang, outside.uri)

    assert check(hotline.book.seen) >= before + WALKS


async def whatever_happens(
    hotline: Centre, chance: random.Random, li: Agent, wang: Agent, outside: str
) -> None:
    """One call, ended by somebody, in the end by the customer."""
    caller, _, at_li = await with_li(hotline)
    for number in range(6):
        if caller.call.end is not None:
            break
        await asyncio.sleep(chance.uniform(0, 0.25))  # between two doings: of people, not of code
        doing = chance.random()
        if number and doing < 0.1:
            at_li.hang_up()
        elif number and doing < 0.2:
            for call in wang.phone.calls:
                call.hang_up()
        else:
            verb, target = chance.choice(DOINGS if number else ASKING)
            told = {key: outside if key == "number" else who for key, who in target.items()}
            status, problem = await tries(
                chance.choice([li, wang] if number else [li]).desk, caller, verb, **told
            )
            assert status in (200, 404, 409), problem
    caller.call.hang_up()
    await caller.over()


async def asking(it: Centre) -> Caller:
    """A customer on music, while li asks wang and the supervisor listens to both."""
    li, wang, boss = (it.agents[name] for name in ("li", "wang", "boss"))
    for agent in (li, wang):
        await agent.desk.set_state("ready")
    wang.on_ring(speak(WANG_HZ))
    boss.on_ring(speak(EXPERT_HZ))
    caller, _, _ = await with_li(it)
    await does(li.desk, caller, "consult", agent="wang")
    await wang.rung()
    await caller.happens("interaction.state_changed", state="consulting")
    assert await listen(it, caller) == 204
    await caller.happens("listen.started")
    return caller


async def listen(it: Centre, caller: Caller) -> int:
    headers = {"Authorization": f"Bearer {it.agents['boss'].desk.token}"}
    url = f"/api/v1/contacts/{caller.contact_id}/listen"
    async with (
        aiohttp.ClientSession(it.server.api, headers=headers) as session,
        session.post(url, json={"mode": "monitor"}) as answered,
    ):
        return answered.status


def about_the_dead(line: Any) -> bool:
    return any(word in str(line) for word in ("media.worker", "recording", "crash"))


async def test_a_dead_worker_ends_it_and_a_dead_server_when_it_is_back(tmp_path: Path) -> None:
    people = (LI, WANG, BOSS)
    async with centre(
        tmp_path, *people, queues=QUEUES, numbers=NUMBERS, allowed=about_the_dead
    ) as it:
        caller = await asking(it)
        [worker] = it.worker_pids
        possessions.kill(worker)
        ended = await caller.happens("consult.ended")
        assert await caller.over() == ("handled", "media-lost")
        assert check(it.book.seen) == 1
        assert ended.data["outcome"] == "call_ended"
        it.everybody_hangs_up()
        await it.replaced(worker)

        caller = await asking(it)
        await passed(caller.call, 0.5)  # the journal has it on the disk within 0.05 s
        family, workers = possessions.descendants(it.control_pid), it.worker_pids
        possessions.kill(it.control_pid)
        await gone(it.control_pid, *workers)
        await bury(it.server, *family)
        for phone in (caller.phone, *(it.agents[name].phone for name in ("li", "wang", "boss"))):
            for call in phone.calls:
                call.finish(CallEnd("network", "the server died"))
        async with risen(it) as again:
            await again.history(caller.contact_id)
            await again.settled()

    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'data' / 'hotline.db'}")
    async with database.readers() as session:
        told = [one.event for one in await StoredEvents(session).of_contact(caller.contact_id)]
    await database.close()
    [asked] = [one for one in told if isinstance(one, ConsultEnded)]
    [heard] = [one for one in told if isinstance(one, ListenEnded)]
    assert (asked.agent_id, asked.outcome) == ("li", "call_ended")
    assert (heard.supervisor_id, heard.mode, heard.reason) == ("boss", "monitor", "server-died")
