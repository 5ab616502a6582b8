"""What the agent's phone, and the agent, can do to an offer and to a conversation."""

from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import pytest
import pytest_asyncio

from simulator.phone import Phones, answer, decline, ring_on
from simulator.phone_call import CallEnd, PhoneCall
from tests.ports import free_port
from tests.running_server import PASSWORD

from .centre import LI, WANG, Centre, centre
from .centre import queue as usual_queue
from .people import Agent, Caller, Hire
from .raw_sip import ForkedPhone, StubbornPhone
from .talking import does, tries

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.usefixtures("nothing_left")]

RING_FOR = 1.5


queue = partial(usual_queue, ring_for=RING_FOR, wrap_up=0.3)
QUEUES = [
    queue("service"),
    queue("announced", announce_agent=True),
    queue("narrow", announce_agent=True, max_waiting=1),
    queue("laborious", wrap_up=60),
]
NUMBERS = {
    "2000": {"queue": "service", "language": "en"},
    "2001": {"queue": "announced", "language": "en"},
    "2002": {"queue": "narrow", "language": "en"},
    "2003": {"queue": "laborious", "language": "en"},
}
STUBBORN_PORT, CLOSED_PORT, FORKED_PORT = free_port(), free_port(), free_port()
ABSENT = Hire("absent", "8030", registers=False)
STUBBORN = Hire("stubborn", "8031", phone=f"sip:stubborn@127.0.0.1:{STUBBORN_PORT}")
FORKED = Hire("forked", "8033", phone=f"sip:forked@127.0.0.1:{FORKED_PORT}")
NOWHERE = Hire("nowhere", "8032", phone=f"sip:nowhere@127.0.0.1:{CLOSED_PORT}")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hotline(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Centre]:
    hires = (LI, WANG, ABSENT, STUBBORN, FORKED, NOWHERE)
    folder = tmp_path_factory.mktemp("agents")
    async with centre(folder, *hires, queues=QUEUES, numbers=NUMBERS) as it:
        yield it


async def waiting(hotline: Centre, number: str = "2000") -> Caller:
    caller = hotline.caller()
    await caller.dial(number)
    await caller.queued()
    return caller


async def served(caller: Caller, agent: Agent) -> PhoneCall:
    """Wait until this agent has the caller; the agent's end of it."""
    phone = await agent.rung()
    await caller.happens("interaction.started", agent_id=agent.id)
    return phone


async def ends(caller: Caller) -> None:
    """The caller has got what they wanted."""
    caller.call.hang_up()
    assert await caller.over() == ("handled", "caller-hung-up")


def keeps_the_place(hotline: Centre, caller: Caller) -> bool:
    """Whether every entry into the queue counts from the same moment."""
    moments = {
        seen.data["queued_at"]
        for seen in hotline.book.seen
        if seen.event == "contact.queued" and seen.data["contact_id"] == caller.contact_id
    }
    return len(moments) == 1


@pytest.mark.parametrize("status", [486, 603, 600])
async def test_declined_it_is_offered_elsewhere_at_once(hotline: Centre, status: int) -> None:
    async with hotline.on_duty("li", "wang") as (li, wang):
        li.on_ring(decline(status))
        caller = await waiting(hotline)
        await served(caller, wang)
        await ends(caller)
        await li.is_in("ready")

    story = caller.story()
    again = story[story.index("offer.ended li declined") :]
    assert [told for told in again if not told.startswith("leg.")][:4] == [
        "offer.ended li declined",
        "contact.queued",
        "contact.offered wang",
        "wang ringing",
    ]
    assert keeps_the_place(hotline, caller)


async def test_who_declined_is_not_rung_for_the_same_caller_but_for_the_next(
    hotline: Centre,
) -> None:
    async with hotline.on_duty("li", on_ring=decline()) as (li,):
        first = await waiting(hotline)
        await li.rung()
        await first.happens("offer.ended", outcome="declined")
        li.on_ring(answer())
        second = await waiting(hotline)
        await served(second, li)
        async with hotline.on_duty("wang") as (wang,):
            await served(first, wang)
            await ends(first)
        await ends(second)

    assert keeps_the_place(hotline, first)


