"""Picking up by the verb, for who drives the phone in the browser from another program."""

from pathlib import Path

from simulator.audio import tone
from simulator.phone import ring_on

from .centre import WANG, centre
from .people import Hire
from .talking import CUSTOMER_HZ, does, tries
from .web_desk import web_desk

LI = Hire("li", "8026", phone="browser")


async def test_a_browser_is_answered_over_rest_and_a_telephone_where_it_stands(
    tmp_path: Path,
) -> None:
    async with centre(tmp_path, LI, WANG) as it:
        li, wang = it.agents["li"], it.agents["wang"]
        caller = it.caller()
        async with web_desk(li.desk) as desk:
            await desk.says("health", microphone="live", path="connected")
            await li.desk.set_state("ready")
            call = await caller.dial("2001")
            line = await desk.is_rung()
            await caller.arrived()
            not_theirs = await tries(wang.desk, caller, "answer")
            await does(li.desk, caller, "answer")
            await desk.told(type="connected", id=line)
            call.say(tone(CUSTOMER_HZ))
            await desk.phone.hears(CUSTOMER_HZ)
            again = await tries(li.desk, caller, "answer")
            await does(li.desk, caller, "release")
            await call.ended()
        await li.desk.set_state("not_ready")

        wang.on_ring(ring_on)
        await wang.desk.set_state("ready")
        second = it.caller()
        await second.dial("2001")
        await wang.rung()
        await second.arrived()
        at_the_phone = await tries(wang.desk, second, "answer")
        second.leave()
        await second.over()

    assert (not_theirs[0], not_theirs[1]["type"]) == (409, "NotInCall")
    assert (again[0], again[1]["type"]) == (409, "NotNow")
    assert "talking" in again[1]["detail"]
    assert (at_the_phone[0], at_the_phone[1]["type"]) == (409, "AnsweredAtThePhone")
