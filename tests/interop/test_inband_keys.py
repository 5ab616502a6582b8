"""A phone that nobody here wrote and that sends no telephone-events: its keys are heard."""

import asyncio
from pathlib import Path

import pytest

from tests.audio import RATE, Samples, loudest_frequency, seconds_of, stereo, write_tone
from tests.e2e.book import Book
from tests.interop.foreign_phones import pjsua
from tests.leaks import leaks
from tests.running_server import RunningServer, configuration, serving
from tests.sizes import this_weeks

pytestmark = pytest.mark.interop

KEYS = "1234567890987654"
FLOW = """
name: card
languages: [en]
start: ask
prompts:
  number: {en: {wav: tone.wav}}
nodes:
  ask:
    type: collect
    prompt: number
    attribute: number
    min_digits: 16
    max_digits: 16
    timeout: 10
    then: person
    otherwise: bye
  person: {type: queue, queue: recorded}
  bye: {type: hang_up, reason: completed}
"""


LOWEST_KEY = 697  # Hz, of the two tones of a key (ITU-T Q.23)
PIN, CARD = "753190", "97508642"
PIN_FLOW = """
name: pin
languages: [en]
start: ask
prompts:
  number: {en: {wav: tone.wav}}
nodes:
  ask:
    type: collect
    prompt: number
    attribute: pin
    secret: true
    min_digits: 6
    max_digits: 6
    timeout: 10
    then: person
    otherwise: bye
  person: {type: queue, queue: recorded}
  bye: {type: hang_up, reason: completed}
"""


def frequencies(heard: Samples) -> set[int]:
    """The loudest ones of all pieces of 200 ms, to 20 Hz; what is as good as silent has none."""
    piece = RATE // 5
    pieces = [heard[at : at + piece] for at in range(0, len(heard) - piece + 1, piece)]
    return {round(hertz / 20) * 20 for each in pieces if (hertz := loudest_frequency(each))}


async def test_what_pjsua2_types_by_its_sound_is_in_no_recording_and_in_no_log(
    tmp_path: Path,
) -> None:
    """A PIN before the talk, which no recording has begun for yet; a card's number within it."""
    write_tone(tmp_path / "tone.wav", 600, 1.0)
    (tmp_path / "pin.yaml").write_text(PIN_FLOW, encoding="utf-8")
    queues = [{"name": "recorded", "skills": {"sales": 1}, "announce_agent": False}]
    numbers = {"1000": {"flow": str(tmp_path / "pin.yaml")}}
    async with serving(tmp_path, queues=queues, numbers=numbers) as server:
        await server.add_agent("li", "8026", "--skill", "sales:5")
        await server.add_agent("zhao", "8001", "--role", "supervisor")
        desk, supervisor = await server.log_in("li"), await server.log_in("zhao")
        book = Book(server.api, supervisor.token)
        await book.open()
        agents = {"registrar": f"sip:127.0.0.1:{server.sip_port}", "username": "li"}
        async with pjsua(tmp_path, "li", tone=1000, auto_answer=True, **agents) as agent:
            await desk.set_state("ready")
            async with pjsua(tmp_path, "1380", tone=440, tones_only=True) as caller:
                await caller.do("call", uri=server.uri("1000"))
                asked = await book.when("contact.node_entered", node="ask")
                await caller.happened.next(event="audio")
                await caller.do("press", keys=PIN)  # ahead of the prompt's end
                recording = await book.when("recording.started")
                entered = await book.when("contact.node_entered", node="person")
                await agent.happened.next(event="audio")
                for what, seconds in (("speak", 1.5), ("fall_silent", 0.3)):
                    await caller.do(what)
                    await asyncio.sleep(seconds)
                await caller.do("press", keys=CARD)
                await asyncio.sleep(0.16 * len(CARD) + 0.5)
                await caller.do("speak")
                await asyncio.sleep(1.5)
                await caller.do("hang_up")
                await agent.happened.next(event="ended")
        rows = await supervisor.when("/api/v1/recordings", lambda rows: len(rows) == 1)
        left, _ = stereo(await supervisor.get_bytes(rows[0]["audio"]))
        await book.close()
        await desk.close()
        await supervisor.close()
        written = [*server.log_lines, *(one.data for one in book.seen)]

    assert asked.sequence < entered.sequence < recording.sequence
    assert len(frequencies(agent.heard())) > 2  # the agent has heard the keys
    assert max(frequencies(left)) < LOWEST_KEY - 50  # what is cut within a period is no clean tone
    assert seconds_of(left, 440) == pytest.approx(3.0, abs=0.8)
    assert [*leaks(PIN, written), *leaks(CARD, written)] == []


@pytest.mark.parametrize(
    ("codec", "offers_events"), [("PCMU", False), ("PCMA", True)][this_weeks(2)]
)
async def test_pjsua2_keys_in_sixteen_figures_by_their_sound(
    tmp_path: Path, codec: str, offers_events: bool
) -> None:
    """Without telephone-event; and with it, from a trunk that is known not to send any."""
    write_tone(tmp_path / "tone.wav", 600, 2.0)
    (tmp_path / "card.yaml").write_text(FLOW, encoding="utf-8")
    numbers = {"1000": {"flow": str(tmp_path / "card.yaml")}}
    config, sip_port, api_port = configuration(tmp_path, numbers=numbers)
    config["sip"]["trunks"][0]["inband_digits"] = offers_events
    server = RunningServer(tmp_path, config, sip_port, f"http://127.0.0.1:{api_port}")
    phone = {"codec": codec, "tones_only": True, "offers_events": offers_events}
    await server.start()
    try:
        await server.add_agent("zhao", "8001", "--role", "supervisor")
        supervisor = await server.log_in("zhao")
        book = Book(server.api, supervisor.token)
        await book.open()
        async with pjsua(tmp_path, "1380", tone=440, **phone) as caller:
            await caller.do("call", uri=server.uri("1000"))
            await caller.happened.next(event="audio")
            await book.when("contact.node_entered", node="ask")
            await caller.do("press", keys=KEYS)  # over the prompt, which is two seconds long
            annotated = await book.when("contact.annotated")
            await caller.do("hang_up")
            await caller.happened.next(event="ended")
        await book.close()
    finally:
        await server.close_desktops()
        assert await server.stop() == 0

    assert annotated.data["attributes"] == {"number": KEYS}