async def test_not_answered_the_agent_is_not_ready_and_the_next_one_rings(hotline: Centre) -> None:
    async with hotline.on_duty("li", "wang") as (li, wang):
        li.on_ring(ring_on)
        caller = await waiting(hotline)
        rung = await li.rung()
        await served(caller, wang)
        end = await rung.ended()
        assert (await li.is_in("not_ready"))["reason"] == "ring_no_answer"
        await ends(caller)

    offered = await caller.happens("contact.offered", agent_id="li")
    missed = await caller.happens("offer.ended", agent_id="li", outcome="timed_out")
    assert missed.heard_at - offered.heard_at == pytest.approx(RING_FOR, abs=0.4)
    assert end.cause == "cancelled"
    assert keeps_the_place(hotline, caller)


@pytest.mark.parametrize("status", [404, 480, 500, 503])
async def test_a_phone_that_cannot_take_it_is_unreachable(hotline: Centre, status: int) -> None:
    async with hotline.on_duty("li", "wang") as (li, wang):
        li.on_ring(decline(status))
        caller = await waiting(hotline)
        await served(caller, wang)
        await ends(caller)
        await li.is_in("ready")

    assert "offer.ended li unreachable" in caller.story()
    assert keeps_the_place(hotline, caller)


async def test_three_callers_in_vain_and_an_agent_without_a_phone_is_not_ready(
    hotline: Centre,
) -> None:
    """Not ready with the reason; ready again as soon as the phone is registered."""
    async with hotline.on_duty("absent") as (absent,):
        callers = [await waiting(hotline) for _ in range(3)]
        for caller in callers:
            await caller.happens("offer.ended", agent_id="absent", outcome="unreachable")
            assert not any(told.startswith("leg.ended") for told in caller.story())
        assert (await absent.is_in("not_ready"))["reason"] == "unreachable"
        await absent.phone.register(f"sip:127.0.0.1:{hotline.server.sip_port}", PASSWORD)
        await absent.is_in("talking")
        for caller in callers:
            caller.call.hang_up()
            await caller.over()


async def test_a_phone_that_does_not_answer_at_all_costs_the_ring_time_and_no_more(
    hotline: Centre,
) -> None:
    """Its host is there and its port is closed; SIP alone would try for 32 seconds."""
    async with hotline.on_duty("nowhere", "li") as (nowhere, li):
        caller = await waiting(hotline)
        await served(caller, li)
        await ends(caller)
        assert (await nowhere.is_in("not_ready"))["reason"] in ("ring_no_answer", "unreachable")

    assert keeps_the_place(hotline, caller)


async def test_a_phone_that_vanishes_while_it_rings(hotline: Centre) -> None:
    """Its socket is closed without a word: the offer expires and the next agent rings."""
    elsewhere = Phones()
    await elsewhere.start()
    try:
        li = hotline.agents["li"]
        mobile = elsewhere.add("li")
        await mobile.register(f"sip:127.0.0.1:{hotline.server.sip_port}", PASSWORD)
        async with hotline.on_duty("li", "wang") as (_, wang):
            caller = await waiting(hotline)
            await mobile.incoming()
            await elsewhere.line.close()
            mobile.calls[0].finish(CallEnd("network", "vanished"))
            await served(caller, wang)
            assert (await li.is_in("not_ready"))["reason"] == "ring_no_answer"
            await ends(caller)
    finally:
        await elsewhere.line.close()
        await li.phone.register(f"sip:127.0.0.1:{hotline.server.sip_port}", PASSWORD)

    assert keeps_the_place(hotline, caller)


async def test_an_answer_that_crosses_our_cancel_is_acknowledged_and_hung_up(
    hotline: Centre,
) -> None:
    """RFC 3261 §9.1: the 200 was under way. The caller is served by the next agent alone."""
    async with StubbornPhone(STUBBORN_PORT) as phone, hotline.on_duty("stubborn", "li") as (_, li):
        caller = await waiting(hotline)
        await phone.got("INVITE")
        await phone.got("CANCEL")
        await phone.got("ACK")
        await phone.got("BYE")
        await served(caller, li)
        await ends(caller)

    story = caller.story()
    assert "offer.accepted stubborn" not in story
    assert story.count("offer.accepted li") == 1
    assert "leg.answered stubborn" not in story


async def test_an_answer_that_crosses_the_callers_hang_up_leaves_nobody_in_a_call(
    hotline: Centre,
) -> None:
    async with StubbornPhone(STUBBORN_PORT) as phone, hotline.on_duty("stubborn") as (agent,):
        caller = await waiting(hotline)
        await phone.got("INVITE")
        caller.call.hang_up()
        for method in ("CANCEL", "ACK", "BYE"):
            await phone.got(method)
        assert await caller.over() == ("abandoned", "caller-hung-up")
        await agent.is_in("ready")

    story = caller.story()
    assert "offer.ended stubborn withdrawn" in story
    assert "offer.accepted stubborn" not in story


