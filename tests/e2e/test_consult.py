"""Consult: the customer on music, then complete, swap or return; and whoever does not come."""

import asyncio
from typing import Any

import pytest

from simulator.phone import decline, ring_on
from simulator.phone_call import PhoneCall

from .centre import Centre
from .people import Agent, Caller, passed
from .talking import (
    CUSTOMER_HZ,
    EXPERT_HZ,
    KEPT,
    LI_HZ,
    WANG_HZ,
    does,
    expert,
    hears,
    hears_music,
    hears_nothing,
    hears_ringing,
    speak,
    tries,
    with_li,
)

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.usefixtures("nothing_left")]


async def li_asks_wang(
    hotline: Centre, number: str = "2000", **target: str
) -> tuple[Caller, Agent, PhoneCall, PhoneCall]:
    """The customer, li, and the calls at li's and wang's phones; the two confer."""
    hotline.agents["wang"].on_ring(speak(WANG_HZ))
    caller, li, at_li = await with_li(hotline, number)
    await does(li.desk, caller, "consult", **(target or {"agent": "wang"}))
    at_wang = await hotline.agents["wang"].rung()
    await asyncio.gather(hears(at_li, WANG_HZ), hears(at_wang, LI_HZ), hears_music(caller.call))
    return caller, li, at_li, at_wang


@pytest.mark.parametrize("target", [{"agent": "wang"}, {"queue": "kept-second"}], ids=str)
async def test_completed_the_adviser_has_the_customer_and_each_their_own_segment(
    hotline: Centre, target: dict[str, str]
) -> None:
    async with hotline.on_duty("li", "wang"):
        caller, li, at_li, at_wang = await li_asks_wang(hotline, KEPT, **target)
        queued = hotline.book.find("contact.queued", after=caller.after)
        assert hotline.book.find("interaction.started", after=caller.after, agent_id="wang") is None

        await does(li.desk, caller, "complete")
        await asyncio.gather(
            at_li.ended(), hears(caller.call, WANG_HZ), hears(at_wang, CUSTOMER_HZ)
        )
        await caller.happens("consult.ended", outcome="completed")
        told = await caller.happens("contact.transferred", how="consult")
        assert told.data["target"] == "wang"
        await li.is_in("ready")
        caller.call.hang_up()
        assert await caller.over() == ("handled", "caller-hung-up")

    history = await hotline.history(caller.contact_id)
    assert [one["agent_id"] for one in history["segments"]] == ["li", "wang"]
    first, second = history["segments"]
    assert first["ended_at"] <= second["started_at"]
    li_had, wang_had = history["interactions"]
    assert (li_had["ended_by"], wang_had["ended_by"]) == ("transfer", "caller")
    assert li_had["held_seconds"] > 0.1
    assert wang_had["accepted_at"] < wang_had["started_at"]
    assert history["contact"]["queue"] == "kept"
    assert queued is not None
    assert {one["interaction_id"] for one in history["recordings"]} == {
        li_had["id"],
        wang_had["id"],
    }


async def test_returned_the_adviser_is_free_and_never_talked_with_the_customer(
    hotline: Centre,
) -> None:
    async with hotline.on_duty("li", "wang") as (_, wang):
        caller, li, at_li, at_wang = await li_asks_wang(hotline, KEPT)

        await does(li.desk, caller, "return")
        await asyncio.gather(at_wang.ended(), hears(at_li, CUSTOMER_HZ), hears(caller.call, LI_HZ))
        await caller.happens("consult.ended", outcome="returned")
        await wang.is_in("ready")
        caller.call.hang_up()
        await caller.over()

    history = await hotline.history(caller.contact_id)
    assert [one["agent_id"] for one in history["segments"]] == ["li"]
    assert [one["outcome"] for one in history["interactions"]] == ["handled", "accepted"]
    assert len(history["recordings"]) == 1


async def test_an_adviser_who_hangs_up_brings_the_customer_back(hotline: Centre) -> None:
    async with hotline.on_duty("li", "wang"):
        caller, _, at_li, at_wang = await li_asks_wang(hotline)

        at_wang.hang_up()
        await asyncio.gather(hears(at_li, CUSTOMER_HZ), hears(caller.call, LI_HZ))
        await caller.happens("consult.ended", outcome="adviser_left")


