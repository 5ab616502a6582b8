"""An agent's phone is gone in the midst of a conversation: the customer is not."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from simulator.audio import tone
from simulator.phone import ring_on
from simulator.phone_call import CallEnd, PhoneCall

from .carrier import LOOPBACK, carrier, trunk
from .centre import Centre, centre
from .people import Agent, Caller, Hire, passed
from .talking import (
    CUSTOMER_HZ,
    EXPERT_HZ,
    LI,
    LI_HZ,
    WANG,
    WANG_HZ,
    ZHANG_HZ,
    does,
    hears,
    hears_music,
    queue,
    speak,
    with_li,
)
from .web_desk import WebDesk, web_desk

pytestmark = pytest.mark.asyncio(loop_scope="module")

RTP_TIMEOUT = 4.0  # seconds; an operator's usual one is a minute
PAGE_KEPT = 30.0  # seconds that a page may be away
ZHANG = Hire("zhang", "8028", skills=("desk:5", "web:5"))
MEI = Hire("mei", "8029", skills=("web:5",), phone="browser")
CUSTOMER = "+8613800138000"
QUEUES = [
    queue("desk", "desk", wrap_up=0.2, record=True),
    queue("second", "second"),
    queue("web", "web"),
]
NUMBERS = {name: {"queue": name, "language": "en"} for name in ("desk", "second", "web")}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hotline(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Centre]:
    folder = tmp_path_factory.mktemp("lost")
    media = {"workers": 1, "ports": [30000, 32999], "rtp_timeout": RTP_TIMEOUT}
    people = (LI, WANG, ZHANG, MEI)
    async with carrier() as company:
        company.add(CUSTOMER).on_ring = speak(EXPERT_HZ)
        async with centre(
            folder,
            *people,
            queues=QUEUES,
            numbers=NUMBERS,
            media=media,
            sip={"ping_every": 1, "trunks": [LOOPBACK, trunk("carrier", company)]},
            routes=[{"prefix": "+86", "trunks": ["carrier"]}],
        ) as it:
            yield it


@pytest_asyncio.fixture(scope="module", loop_scope="module", autouse=True)
async def left_alone(hotline: Centre) -> AsyncIterator[Caller]:
    """A customer of mei's, whose page went away when the first test began."""
    # Not one of those who hang up at the end of each test.
    caller = Caller(hotline.server, hotline.book, hotline.phones.add("13900000001"))
    async with web_desk(hotline.agents["mei"].desk) as page:
        await mei_answers(hotline, page, caller)
    yield caller


async def mei_answers(hotline: Centre, page: WebDesk, caller: Caller) -> None:
    await page.says("health", microphone="live", path="connected")
    await hotline.agents["mei"].desk.set_state("ready")
    await caller.dial("web")
    await page.picks_up()
    page.phone.say(tone(LI_HZ))
    caller.call.say(tone(CUSTOMER_HZ))
    await hears(caller.call, LI_HZ)


def dies(at_phone: PhoneCall) -> None:
    """The phone starts anew and knows nothing of its call: no BYE, no audio."""
    assert at_phone.incoming is not None
    at_phone.incoming.close()
    at_phone.finish(CallEnd("network", "the phone started anew"))


async def queued_again(hotline: Centre, caller: Caller) -> dict[str, Any]:
    """The second time that the customer waits: what the log has of it."""
    first = await caller.queued()
    again = await hotline.book.when(
        "contact.queued", after=first.sequence, contact_id=caller.contact_id
    )
    assert again.data["queued_at"] == first.data["queued_at"]
    return again.data


async def is_away(agent: Agent) -> None:
    assert (await agent.is_in("not_ready"))["reason"] == "phone_lost"


async def test_the_customer_is_told_waits_at_the_first_place_and_is_served_by_the_next_one(
    hotline: Centre,
) -> None:
    """Before a caller who came after them; both agents have an interaction and a recording."""
    async with hotline.on_duty("li") as (li,):
        caller, _, at_li = await with_li(hotline, "desk")
        later = hotline.caller()
        await later.dial("desk")
        await later.queued()

        at_li.lose_audio()
        ended = await caller.happens("interaction.ended", agent_id="li", within=RTP_TIMEOUT + 3)
        assert ended.data["ended_by"] == "phone_lost"
        assert (await queued_again(hotline, caller))["queue"] == "desk"
        await at_li.ended()
        await hears_music(caller.call, within=10)  # a voice at first
        await is_away(li)

        async with hotline.on_duty("zhang", on_ring=speak(ZHANG_HZ)) as (zhang,):
            at_zhang = await zhang.rung()
            await asyncio.gather(hears(caller.call, ZHANG_HZ), hears(at_zhang, CUSTOMER_HZ))
            await passed(caller.call, 0.3)  # something to record
            caller.call.hang_up()
            assert await caller.over() == ("handled", "caller-hung-up")
            later.leave()
            await later.over()

    history = await hotline.history(caller.contact_id)
    assert [(one["agent_id"], one["ended_by"]) for one in history["interactions"]] == [
        ("li", "phone_lost"),
        ("zhang", "caller"),
    ]
    assert [(leg["role"], leg["reason"]) for leg in history["legs"]] == [
        ("caller", "caller-hung-up"),
        ("agent", "rtp-timeout"),
        ("agent", "released"),
    ]
    assert len(history["segments"]) == 2
    for one in history["interactions"]:
        stored = await hotline.book.when("recording.stored", interaction_id=one["id"])
        assert stored.data["duration"] > 0.2


