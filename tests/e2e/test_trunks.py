"""Telephone numbers outside, over trunks: transfers, advice, and agents' own telephones."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from simulator.audio import tone
from simulator.phone import Phones, Softphone, answer, decline

from .carrier import LOOPBACK, carrier, trunk
from .centre import Centre, centre
from .people import Hire
from .talking import (
    CUSTOMER_HZ,
    EXPERT_HZ,
    LI,
    LI_HZ,
    does,
    hears,
    hears_music,
    queue,
    speak,
    tries,
    with_li,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

AT_HOME = Hire("home", "8030", skills=("home:5",), phone="tel:+86-138-0013-8000")
QUEUES = [{**queue("desk", "desk"), "caller_id": "95500"}, queue("home", "home")]
LEADS_OUT = """
name: {name}
languages: [en]
start: outside
prompts: {{}}
nodes:
  outside: {{type: transfer, target: "{target}"}}
"""
TARGETS = {
    "3000": "tel:0755-2658-8888",
    "3001": "+442079460958",
    "3002": "+19005550123",
    "3003": "110",
    "3004": "+8618600000000",
}
"""Whither a number's menu leads its callers."""


def flows(folder: Path) -> dict[str, Any]:
    numbers: dict[str, Any] = {
        "2000": {"queue": "desk", "language": "en"},
        "2001": {"queue": "home", "language": "en"},
    }
    for number, target in TARGETS.items():
        file = folder / f"{number}.yaml"
        file.write_text(LEADS_OUT.format(name=f"to_{number}", target=target), encoding="utf-8")
        numbers[number] = {"flow": str(file)}
    return numbers


@dataclass
class World:
    """A centre and its carriers' subscribers."""

    it: Centre
    sound: Phones
    expert: Softphone
    mobile: Softphone


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    folder = tmp_path_factory.mktemp("trunks")
    async with carrier() as broken, carrier() as sound:
        broken.add("075526588888").on_ring = decline(503)
        expert, mobile = sound.add("075526588888"), sound.add("+8613800138000")
        async with centre(
            folder,
            LI,
            AT_HOME,
            queues=QUEUES,
            numbers=flows(folder),
            sip={
                "trunks_asked_every": 1,
                "trunks": [
                    LOOPBACK,
                    trunk("broken", broken),
                    trunk("sound", sound, caller_id="+8675595588"),
                    trunk("mobile", sound, shows_caller=True),
                    trunk("wrong", sound, password="not this one"),
                ],
            },
            routes=[
                {"prefix": "+86", "trunks": ["broken", "sound"], "dial_as": "0"},
                {"prefix": "+8613", "trunks": ["mobile"]},
                {"prefix": "+8618", "trunks": ["wrong"]},
                {"prefix": "+1900"},
            ],
        ) as it:
            yield World(it, sound, expert, mobile)


async def test_a_caller_is_led_to_a_number_over_the_first_trunk_that_takes_it(
    world: World,
) -> None:
    it = world.it
    world.expert.on_ring = answer(0.05)
    before = await it.figures()
    caller = it.caller()
    call = await caller.dial("3000")
    theirs = await world.expert.incoming()
    await theirs.answered()
    call.say(tone(700))
    theirs.say(tone(900))
    await call.hears(900)
    await theirs.hears(700)
    during = await it.figures()
    theirs.hang_up()
    assert (await call.ended()).by == "them"
    await caller.happens("call.ended", result="ok", reason="transfer-ended")
    await it.settled()
    after = await it.figures()

    passed_on = "hotline_outbound_passed_on_total"
    assert theirs.number == "+8675595588"
    assert during["hotline_outbound_calls"] == 1
    assert during[passed_on] == before[passed_on] + 1
    assert after["hotline_outbound_calls"] == 0


async def test_an_agent_asks_somebody_at_a_number_and_leaves_the_customer_to_them(
    world: World,
) -> None:
    it = world.it
    world.expert.on_ring = speak(EXPERT_HZ)
    await it.agents["li"].desk.set_state("ready")
    caller, li, at_li = await with_li(it)
    await does(li.desk, caller, "consult", number="0755-26588888")
    at_expert = await world.expert.incoming()
    await hears(at_li, EXPERT_HZ)
    await hears(at_expert, LI_HZ)
    await hears_music(caller.call)
    await does(li.desk, caller, "complete")
    await hears(caller.call, EXPERT_HZ)
    await hears(at_expert, CUSTOMER_HZ)
    caller.call.hang_up()
    await caller.over()
    await it.settled()

    assert at_expert.number == "95500"  # the queue's own


