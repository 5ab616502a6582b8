"""The caller hangs up at every single step; nothing is left behind."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from simulator.audio import tone
from simulator.phone import Phones, answer, ring_on
from simulator.phone_call import CallEnd, PhoneCall

from .centre import LI, WANG, Centre, centre
from .people import Agent, Caller, passed
from .raw_sip import RawPhone

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.usefixtures("nothing_left")]

QUEUES: list[dict[str, Any]] = [
    {
        "name": "service",
        "skills": {"sales": 1},
        "ring_for": 3,
        "wrap_up": 0.2,
        "announce_position_every": 0.5,
    },
]

PINGED: dict[str, Any] = {"sip": {"ping_every": 1}}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hotline(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Centre]:
    numbers = {"1000": {"flow": "hotline.yaml"}, "2000": {"queue": "service", "language": "en"}}
    folder = tmp_path_factory.mktemp("leaves")
    async with centre(folder, LI, WANG, queues=QUEUES, numbers=numbers, **PINGED) as it:
        await it.warm_up()
        yield it


async def left(caller: Caller, *, outcome: str, reason: str = "caller-hung-up") -> list[str]:
    """The caller's whole story, which must end so."""
    assert await caller.over() == (outcome, reason)
    story = caller.story()
    ended = story.index(f"contact.ended {outcome} {reason}")
    assert story[ended + 1].startswith("call.ended")
    return story[:ended]


async def talking(hotline: Centre, agent: Agent, number: str = "2000") -> tuple[Caller, PhoneCall]:
    """A caller in conversation, and the agent's end of it."""
    caller = hotline.caller()
    await caller.dial(number)
    await caller.call.answered()
    phone = await agent.rung()
    await caller.happens("interaction.started")
    return caller, phone


async def test_cancel_before_the_answer(hotline: Centre) -> None:
    """
    INVITE and CANCEL are sent together, so the CANCEL comes in time: nearly always.

    Where the answer was quicker, that call is hung up and another one tried.
    """
    for _ in range(10):
        caller = hotline.caller()
        async with RawPhone(hotline.server.sip_port) as phone:
            invite = phone.invite(caller.number, "2000")
            phone.send(invite, phone.cancel(invite))
            assert (await phone.response("CANCEL")).status == 200
            final = await phone.response("INVITE")
            phone.acknowledge(invite, final)
            if final.status == 200:
                phone.send(phone.bye(invite, final))
                assert (await phone.response("BYE")).status == 200
                await caller.over()
                continue
        break

    assert final.status == 487
    story = await left(caller, outcome="self_served")
    assert story == [
        "call.arrived",
        "leg.started caller",
        "leg.ended caller caller-hung-up",
    ]


async def test_hang_up_right_after_dialling(hotline: Centre) -> None:
    """CANCEL or BYE, whichever the moment makes of it."""
    caller = hotline.caller()
    await caller.dial("1000")
    caller.call.hang_up()

    await left(caller, outcome="self_served")


async def test_bye_during_the_welcome(hotline: Centre) -> None:
    caller = hotline.caller()
    await caller.dial("1000")
    await caller.call.hears(500)
    caller.call.hang_up()

    assert await left(caller, outcome="self_served") == [
        "call.arrived",
        "leg.started caller",
        "leg.answered caller",
        "node welcome",
        "leg.ended caller caller-hung-up",
    ]


async def test_bye_while_typing(hotline: Centre) -> None:
    """Two of the four figures are typed, and the third is being pressed."""
    caller = hotline.caller()
    await caller.dial("1000")
    await caller.call.hears(600)
    await caller.call.press("1")
    await caller.call.hears(900)
    await caller.call.press("12")
    third = asyncio.create_task(caller.call.press("3", duration_ms=2000))
    await caller.call.hears_silence()
    caller.call.hang_up()
    await asyncio.gather(third, return_exceptions=True)

    story = await left(caller, outcome="self_served")
    assert story[-3:] == ["node menu", "node account", "leg.ended caller caller-hung-up"]
    assert "contact.annotated" not in story


async def test_bye_in_the_queue_with_music(hotline: Centre) -> None:
    caller = hotline.caller()
    await caller.dial("2000")
    await caller.queued()
    await caller.call.audio_began()
    caller.call.hang_up()

    assert await left(caller, outcome="abandoned") == [
        "call.arrived",
        "leg.started caller",
        "leg.answered caller",
        "contact.queued",
        "leg.ended caller caller-hung-up",
    ]


async def test_bye_during_the_position_announcement(hotline: Centre) -> None:
    """Announced each half second: so the second one is under way after the first second."""
    caller = hotline.caller()
    await caller.dial("2000")
    await caller.queued()
    await passed(caller.call, 0.8)
    caller.call.hang_up()

    await left(caller, outcome="abandoned")


async def test_bye_while_the_agents_phone_rings(hotline: Centre) -> None:
    async with hotline.on_duty("li", on_ring=ring_on) as (li,):
        caller = hotline.caller()
        await caller.dial("2000")
        phone = await li.rung()
        caller.call.hang_up()
        story = await left(caller, outcome="abandoned")
        end = await phone.ended()
        await li.is_in("ready")

    assert end.cause == "cancelled"
    assert story == [
        "call.arrived",
        "leg.started caller",
        "leg.answered caller",
        "contact.queued",
        "contact.offered li",
        "li ringing",
        "leg.started li",
        "offer.ended li withdrawn",
        "leg.ended caller caller-hung-up",
        "leg.ended li released",
    ]


