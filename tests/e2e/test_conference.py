"""Three in a conference, and anybody leaves, in any order: the rest goes on."""

import asyncio

import pytest

from simulator.phone_call import PhoneCall
from tests.audio import seconds_of, stereo

from .centre import Centre
from .people import Caller, passed
from .talking import (
    CUSTOMER_HZ,
    EXPERT_HZ,
    KEPT,
    LI_HZ,
    WANG_HZ,
    ZHANG_HZ,
    does,
    expert,
    hears,
    hears_music,
    hears_nothing,
    length,
    speak,
    tries,
    with_li,
)

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.usefixtures("nothing_left")]

HZ = {"customer": CUSTOMER_HZ, "li": LI_HZ, "wang": WANG_HZ, "expert": EXPERT_HZ}


async def three(hotline: Centre, number: str = "2000") -> tuple[Caller, dict[str, PhoneCall]]:
    """The customer, li and wang hear one another; the phones by name."""
    hotline.agents["wang"].on_ring(speak(WANG_HZ))
    caller, li, at_li = await with_li(hotline, number)
    await does(li.desk, caller, "consult", agent="wang")
    at_wang = await hotline.agents["wang"].rung()
    await hears(at_wang, LI_HZ)
    view = await does(li.desk, caller, "conference")
    assert [party["state"] for party in view["parties"]] == [None, "conference", "conference"]
    phones = {"customer": caller.call, "li": at_li, "wang": at_wang}
    await everybody_hears_everybody(phones)
    return caller, phones


async def everybody_hears_everybody(phones: dict[str, PhoneCall]) -> None:
    await asyncio.gather(
        *(
            hears(phone, *(HZ[other] for other in phones if other != name))
            for name, phone in phones.items()
        )
    )


@pytest.mark.parametrize("order", [["wang", "customer"], ["li", "wang"]], ids=" then ".join)
async def test_who_is_left_of_three_goes_on_until_customer_or_all_others_have_left(
    hotline: Centre, order: list[str]
) -> None:
    async with hotline.on_duty("li", "wang"):
        caller, phones = await three(hotline)

        *first, last = order
        for leaver in first:
            phones.pop(leaver).hang_up()
            await everybody_hears_everybody(phones)
            await caller.happens("interaction.ended", agent_id=leaver, ended_by="agent")
        phones.pop(last).hang_up()
        await asyncio.gather(*(phone.ended() for phone in phones.values()))
        why = "caller-hung-up" if last == "customer" else "agent-hung-up"
        assert await caller.over() == ("handled", why)


async def test_each_agent_is_credited_with_the_time_that_they_were_in_it(hotline: Centre) -> None:
    async with hotline.on_duty("li", "wang") as (li, wang):
        caller, phones = await three(hotline, KEPT)
        phones["li"].hang_up()
        await hears(caller.call, WANG_HZ)
        await li.is_in("ready")
        assert (await wang.is_in("talking"))["contact_id"] == caller.contact_id
        caller.call.hang_up()
        await caller.over()

    history = await hotline.history(caller.contact_id)
    lis, wangs = history["segments"]
    assert (lis["agent_id"], wangs["agent_id"]) == ("li", "wang")
    assert lis["started_at"] < wangs["started_at"] < lis["ended_at"] < wangs["ended_at"]
    assert [one["ended_by"] for one in history["interactions"]] == ["agent", "caller"]
    await hotline.chief.when(
        f"/api/v1/contacts/{caller.contact_id}",
        lambda found: all(one["wrap_up_ended_at"] for one in found["interactions"]),
        15.0,
    )
    recorded = {one["agent_id"] for one in history["recordings"]}
    assert recorded == {"li", "wang"}


