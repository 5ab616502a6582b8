"""Who serves whom is said before the two are connected (AC-07), as each queue wants it."""

from pathlib import Path

import pytest

from cti_server.media.g711 import Linear
from cti_server.speech import phrases
from cti_server.speech.saying import Clip, clips
from ivr.texts import SayAs
from simulator.audio import tone
from simulator.phone import answer, phones
from tests.running_server import PASSWORD, RunningServer, serving

from .sounds import beeps_in, said_in

AGENT_HZ = 1000.0
WHISPER = "Gold customers."
FLOW = """
name: bill
languages: [en]
start: amount
prompts:
  which: {en: Please type an amount.}
  owed: {en: "You owe {amount:money} by {due:date}, thank you."}
nodes:
  amount:
    {type: collect, prompt: which, attribute: amount, min_digits: 3, max_digits: 3, then: known,
     otherwise: person}
  known: {type: set, values: {due: "'2026-12-01'"}, then: owed, failed: person}
  owed: {type: play, prompt: owed, then: bye}
  person: {type: queue, queue: told}
  bye: {type: hang_up}
"""


def number_said_in(heard: Linear, number: str) -> bool:
    """In one breath if that was rehearsed, else digit by digit."""
    spelled = phrases.agent(number, "en")
    return said_in(heard, phrases.agent_sentence(number, "en")) or all(
        said_in(heard, clip) for clip in spelled
    )


def beep_before(heard: Linear, text: str) -> bool:
    """Whether the tone of who is put through by himself was heard, and then these words."""
    beeps = beeps_in(heard)
    return bool(len(beeps)) and said_in(heard[beeps[0] :], text)


async def one_call(server: RunningServer, number: str) -> tuple[Linear, Linear]:
    """What caller and agent heard from the answer until they heard one another."""
    registrar = f"sip:127.0.0.1:{server.sip_port}"
    async with phones("li", registrar=registrar, passwords=PASSWORD) as (agent,):
        agent.on_ring = answer(after=0.1)
        async with phones("13800138000") as (caller,):
            call = await caller.call(server.uri(number))
            theirs = await agent.incoming(within=15)
            theirs.say(tone(AGENT_HZ))
            await call.hears(AGENT_HZ, within=30)
            heard = call.heard.everything(), theirs.heard.everything()
            call.hang_up()
            await theirs.ended()
    return heard


async def one_bill(server: RunningServer, number: str, amount: str) -> Linear:
    """All that a caller heard who typed an amount."""
    async with phones("13800138000") as (caller,):
        call = await caller.call(server.uri(number))
        await call.answered()
        await call.press(amount)
        await call.ended(within=30)
        return call.heard.everything()


@pytest.mark.req("AC-07")
async def test_the_caller_hears_the_agents_number_and_the_agent_the_queue(tmp_path: Path) -> None:
    common = {"skills": {"sales": 1}, "wrap_up": 0, "record": False}
    queues = [
        {"name": "told", **common, "announce_agent": True, "whisper": {"en": WHISPER}},
        {"name": "headset", **common, "auto_answer": True, "whisper": {"en": WHISPER}},
        {"name": "silent", **common, "announce_agent": False},
    ]
    numbers = {
        "1001": {"queue": "told", "language": "en"},
        "1002": {"queue": "silent", "language": "en"},
        "1003": {"queue": "headset", "language": "en"},
        "1004": {"flow": str(tmp_path / "bill.yaml")},
    }
    (tmp_path / "bill.yaml").write_text(FLOW, encoding="utf-8")
    async with serving(tmp_path, queues=queues, numbers=numbers) as server:
        await server.add_agent("li", "8026", "--skill", "sales:5")
        await server.logged("server.reloaded")
        desk = await server.log_in("li")
        await desk.set_state("ready")
        told_caller, told_agent = await one_call(server, "1001")
        _, headset_agent = await one_call(server, "1003")
        silent_caller, silent_agent = await one_call(server, "1002")
        owing = await one_bill(server, "1004", "342")
        await desk.close()

    assert number_said_in(told_caller, "8026")
    assert not number_said_in(told_caller, "8027")
    assert said_in(told_agent, WHISPER)
    assert not said_in(told_caller, WHISPER)
    assert beep_before(headset_agent, WHISPER)
    assert not beep_before(told_agent, WHISPER)
    assert not number_said_in(silent_caller, "8026")
    assert not said_in(silent_agent, WHISPER)
    told: list[str | Clip] = ["You owe,"]
    told += [*clips("342", SayAs.MONEY, "en"), *clips("2026-12-01", SayAs.DATE, "en")]
    assert [part for part in told if not said_in(owing, part)] == []
    assert not said_in(owing, clips("43", SayAs.NUMBER, "en")[0])