@pytest.mark.parametrize("first", ["agent answers", "caller hangs up"])
async def test_bye_in_the_instant_in_which_the_agent_answers(hotline: Centre, first: str) -> None:
    """Both messages leave in one turn of the loop: whoever wins, the end is defined."""
    caller = hotline.caller()

    def both(call: PhoneCall) -> None:
        call.ring()
        if first == "agent answers":
            call.answer()
        caller.call.hang_up()
        if first == "caller hangs up":
            call.answer()

    async with hotline.on_duty("li", on_ring=both) as (li,):
        await caller.dial("2000")
        phone = await li.rung()
        outcome, reason = await caller.over()
        await phone.ended()
        await li.is_in("ready")

    assert outcome in ("abandoned", "handled")
    assert reason == "caller-hung-up"
    accepted = "offer.accepted li" in caller.story()
    assert accepted == ("interaction.ended caller" in caller.story())
    assert accepted != ("offer.ended li withdrawn" in caller.story())


async def test_bye_during_the_announcement_of_the_agent(hotline: Centre) -> None:
    """The agent had picked up, but the two were never connected: the caller abandoned."""
    async with hotline.on_duty("li") as (li,):
        caller = hotline.caller()
        await caller.dial("2000")
        phone = await li.rung()
        await caller.happens("offer.accepted")
        caller.call.hang_up()
        story = await left(caller, outcome="abandoned")
        assert (await phone.ended()).by == "them"
        await li.is_in("ready")

    assert story[-6:] == [
        "li talking",
        "interaction.ended caller",
        "li wrap_up",
        "agent.wrap_up_changed",
        "leg.ended caller caller-hung-up",
        "leg.ended li released",
    ]
    assert "interaction.started" not in story
    assert "recording.started" not in story


async def test_bye_in_conversation(hotline: Centre) -> None:
    async with hotline.on_duty("li") as (li,):
        caller, phone = await talking(hotline, li)
        caller.call.say(tone(440))
        phone.say(tone(1000))
        await phone.hears(440)
        await caller.call.hears(1000)
        await passed(caller.call, 0.6)
        caller.call.hang_up()
        story = await left(caller, outcome="handled")
        end = await phone.ended()
        stored = await caller.happens("recording.stored")
        await li.is_in("ready")

    assert (end.by, end.cause) == ("them", "hung up")
    assert story == [
        "call.arrived",
        "leg.started caller",
        "leg.answered caller",
        "contact.queued",
        "contact.offered li",
        "li ringing",
        "leg.started li",
        "leg.answered li",
        "offer.accepted li",
        "li talking",
        "interaction.started",
        "recording.started",
        "interaction.ended caller",
        "li wrap_up",
        "agent.wrap_up_changed",
        "leg.ended caller caller-hung-up",
        "leg.ended li released",
    ]
    assert stored.data["caller_number"] == caller.number
    assert stored.data["duration"] > 0.5


async def test_both_hang_up_at_once(hotline: Centre) -> None:
    """The two BYEs cross; one of them is the reason, and the agent is freed once."""
    async with hotline.on_duty("li") as (li,):
        caller, phone = await talking(hotline, li)
        caller.call.hang_up()
        phone.hang_up()
        outcome, reason = await caller.over()
        await li.is_in("ready")

    assert outcome == "handled"
    assert reason in ("caller-hung-up", "agent-hung-up")
    story = caller.story()
    assert sum(told.startswith("interaction.ended") for told in story) == 1
    assert story.count("li wrap_up") == 1


async def test_bye_while_the_caller_hears_that_it_is_over(hotline: Centre) -> None:
    """The flow ends with its last prompt; the caller hangs up in that prompt's last tenth."""
    caller = hotline.caller()
    await caller.dial("1000")
    await caller.call.hears(600)
    await caller.call.press("3")
    await caller.call.hears(800, span=0.4)
    caller.call.hang_up()

    outcome, reason = await caller.over()
    assert outcome == "self_served"
    assert reason in ("caller-hung-up", "flow-ended")


async def test_twenty_callers_leave_while_one_agent_is_rung_for_them(hotline: Centre) -> None:
    """Each departure hands the agent the next contact, in the order of the queue."""
    async with hotline.on_duty("li", on_ring=answer(after=30)) as (li,):
        callers = [hotline.caller() for _ in range(20)]
        for caller in callers:
            await caller.dial("2000")
            await caller.queued()
        for caller in callers:
            await caller.happens("contact.offered", agent_id="li")
            caller.call.hang_up()
        ends = [await caller.over() for caller in callers]
        await li.is_in("ready")

    assert set(ends) == {("abandoned", "caller-hung-up")}


@pytest.mark.parametrize("where", ["in the queue", "talking"])
async def test_a_caller_who_is_gone_without_bye(hotline: Centre, where: str) -> None:
    """The connection breaks; the next look after the dialog finds nobody there."""
    elsewhere = Phones(transport="tcp")
    await elsewhere.start()
    async with hotline.on_duty(*(["li"] if where == "talking" else [])) as agents:
        caller = hotline.caller(elsewhere)
        await caller.dial("2000", by="tcp")
        await caller.queued()
        if agents:
            await caller.happens("interaction.started")
        caller.call.finish(CallEnd("network", "vanished"))
        await elsewhere.line.close()
        outcome, reason = await caller.over()
        if agents:
            await agents[0].is_in("ready")

    assert outcome == ("handled" if agents else "failed")
    assert reason == "session-gone"


async def test_a_phone_that_was_restarted_and_knows_nothing_of_its_call(hotline: Centre) -> None:
    """It answers the server's look after the dialog by 481 (RFC 5057)."""
    caller = hotline.caller()
    async with RawPhone(hotline.server.sip_port, knows_dialogs=False) as phone:
        invite = phone.invite(caller.number, "2000")
        phone.send(invite)
        phone.acknowledge(invite, await phone.response("INVITE"))
        assert await caller.over() == ("failed", "session-gone")
