"""Hold and resume, by the verb and by keys of the phones; who may do it."""

import asyncio
from typing import Any

import pytest

from tests.audio import seconds_of, stereo

from .centre import Centre
from .people import Caller, passed
from .talking import (
    CUSTOMER_HZ,
    KEPT,
    LI_HZ,
    does,
    hears,
    hears_music,
    hears_nothing,
    length,
    tries,
    with_li,
)

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.usefixtures("nothing_left")]


async def test_held_by_the_verb_the_customer_hears_music_and_the_agent_nothing(
    hotline: Centre,
) -> None:
    """The recording goes on, and the records tell for how long it was held."""
    async with hotline.on_duty("li"):
        caller, li, at_li = await with_li(hotline, KEPT)

        view = await does(li.desk, caller, "hold")
        assert {party["name"]: party["hears"] for party in view["parties"]} == {
            "customer": ["music"],
            "li": [],
        }
        await asyncio.gather(hears_music(caller.call), hears_nothing(at_li))
        held = await caller.happens("interaction.held", agent_id="li", held_by="agent")
        await is_in(hotline, caller, "held")
        await passed(caller.call, 0.5)  # far more than the edges of a recording can hide

        await does(li.desk, caller, "resume")
        await asyncio.gather(hears(caller.call, LI_HZ), hears(at_li, CUSTOMER_HZ))
        resumed = await caller.happens("interaction.resumed", agent_id="li")
        await is_in(hotline, caller, "connected")
        caller.call.hang_up()
        assert await caller.over() == ("handled", "caller-hung-up")

    history = await hotline.history(caller.contact_id)
    assert history["contact"]["phase"] == "ended"
    await its_log_is_whole_and_stays_as_it_is(hotline, caller)
    [interaction] = history["interactions"]
    assert interaction["held_seconds"] == pytest.approx(resumed.heard_at - held.heard_at, abs=0.2)
    [segment] = history["segments"]
    assert segment["agent_id"] == "li"
    recording = await stored(hotline, caller)
    assert recording["interaction_id"] == interaction["id"]
    customer, _ = stereo(await hotline.chief.get_bytes(recording["audio"]))
    assert recording["duration"] == pytest.approx(length(segment), abs=0.3)
    heard_for = seconds_of(customer, CUSTOMER_HZ)
    assert heard_for == pytest.approx(recording["duration"], abs=0.4), "it paused in the hold"


async def is_in(hotline: Centre, caller: Caller, phase: str) -> None:
    """The contact's record says so, derived from its log."""
    await hotline.chief.when(
        "/api/v1/contacts",
        lambda rows: (caller.contact_id, phase) in {(row["id"], row["phase"]) for row in rows},
    )


async def its_log_is_whole_and_stays_as_it_is(hotline: Centre, caller: Caller) -> None:
    where = f"/api/v1/contacts/{caller.contact_id}/events"
    told = await hotline.chief.when(
        where, lambda rows: "call.ended" in {one["name"] for one in rows}
    )
    names = [one["name"] for one in told]
    numbers = [one["sequence"] for one in told]
    story = ("contact.queued", "contact.offered", "offer.accepted", "interaction.started")
    ways = (*story, "interaction.held", "interaction.resumed", "contact.ended")
    assert names[0] == "call.arrived"
    assert [name for name in names if name in ways] == list(ways)
    assert numbers == sorted(set(numbers))
    later = await hotline.chief.get(f"{where}?since={numbers[3]}")
    assert later[: len(told) - 4] == told[4:]  # the recording may have come to it since


async def stored(hotline: Centre, caller: Caller) -> dict[str, Any]:
    """The one recording of the call, when it is in the archive."""
    history = await hotline.chief.when(
        f"/api/v1/contacts/{caller.contact_id}",
        lambda it: [one for one in it["recordings"] if one["duration"]],
    )
    [recording] = history["recordings"]
    found: dict[str, Any] = recording
    return found


@pytest.mark.parametrize("direction", ["sendonly", "inactive"])
async def test_an_agents_phone_that_holds_lets_the_customer_hear_music(
    hotline: Centre, direction: str
) -> None:
    async with hotline.on_duty("li"):
        caller, _, at_li = await with_li(hotline)

        await at_li.hold(direction)
        await hears_music(caller.call)
        await caller.happens("interaction.held", held_by="agent")
        await at_li.resume()
        await asyncio.gather(hears(caller.call, LI_HZ), hears(at_li, CUSTOMER_HZ))
        await caller.happens("interaction.resumed")


async def test_held_by_verb_and_phone_it_takes_both_to_resume(hotline: Centre) -> None:
    async with hotline.on_duty("li"):
        caller, li, at_li = await with_li(hotline)

        await does(li.desk, caller, "hold")
        await at_li.hold()
        await does(li.desk, caller, "resume")
        await hears_music(caller.call)
        await at_li.resume()
        await hears(caller.call, LI_HZ)


async def test_what_makes_no_sense_is_refused_with_the_state(hotline: Centre) -> None:
    async with hotline.on_duty("li"):
        caller, li, at_li = await with_li(hotline)

        await does(li.desk, caller, "hold")
        for verb, body in (("swap", {}), ("digits", {"digits": "1"}), ("answer", {})):
            status, problem = await tries(li.desk, caller, verb, **body)
            assert (status, problem["type"]) == (409, "NotNow")
            assert "on_hold" in problem["detail"]
        await hears_music(caller.call)
        await does(li.desk, caller, "resume")
        await hears(at_li, CUSTOMER_HZ)


async def test_another_agents_call_is_the_supervisors_and_nobody_elses(hotline: Centre) -> None:
    async with hotline.on_duty("li"):
        caller, _, _ = await with_li(hotline)
        wang = hotline.agents["wang"].desk

        status, problem = await tries(wang, caller, "hold")
        assert (status, problem["type"]) == (409, "NotInCall")
        status, problem = await tries(wang, caller, "hold", of="li")
        assert status == 403
        status, view = await tries(hotline.chief, caller, "hold", of="li")
        assert status == 200
        assert view["parties"][1]["state"] == "on_hold"
        await hears_music(caller.call)
        call = await hotline.chief.get(f"/api/v1/contacts/{caller.contact_id}/call")
        assert call == view
        caller.call.hang_up()
        await caller.over()
        status, problem = await tries(hotline.chief, caller, "resume", of="li")
        assert (status, problem["type"]) == (404, "NoSuchCall")