async def test_of_two_telephones_that_are_picked_up_at_once_one_has_the_caller(
    hotline: Centre,
) -> None:
    """Both 200s are acknowledged, and the later one is hung up at once (RFC 3261 §13.2.2.4)."""
    async with ForkedPhone(FORKED_PORT) as phone, hotline.on_duty("forked") as (forked,):
        caller = await waiting(hotline)
        await caller.happens("interaction.started", agent_id="forked")
        asked = [await phone.got("ACK", "BYE") for _ in range(3)]
        acknowledged = {one.to.tag for one in asked if one.method == "ACK"}
        hung_up = {one.to.tag for one in asked if one.method == "BYE"}
        assert (acknowledged, hung_up) == ({"desk", "hall"}, {"hall"})
        assert (await forked.is_in("talking"))["contact_id"] == caller.contact_id
        await ends(caller)
        assert (await phone.got("BYE")).to.tag == "desk"
        await forked.is_in("ready")

    story = caller.story()
    assert story.count("offer.accepted forked") == story.count("leg.answered forked") == 1


@pytest.mark.parametrize("early", [-0.05, -0.01, 0.0, 0.01])
async def test_answered_in_the_moment_in_which_the_offer_expires(
    hotline: Centre, early: float
) -> None:
    """Accepted or missed, never both; either way the caller is served, by one agent."""
    async with hotline.on_duty("li", "wang") as (li, wang):
        li.on_ring(answer(after=RING_FOR + early))
        caller = await waiting(hotline)
        phone = await li.rung()
        started = await caller.happens("interaction.started")
        assert started.data["agent_id"] in ("li", "wang")
        if started.data["agent_id"] == "wang":
            await phone.ended()
        await ends(caller)

    story = caller.story()
    assert ("offer.accepted li" in story) != ("offer.ended li timed_out" in story)
    assert sum(told.startswith("offer.accepted") for told in story) == 1
    assert wang.silent == ("offer.accepted li" in story)


async def test_hanging_up_during_the_announcement_leaves_the_caller_the_place(
    hotline: Centre,
) -> None:
    """As a decline does: music again, and the next agent rings; li has the next caller."""
    async with hotline.on_duty("li", "wang") as (li, wang):
        wang.on_ring(answer(after=0.5))
        caller = await waiting(hotline, "2001")
        phone = await li.rung()
        await caller.happens("offer.accepted")
        phone.hang_up()
        await caller.happens("interaction.ended", ended_by="agent")
        await wang.rung()
        await caller.call.audio_began()
        await caller.happens("interaction.started", agent_id="wang")
        await ends(caller)
        await li.is_in("ready")

    story = caller.story()
    assert story.count("contact.queued") == 2
    assert story.count("interaction.started") == 1
    assert keeps_the_place(hotline, caller)


async def test_released_during_the_announcement_the_caller_keeps_the_place_too(
    hotline: Centre,
) -> None:
    """Who has picked up and is not connected yet can leave by the verb, and nothing else."""
    async with hotline.on_duty("li", "wang") as (li, wang):
        wang.on_ring(answer(after=0.5))
        caller = await waiting(hotline, "2001")
        phone = await li.rung()
        await caller.happens("offer.accepted")
        refused, problem = await tries(li.desk, caller, "hold")
        await does(li.desk, caller, "release")
        await phone.ended()
        await caller.happens("interaction.started", agent_id="wang")
        await ends(caller)
        await li.is_in("ready")

    assert (refused, problem["type"]) == (409, "NotNow")
    assert "arriving" in problem["detail"]
    assert keeps_the_place(hotline, caller)


async def test_the_place_is_kept_in_a_queue_that_is_full_meanwhile(hotline: Centre) -> None:
    async with hotline.on_duty("li") as (li,):
        first = await waiting(hotline, "2002")
        phone = await li.rung()
        await first.happens("offer.accepted")
        second = await waiting(hotline, "2002")
        phone.hang_up()
        await served(second, li)
        async with hotline.on_duty("wang") as (wang,):
            await served(first, wang)
            await ends(first)
        await ends(second)

    assert keeps_the_place(hotline, first)