async def test_an_agent_who_hangs_up_leaves_the_customer_to_the_adviser(hotline: Centre) -> None:
    async with hotline.on_duty("li", "wang"):
        caller, _, at_li, at_wang = await li_asks_wang(hotline)

        at_li.hang_up()
        await asyncio.gather(hears(at_wang, CUSTOMER_HZ), hears(caller.call, WANG_HZ))
        await caller.happens("contact.transferred", how="consult", target="wang")
        at_wang.hang_up()
        assert await caller.over() == ("handled", "agent-hung-up")


@pytest.mark.parametrize(
    ("act", "cause"), [(decline(), "declined"), (ring_on, "timed_out")], ids=["busy", "silent"]
)
async def test_an_adviser_who_does_not_come_brings_the_customer_back_with_the_cause(
    hotline: Centre, act: Any, cause: str
) -> None:
    async with hotline.on_duty("li", "wang") as (_, wang):
        wang.on_ring(act)
        caller, li, at_li = await with_li(hotline)

        await does(li.desk, caller, "consult", agent="wang")
        await caller.happens("interaction.held", held_by="agent")
        await caller.happens("consult.ended", outcome=cause)
        await asyncio.gather(hears(at_li, CUSTOMER_HZ), hears(caller.call, LI_HZ))


async def test_who_asks_hears_it_ringing_and_may_call_it_off(hotline: Centre) -> None:
    async with hotline.on_duty("li", "wang") as (_, wang):
        wang.on_ring(ring_on)
        caller, li, at_li = await with_li(hotline)

        await does(li.desk, caller, "consult", agent="wang")
        at_wang = await wang.rung()
        status, problem = await tries(wang.desk, caller, "swap")
        assert (status, problem["type"]) == (409, "NotNow")
        assert "ringing" in problem["detail"]
        await hears_ringing(at_li)
        await does(li.desk, caller, "return")
        await at_wang.ended()
        await hears(at_li, CUSTOMER_HZ)
        await caller.happens("consult.ended", outcome="called_off")


async def test_an_adviser_of_an_empty_queue_is_waited_for(hotline: Centre) -> None:
    async with hotline.on_duty("li"):
        caller, li, at_li = await with_li(hotline)

        await does(li.desk, caller, "consult", queue="second")
        await caller.happens("contact.queued", queue="second", purpose="consult")
        await hears_music(caller.call)
        async with hotline.on_duty("wang", on_ring=speak(WANG_HZ)) as (wang,):
            at_wang = await wang.rung()
            await asyncio.gather(hears(at_li, WANG_HZ), hears(at_wang, LI_HZ))
            await does(li.desk, caller, "return")
            await hears(caller.call, LI_HZ)


async def test_who_does_not_wait_for_the_adviser_has_transferred(hotline: Centre) -> None:
    async with hotline.on_duty("li", "wang") as (_, wang):
        wang.on_ring(speak(WANG_HZ, after=0.7))
        caller, li, at_li = await with_li(hotline)

        await does(li.desk, caller, "consult", agent="wang")
        await does(li.desk, caller, "complete")
        await caller.happens("consult.ended", outcome="transferred")
        await hears_music(caller.call)
        at_wang = await wang.rung()
        await asyncio.gather(
            at_li.ended(), hears(caller.call, WANG_HZ), hears(at_wang, CUSTOMER_HZ)
        )


@pytest.mark.parametrize("leaves", ["complete", "release"])
async def test_who_does_not_wait_for_a_queues_adviser_leaves_the_customer_the_first_place(
    hotline: Centre, leaves: str
) -> None:
    async with hotline.on_duty("li") as (li,):
        caller, _, at_li = await with_li(hotline)
        first = await caller.queued()
        await does(li.desk, caller, "consult", queue="second")
        await hears_music(caller.call)
        await does(li.desk, caller, leaves)
        ended = await caller.happens("consult.ended", outcome="transferred")
        await caller.happens("contact.transferred", to="queue", target="second", how="blind")
        again = await hotline.book.when(
            "contact.queued", after=ended.sequence, contact_id=caller.contact_id
        )
        assert (again.data["queue"], again.data["purpose"]) == ("second", "serve")
        assert again.data["queued_at"] == first.data["queued_at"]
        await at_li.ended()
        await li.is_in("ready")
        async with hotline.on_duty("wang", on_ring=speak(WANG_HZ)) as (wang,):
            at_wang = await wang.rung()
            await asyncio.gather(hears(caller.call, WANG_HZ), hears(at_wang, CUSTOMER_HZ))