async def test_a_transfer_to_a_number_that_cannot_be_called_is_refused_or_comes_back(
    world: World,
) -> None:
    it = world.it
    world.expert.on_ring = decline(486)
    await it.agents["li"].desk.set_state("ready")
    caller, li, at_li = await with_li(it)
    barred = await tries(li.desk, caller, "transfer", number="+19005550123")
    emergency = await tries(li.desk, caller, "transfer", number="119")
    await hears(at_li, CUSTOMER_HZ)
    await does(li.desk, caller, "transfer", number="075526588888")
    failed = await caller.happens("transfer.failed")
    await hears(caller.call, LI_HZ)
    caller.call.hang_up()
    await caller.over()
    await it.settled()

    assert (barred[0], barred[1]["type"]) == (422, "NumberBarred")
    assert (emergency[0], emergency[1]["type"]) == (422, "EmergencyNumber")
    assert (failed.data["cause"], failed.data["returned_to"]) == ("declined", "agent")


async def test_why_a_number_could_not_be_called_is_in_the_record(world: World) -> None:
    it = world.it
    world.expert.on_ring = decline(486)
    before = await it.figures()
    reasons = {}
    for number in TARGETS:
        caller = it.caller()
        call = await caller.dial(number)
        await call.ended()
        ended = await caller.happens("call.ended")
        assert ended.data["result"] != "ok"
        leg = it.book.find("leg.started", call_id=caller.call_id, role="external")
        assert leg is not None
        left = await caller.happens("leg.ended", leg_id=leg.data["leg_id"])
        reasons[number] = left.data["reason"]
    after = await it.figures()

    refused = "hotline_outbound_refused_total"
    assert reasons == {
        "3000": "declined",
        "3001": "no-trunk-for-number",
        "3002": "barred-number",
        "3003": "emergency-number",
        "3004": "unreachable",
    }
    assert after[refused] == before[refused] + 3


async def test_an_agent_may_have_a_telephone_somewhere_as_phone(world: World) -> None:
    it = world.it
    world.mobile.on_ring = answer(0.05)
    await it.agents["home"].desk.set_state("ready")
    caller = it.caller()
    call = await caller.dial("2001")
    theirs = await world.mobile.incoming()
    await theirs.answered()
    theirs.say(tone(900))
    await call.hears(900)
    call.hang_up()
    await theirs.ended()
    await it.settled()

    assert theirs.number == caller.number


async def test_trunks_tell_whether_they_live(world: World) -> None:
    """The carrier that is about to end refuses OPTIONS with 503; then it is back."""
    it, line = world.it, world.sound.line
    line.draining = True
    try:
        down = await it.book.when("trunk.state_changed", trunk="sound", state="down")
        trunks = {each["trunk"]: each for each in await it.chief.get("/api/v1/trunks")}
        shown = (await it.chief.get_bytes("/metrics")).decode()
        server = await it.chief.get("/api/v1/system-health")
    finally:
        line.draining = False
    await it.book.when("trunk.state_changed", after=down.sequence, trunk="sound", state="up")

    health = trunks["sound"]["health"]
    assert (health["state"], health["status"], down.data["status"]) == ("down", 503, 503)
    assert health["round_trip"] > 0
    assert trunks["sound"]["outbound"]["caller_id"] == "+8675595588"
    assert "password" not in trunks["sound"]["outbound"]
    assert trunks["broken"]["health"]["state"] == "up"  # it refuses calls, and is there
    assert 'hotline_trunk_down{trunk="sound"} 1.0' in shown
    assert 'hotline_trunk_up{trunk="broken"} 1.0' in shown
    parts = {each["part"]: each for each in server["parts"]}
    assert (parts["trunks"]["state"], parts["trunks"]["reason"]) == ("warn", "trunk_down")
    assert "sound" in parts["trunks"]["detail"]
    healthy = ("readiness", "event_log", "database", "media", "webhooks", "certificate")
    assert [parts[name]["state"] for name in healthy] == ["ok"] * len(healthy)
    assert parts["media"]["figures"]["workers"] == parts["media"]["figures"]["wanted"] > 0
    [route] = [each for each in await it.chief.get("/api/v1/routes") if each["barred"]]
    assert route == {"prefix": "+1900", "trunks": [], "dial_as": None, "barred": True}