async def test_logging_out_while_the_phone_rings_counts_as_declined(hotline: Centre) -> None:
    async with hotline.on_duty("li", "wang") as (li, wang):
        li.on_ring(ring_on)
        caller = await waiting(hotline)
        rung = await li.rung()
        await li.desk.set_state("logged_out")
        await rung.ended()
        await served(caller, wang)
        await ends(caller)
    await (await hotline.server.log_in("li")).close()

    story = caller.story()
    assert "offer.ended li declined" in story
    assert hotline.book.find("agent.state_changed", agent_id="li", state="logged_out")
    assert keeps_the_place(hotline, caller)


async def test_the_agent_hangs_up_first(hotline: Centre) -> None:
    async with hotline.on_duty("li") as (li,):
        caller = await waiting(hotline)
        phone = await served(caller, li)
        phone.hang_up()
        end = await caller.call.ended()
        assert await caller.over() == ("handled", "agent-hung-up")
        await li.is_in("ready")

    assert (end.by, end.cause) == ("them", "hung up")
    assert "interaction.ended agent" in caller.story()


async def test_what_is_chosen_while_talking_comes_after_the_wrap_up(hotline: Centre) -> None:
    async with hotline.on_duty("li") as (li,):
        caller = await waiting(hotline)
        await served(caller, li)
        await li.desk.set_state("not_ready", "training")
        await li.desk.set_state("not_ready", "lunch")
        assert (await li.is_in("talking"))["reason"] is None
        await ends(caller)
        await hotline.book.when(
            "agent.state_changed", agent_id="li", state="not_ready", reason="lunch"
        )

    ended = await caller.happens("interaction.ended")
    states = [
        seen.data["state"]
        for seen in hotline.book.seen
        if seen.event == "agent.state_changed"
        and seen.data["agent_id"] == "li"
        and seen.sequence > ended.sequence
    ]
    assert states[:2] == ["wrap_up", "not_ready"]


async def test_the_wrap_up_ends_by_its_timer(hotline: Centre) -> None:
    async with hotline.on_duty("li") as (li,):
        caller = await waiting(hotline)
        await served(caller, li)
        caller.call.hang_up()
        ended = await caller.happens("interaction.ended")
        begun = await hotline.book.when(
            "agent.state_changed", after=ended.sequence, agent_id="li", state="wrap_up"
        )
        ready = await hotline.book.when(
            "agent.state_changed", after=ended.sequence, agent_id="li", state="ready"
        )
        await caller.over()

    assert ready.heard_at - begun.heard_at == pytest.approx(0.3, abs=0.25)


async def test_ready_ends_the_wrap_up_early_and_the_next_caller_comes(hotline: Centre) -> None:
    async with hotline.on_duty("li") as (li,):
        first, second = await waiting(hotline, "2003"), await waiting(hotline, "2003")
        await served(first, li)
        await ends(first)
        await li.is_in("wrap_up")
        assert li.silent
        await li.desk.set_state("ready")
        await served(second, li)
        await ends(second)
        await li.is_in("wrap_up")
        await li.desk.set_state("ready")


async def test_a_supervisor_makes_an_agent_not_ready(hotline: Centre) -> None:
    """At once if the agent is idle, after the conversation if not; nobody is cut off."""
    forced: dict[str, Any] = {
        "agent_id": "li",
        "state": "not_ready",
        "reason": "meeting",
        "chosen_by": "chief",
    }
    async with hotline.on_duty("li") as (li,):
        assert await hotline.force(li, "not_ready", "meeting") == 200
        assert (await li.is_in("not_ready"))["reason"] == "meeting"
        await hotline.book.when("agent.state_changed", **forced)
        before = hotline.book.last
        await li.desk.set_state("ready")
        caller = await waiting(hotline)
        await served(caller, li)
        assert await hotline.force(li, "not_ready", "meeting") == 200
        assert (await li.is_in("talking"))["next_reason"] == "meeting"
        await hotline.book.when("agent.next_chosen", after=before, **forced)
        await ends(caller)
        assert (await li.is_in("not_ready"))["reason"] == "meeting"
        await hotline.book.when("agent.state_changed", after=before, **forced)


async def test_a_phone_without_a_common_codec_is_no_reason_to_drop_the_caller(
    hotline: Centre,
) -> None:
    async with hotline.on_duty("li", "wang") as (li, wang):
        li.on_ring(decline(488))
        caller = await waiting(hotline)
        await served(caller, wang)
        await ends(caller)

    assert "leg.ended li no-common-codec" in caller.story()