async def test_an_expert_outside_is_asked_and_takes_over(hotline: Centre) -> None:
    outside = expert(hotline)
    async with hotline.on_duty("li"):
        caller, li, at_li = await with_li(hotline)

        await does(li.desk, caller, "consult", number=outside.uri)
        at_expert = await outside.incoming()
        await asyncio.gather(
            hears(at_li, EXPERT_HZ), hears(at_expert, LI_HZ), hears_music(caller.call)
        )
        await does(li.desk, caller, "digits", digits="12")
        await at_expert.hears_digits("12")
        await does(li.desk, caller, "complete")
        await asyncio.gather(hears(caller.call, EXPERT_HZ), hears(at_expert, CUSTOMER_HZ))
        caller.call.hang_up()
        await at_expert.ended()
        assert await caller.over() == ("handled", "caller-hung-up")


async def test_a_customer_who_hangs_up_ends_the_advice_too(hotline: Centre) -> None:
    async with hotline.on_duty("li", "wang") as (li, wang):
        caller, _, at_li, at_wang = await li_asks_wang(hotline)

        caller.call.hang_up()
        await asyncio.gather(at_li.ended(), at_wang.ended())
        await wang.is_in("ready")
        await li.is_in("ready")


async def test_an_advisers_own_hold_lets_the_agent_hear_music(hotline: Centre) -> None:
    async with hotline.on_duty("li", "wang"):
        caller, _, at_li, at_wang = await li_asks_wang(hotline)

        await at_wang.hold()
        await asyncio.gather(hears_music(at_li), hears_nothing(at_wang), hears_music(caller.call))
        await at_wang.resume()
        await asyncio.gather(hears(at_li, WANG_HZ), hears(at_wang, LI_HZ))


# --- in the same moment -----------------------------------------------------------------------

MOMENTS = [-0.01, 0.0, 0.01]  # seconds before or after the adviser picks up


@pytest.mark.parametrize("early", MOMENTS)
async def test_called_off_in_the_moment_in_which_the_adviser_picks_up(
    hotline: Centre, early: float
) -> None:
    """Too early or too late, the customer is with the agent and the adviser free."""
    async with hotline.on_duty("li", "wang") as (_, wang):
        wang.on_ring(speak(WANG_HZ, after=0.3))
        caller, li, at_li = await with_li(hotline)

        await does(li.desk, caller, "consult", agent="wang")
        at_wang = await wang.rung()
        await passed(caller.call, 0.3 - early)
        await does(li.desk, caller, "return")
        await asyncio.gather(hears(at_li, CUSTOMER_HZ), hears(caller.call, LI_HZ), at_wang.ended())
        await wang.is_in("ready")
        ended = await caller.happens("consult.ended")
        assert ended.data["outcome"] in ("called_off", "returned")


@pytest.mark.parametrize("early", MOMENTS)
async def test_the_agent_leaves_in_the_moment_in_which_the_next_one_picks_up(
    hotline: Centre, early: float
) -> None:
    """The customer is with the next one, whoever was first."""
    async with hotline.on_duty("li", "wang") as (li, wang):
        wang.on_ring(speak(WANG_HZ, after=0.3))
        caller, li, at_li = await with_li(hotline)

        await does(li.desk, caller, "transfer", agent="wang")
        at_wang = await wang.rung()
        await passed(caller.call, 0.3 - early)
        at_li.hang_up()
        await asyncio.gather(hears(at_wang, CUSTOMER_HZ), hears(caller.call, WANG_HZ))
        await li.is_in("ready")
        caller.call.hang_up()
        assert await caller.over() == ("handled", "caller-hung-up")


@pytest.mark.parametrize("verb", ["complete", "conference", "release"])
async def test_the_customer_hangs_up_while_the_agent_acts(hotline: Centre, verb: str) -> None:
    """Nobody is left on the line, whatever came first."""
    async with hotline.on_duty("li", "wang") as (li, wang):
        caller, _, at_li, at_wang = await li_asks_wang(hotline)

        caller.call.hang_up()
        status, problem = await tries(li.desk, caller, verb)
        assert status in (200, 404), problem
        await asyncio.gather(at_li.ended(), at_wang.ended())
        await asyncio.gather(li.is_in("ready"), wang.is_in("ready"))
        assert await caller.over() == ("handled", "caller-hung-up")