async def test_a_phone_that_started_anew_is_found_out_by_asking_it(hotline: Centre) -> None:
    async with hotline.on_duty("li") as (li,):
        caller, _, at_li = await with_li(hotline, "desk")
        dies(at_li)
        await queued_again(hotline, caller)
        await is_away(li)
        await li.desk.set_state("ready")  # the phone is there again: but not for this customer
        await hears_music(caller.call, within=10)
        assert li.silent
        caller.call.hang_up()
        assert await caller.over() == ("handled", "caller-hung-up")


async def test_whoever_else_is_in_the_call_keeps_the_customer(hotline: Centre) -> None:
    async with hotline.on_duty("li", "wang") as (li, wang):
        wang.on_ring(speak(WANG_HZ))
        caller, _, at_li = await with_li(hotline, "desk")
        await does(li.desk, caller, "consult", agent="wang")
        at_wang = await wang.rung()
        await hears(at_wang, LI_HZ)
        dies(at_li)
        await asyncio.gather(hears(caller.call, WANG_HZ), hears(at_wang, CUSTOMER_HZ))
        await is_away(li)
        caller.call.hang_up()
        assert await caller.over() == ("handled", "caller-hung-up")


async def test_a_question_that_nobody_has_answered_is_forgotten(hotline: Centre) -> None:
    """The customer is not handed to who was only to be asked."""
    async with hotline.on_duty("li", "wang") as (li, wang):
        wang.on_ring(ring_on)
        caller, _, at_li = await with_li(hotline, "desk")
        await does(li.desk, caller, "consult", agent="wang")
        at_wang = await wang.rung()
        dies(at_li)
        assert (await at_wang.ended()).by == "them"
        ended = await caller.happens("consult.ended")
        assert ended.data["outcome"] == "called_off"
        assert (await queued_again(hotline, caller))["queue"] == "desk"
        await is_away(li)
        await wang.is_in("ready")


async def test_a_hang_up_of_the_agents_ends_the_call_as_ever(hotline: Centre) -> None:
    async with hotline.on_duty("li") as (li,):
        caller, _, at_li = await with_li(hotline, "desk")
        at_li.hang_up()
        await caller.call.ended()
        assert await caller.over() == ("handled", "agent-hung-up")
        await li.is_in("ready")


async def test_a_customer_who_was_called_and_waited_nowhere_is_hung_up_for_that_reason(
    hotline: Centre,
) -> None:
    async with hotline.on_duty("li") as (li,):
        li.on_ring(speak(LI_HZ))
        contact_id = await dials(li, CUSTOMER, "desk")
        at_li = await li.rung()
        await hears(at_li, EXPERT_HZ)
        dies(at_li)
        ended = await hotline.book.when("contact.ended", contact_id=contact_id)
        assert (ended.data["outcome"], ended.data["reason"]) == ("handled", "session-gone")
        await is_away(li)


async def dials(agent: Agent, number: str, on_behalf_of: str) -> str:
    """A click; the contact's id."""
    headers = {"Authorization": f"Bearer {agent.desk.token}"}
    async with (
        aiohttp.ClientSession(agent.desk.api, headers=headers) as session,
        session.post(
            "/api/v1/contacts", json={"number": number, "queue": on_behalf_of}
        ) as answered,
    ):
        placed = await answered.json()
        assert answered.status == 201, placed
        return str(placed["contact_id"])


async def test_a_page_that_does_not_come_back_costs_the_customer_no_more_than_waiting(
    hotline: Centre, left_alone: Caller
) -> None:
    """Last of all: the page has been away since the first test began."""
    mei = hotline.agents["mei"]
    ended = await left_alone.happens("leg.ended", reason="browser-gone", within=PAGE_KEPT + 5)
    assert (await queued_again(hotline, left_alone))["queue"] == "web"
    await is_away(mei)
    await hears_music(left_alone.call, within=10)
    async with hotline.on_duty("zhang", on_ring=speak(ZHANG_HZ)) as (zhang,):
        await zhang.rung()
        await hears(left_alone.call, ZHANG_HZ)
        left_alone.call.hang_up()
        assert await left_alone.over() == ("handled", "caller-hung-up")
    assert ended.data["result"] == "upstream_error"
