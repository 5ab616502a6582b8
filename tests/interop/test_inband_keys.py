"""A phone that nobody here wrote and that sends no telephone-events: its keys are heard."""

from pathlib import Path

import pytest

from tests.audio import write_tone
from tests.e2e.book import Book
from tests.interop.foreign_phones import pjsua
from tests.running_server import RunningServer, configuration

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


@pytest.mark.parametrize(("codec", "offers_events"), [("PCMU", False), ("PCMA", True)])
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
        await supervisor.close()
    finally:
        assert await server.stop() == 0

    assert annotated.data["attributes"] == {"number": KEYS}
