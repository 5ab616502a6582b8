"""What the channel map says of each leg, from the first ring to the last, over REST."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from simulator.audio import tone
from simulator.phone import ring_on

from .centre import Centre
from .people import Caller
from .talking import (
    CUSTOMER_HZ,
    LI_HZ,
    QUEUES,
    WANG_HZ,
    does,
    expert,
    hears,
    hears_music,
    queue,
    speak,
    talking_centre,
    with_li,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

CHANNELS = "/api/v1/channels"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hotline(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Centre]:
    patient = {**queue("desk", "desk"), "ring_for": 20}
    folder = tmp_path_factory.mktemp("channels")
    async with talking_centre(folder, queues=[patient, *QUEUES[1:]]) as it:
        yield it


async def shows(hotline: Centre, *wanted: tuple[str, str]) -> dict[str, dict[str, Any]]:
    """Wait until these are all the legs, by party and state; the rows by party."""

    def as_wanted(rows: list[dict[str, Any]]) -> bool:
        return sorted((_party(row), row["state"]) for row in rows) == sorted(wanted)

    rows = await hotline.chief.when(CHANNELS, as_wanted)
    return {_party(row): row for row in rows}


def _hears_music(row: dict[str, Any]) -> bool:
    return row["role"] == "customer" and (row["heard"] or -127) > -60


def _party(row: dict[str, Any]) -> str:
    return str(row["party"] or row["role"])


async def test_each_state_of_a_call_is_shown_as_it_comes(hotline: Centre) -> None:
    li, wang = hotline.agents["li"], hotline.agents["wang"]
    assert await hotline.chief.get(CHANNELS) == []
    caller = hotline.caller()
    await caller.dial("2000")
    await caller.arrived()
    alone = await shows(hotline, ("customer", "waiting"))
    assert alone["customer"]["queue"] == "desk"
    assert alone["customer"]["number"] == caller.number
    assert alone["customer"]["codec"] == "PCMU"

    async with hotline.on_duty("li", "wang", on_ring=ring_on):
        at_li = await li.rung()
        await shows(hotline, ("customer", "waiting"), ("li", "ringing"))
        speak(LI_HZ)(at_li)
        caller.call.say(tone(CUSTOMER_HZ))
        await hears(at_li, CUSTOMER_HZ)
        talking = await shows(hotline, ("customer", "talking"), ("li", "talking"))
        assert talking["li"]["contact_id"] == talking["customer"]["contact_id"]

        await asked_and_held(hotline, caller)
        await does(li.desk, caller, "mute")
        muted = await hotline.chief.when(CHANNELS, lambda rows: any(row["muted"] for row in rows))
        assert [_party(row) for row in muted if row["muted"]] == ["li"]
        assert wang.silent
        caller.call.hang_up()
        await caller.over()
        await shows(hotline)


async def asked_and_held(hotline: Centre, caller: Caller) -> None:
    li, wang = hotline.agents["li"], hotline.agents["wang"]
    await does(li.desk, caller, "hold")
    await shows(hotline, ("customer", "held"), ("li", "on_hold"))
    await does(li.desk, caller, "resume")
    await shows(hotline, ("customer", "talking"), ("li", "talking"))
    wang.on_ring(speak(WANG_HZ))
    await does(li.desk, caller, "consult", agent="wang")
    at_wang = await wang.rung()
    await hears(at_wang, LI_HZ)
    await hears_music(caller.call)
    await shows(hotline, ("customer", "held"), ("li", "consulting"), ("wang", "advising"))
    await hotline.chief.when(CHANNELS, lambda rows: any(_hears_music(row) for row in rows))
    await does(li.desk, caller, "return")
    await at_wang.ended()
    await shows(hotline, ("customer", "talking"), ("li", "talking"))


async def test_an_expert_in_the_call_is_a_leg_of_it_who_hears_or_is_held(hotline: Centre) -> None:
    outside = expert(hotline)
    async with hotline.on_duty("li"):
        caller, li, _ = await with_li(hotline)
        await does(li.desk, caller, "consult", number=outside.uri)
        await shows(hotline, ("customer", "held"), ("li", "consulting"), (outside.uri, "talking"))
        await does(li.desk, caller, "swap")
        waits = ("customer", "talking"), ("li", "consult_on_hold"), (outside.uri, "held")
        await shows(hotline, *waits)
        await does(li.desk, caller, "conference")
        rows = await shows(
            hotline, ("customer", "talking"), ("li", "conference"), (outside.uri, "talking")
        )
        assert rows[outside.uri]["role"] == "expert"
        caller.call.hang_up()
        await caller.over()


async def test_levels_and_how_it_sounds_are_told_over_rest(hotline: Centre) -> None:
    async with hotline.on_duty("li", on_ring=speak(LI_HZ)) as (li,):
        caller = hotline.caller()
        await caller.dial("2000")
        caller.call.say(tone(CUSTOMER_HZ, -20))
        await hears(await li.rung(), CUSTOMER_HZ)

        def as_it_sounds(rows: list[dict[str, Any]]) -> bool:
            by_party = {_party(row): row for row in rows}
            customer, agent = by_party["customer"], by_party["li"]
            levels = [customer["said"], agent["heard"], agent["said"]]
            return levels == pytest.approx([-23, -23, -15], abs=2) and all(
                row["loss"] is not None and row["loss"] < 0.05 and row["mos"] for row in rows
            )

        await hotline.chief.when(CHANNELS, as_it_sounds)
        caller.call.hang_up()
        await caller.over()
