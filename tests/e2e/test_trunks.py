"""Telephone numbers outside: transfer nodes and agents' own telephones, over trunks."""

from pathlib import Path
from typing import Any

from simulator.audio import tone
from simulator.phone import answer, decline

from .carrier import LOOPBACK, carrier, trunk
from .centre import LI, NUMBERS, centre
from .people import Hire

LEADS_OUT = """
name: {name}
languages: [en]
start: outside
prompts: {{}}
nodes:
  outside: {{type: transfer, target: "{target}"}}
"""


def flow(folder: Path, name: str, target: str) -> dict[str, Any]:
    """A number's whole menu: to somebody outside."""
    file = folder / f"{name}.yaml"
    file.write_text(LEADS_OUT.format(name=name, target=target), encoding="utf-8")
    return {"flow": str(file)}


async def test_a_caller_is_led_to_a_number_over_the_first_trunk_that_takes_it(
    tmp_path: Path,
) -> None:
    async with carrier() as broken, carrier() as sound:
        broken.add("075526588888").on_ring = decline(503)
        expert = sound.add("075526588888")
        expert.on_ring = answer(0.05)
        async with centre(
            tmp_path,
            numbers={**NUMBERS, "3000": flow(tmp_path, "expert", "tel:0755-2658-8888")},
            sip={
                "trunks": [
                    LOOPBACK,
                    trunk("broken", broken),
                    trunk("sound", sound, caller_id="+8675595588"),
                ]
            },
            routes=[{"prefix": "+86", "trunks": ["broken", "sound"], "dial_as": "0"}],
        ) as it:
            caller = it.caller()
            call = await caller.dial("3000")
            theirs = await expert.incoming()
            await theirs.answered()
            call.say(tone(700))
            theirs.say(tone(900))
            await call.hears(900)
            await theirs.hears(700)
            figures = await it.figures()
            theirs.hang_up()
            end = await call.ended()
            await caller.happens("call.ended", result="ok", reason="transfer-ended")
            await it.settled()
            after = await it.figures()

    assert end.by == "them"
    assert theirs.number == "+8675595588"
    assert figures["hotline_outbound_calls"] == 1
    assert figures["hotline_outbound_passed_on_total"] == 1
    assert after["hotline_outbound_calls"] == 0


async def test_why_a_number_could_not_be_called_is_told(tmp_path: Path) -> None:
    async with carrier() as it_is:
        it_is.add("075526588888").on_ring = decline(486)
        numbers = {
            "3000": flow(tmp_path, "busy", "075526588888"),
            "3001": flow(tmp_path, "abroad", "+442079460958"),
            "3002": flow(tmp_path, "barred", "+19005550123"),
            "3003": flow(tmp_path, "emergency", "110"),
            "3004": flow(tmp_path, "wrong_password", "+8613800138000"),
        }
        wrong = trunk("wrong", it_is, password="not this one")
        async with centre(
            tmp_path,
            numbers={**NUMBERS, **numbers},
            sip={"trunks": [LOOPBACK, trunk("carrier", it_is), wrong]},
            routes=[
                {"prefix": "+86", "trunks": ["carrier"], "dial_as": "0"},
                {"prefix": "+861", "trunks": ["wrong"]},
                {"prefix": "+1900"},
            ],
        ) as it:
            reasons = {}
            for number in numbers:
                caller = it.caller()
                call = await caller.dial(number)
                await call.ended()
                ended = await caller.happens("call.ended")
                leg = it.book.find("leg.started", call_id=caller.call_id, role="external")
                assert leg is not None
                left = await caller.happens("leg.ended", leg_id=leg.data["leg_id"])
                reasons[number] = left.data["reason"]
                assert ended.data["result"] != "ok"
            figures = await it.figures()

    assert reasons == {
        "3000": "declined",
        "3001": "no-trunk-for-number",
        "3002": "barred-number",
        "3003": "emergency-number",
        "3004": "unreachable",
    }
    assert figures["hotline_outbound_refused_total"] == 3


async def test_an_agent_may_have_a_telephone_somewhere_as_phone(tmp_path: Path) -> None:
    at_home = Hire("li", LI.number, phone="tel:+86-138-0013-8000")
    async with carrier() as mobile:
        handset = mobile.add("+8613800138000")
        handset.on_ring = answer(0.05)
        async with centre(
            tmp_path,
            at_home,
            sip={"trunks": [LOOPBACK, trunk("mobile", mobile, shows_caller=True)]},
            routes=[{"prefix": "+86", "trunks": ["mobile"]}],
        ) as it:
            await it.agents["li"].desk.set_state("ready")
            caller = it.caller()
            call = await caller.dial("2001")
            theirs = await handset.incoming()
            await theirs.answered()
            theirs.say(tone(900))
            await call.hears(900)
            call.hang_up()
            await theirs.ended()
            await it.settled()

    assert theirs.number == caller.number