@pytest.mark.parametrize("leaves", ["li", "wang", "customer"])
async def test_each_agent_has_a_recording_of_their_own_from_joining_the_customer_to_leaving(
    hotline: Centre, leaves: str
) -> None:
    async with hotline.on_duty("li", "wang"):
        caller, phones = await three(hotline, KEPT)
        await passed(caller.call, 1.0)
        phones.pop(leaves).hang_up()
        if leaves != "customer":
            await everybody_hears_everybody(phones)
            await passed(caller.call, 1.0)
            caller.call.hang_up()
        await caller.over()

    await hotline.history(caller.contact_id)
    history = await hotline.chief.when(
        f"/api/v1/contacts/{caller.contact_id}",
        lambda it: len([one for one in it["recordings"] if one["duration"]]) == 2,
    )
    assert [one["agent_id"] for one in history["segments"]] == ["li", "wang"]
    recordings = {one["interaction_id"]: one for one in history["recordings"]}
    for segment, own_hz in zip(history["segments"], (LI_HZ, WANG_HZ), strict=True):
        recording = recordings[segment["interaction_id"]]
        assert recording["agent_id"] == segment["agent_id"]
        assert recording["duration"] == pytest.approx(length(segment), abs=0.3)
        left, right = stereo(await hotline.chief.get_bytes(recording["audio"]))
        for side, hz in ((left, CUSTOMER_HZ), (right, own_hz)):
            assert seconds_of(side, hz) == pytest.approx(recording["duration"], abs=0.5)


async def test_with_an_expert_outside_who_stays_alone_with_the_customer(hotline: Centre) -> None:
    outside = expert(hotline)
    async with hotline.on_duty("li") as (li,):
        caller, _, at_li = await with_li(hotline)
        await does(li.desk, caller, "consult", number=outside.uri)
        at_expert = await outside.incoming()
        await hears(at_expert, LI_HZ)
        await does(li.desk, caller, "conference")
        await everybody_hears_everybody({"customer": caller.call, "li": at_li, "expert": at_expert})

        await does(li.desk, caller, "release")
        await everybody_hears_everybody({"customer": caller.call, "expert": at_expert})
        at_expert.hang_up()
        assert await caller.over() == ("handled", "transfer-ended")


async def test_who_holds_leaves_the_others_talking(hotline: Centre) -> None:
    async with hotline.on_duty("li", "wang") as (li, _):
        caller, phones = await three(hotline)

        await does(li.desk, caller, "hold")
        await asyncio.gather(
            hears(caller.call, WANG_HZ),
            hears(phones["wang"], CUSTOMER_HZ),
            hears_nothing(phones["li"]),
        )
        await does(li.desk, caller, "resume")
        await everybody_hears_everybody(phones)
        await phones["customer"].hold()
        await asyncio.gather(hears(phones["wang"], LI_HZ), hears(phones["li"], WANG_HZ))
        await phones["customer"].resume()
        await everybody_hears_everybody(phones)


async def test_a_fourth_is_asked_by_one_at_a_time_while_the_others_go_on(hotline: Centre) -> None:
    hotline.agents["zhang"].on_ring(speak(ZHANG_HZ))
    async with hotline.on_duty("li", "wang", "zhang") as (li, wang, zhang):
        zhang.on_ring(speak(ZHANG_HZ))
        caller, phones = await three(hotline)

        await does(wang.desk, caller, "consult", agent="zhang")
        at_zhang = await zhang.rung()
        await asyncio.gather(
            hears(phones["wang"], ZHANG_HZ),
            hears(at_zhang, WANG_HZ),
            hears(caller.call, LI_HZ),
            hears(phones["li"], CUSTOMER_HZ),
        )
        status, problem = await tries(li.desk, caller, "consult", number="sip:a@127.0.0.1")
        assert (status, problem["type"]) == (409, "Engaged")
        await does(wang.desk, caller, "swap")
        await asyncio.gather(hears_music(at_zhang), hears(caller.call, LI_HZ, WANG_HZ))
        await does(wang.desk, caller, "complete")
        await asyncio.gather(hears(caller.call, LI_HZ, ZHANG_HZ), phones["wang"].ended())
