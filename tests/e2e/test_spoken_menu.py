"""What callers say, and the keys that they press instead, by every way, lead to the same places."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from simulator.audio import played
from tests.media.keypad import dialled, samples
from tests.speech_recognition import said

from .centre import LI, Centre, centre, queue
from .people import Caller

NUMBERS: dict[str, Any] = {"1000": {"flow": "speaking.yaml"}}
TRUNK = {"name": "loopback", "addresses": ["127.0.0.1"], "inband_digits": True}


@pytest_asyncio.fixture
async def hotline(tmp_path: Path) -> AsyncIterator[Centre]:
    async with centre(
        tmp_path,
        LI,
        flows=("speaking.yaml",),
        numbers=NUMBERS,
        queues=[queue("bills"), queue("support"), queue("service")],
        sip={"trunks": [TRUNK]},
        recognition={"answer_within": 30.0},
    ) as it:
        yield it


async def asked(hotline: Centre) -> Caller:
    caller = hotline.caller()
    await caller.dial("1000")
    await caller.happens("contact.node_entered", node="wish")
    await caller.call.audio_began()
    return caller


def says(caller: Caller, name: str) -> None:
    """In a voice that is not the server's, over its prompt."""
    caller.call.say(played(said.samples(name)))


async def says_it_in_chinese(hotline: Centre) -> str:
    caller = await asked(hotline)
    says(caller, "zh-bill")
    return str((await caller.happens("contact.queued", within=60)).data["queue"])


async def says_it_in_english_and_types_a_number_over_the_prompt(hotline: Centre) -> Any:
    caller = await asked(hotline)
    await caller.call.press("9")
    await caller.call.hears(600)
    says(caller, "en-support")
    await caller.happens("contact.node_entered", node="account", within=60)
    await caller.call.hears(900)
    await caller.call.press("1234#")  # not of the form that is asked for
    await caller.call.hears_silence()
    await caller.call.hears(900)
    await caller.call.press("7123#")
    queued = await caller.queued()
    annotated = await caller.happens("contact.annotated")
    return queued.data["queue"], annotated.data["attributes"]


async def says_something_else_and_then_lets_a_key_sound(hotline: Centre) -> str:
    caller = await asked(hotline)
    says(caller, "zh-password")
    await caller.call.hears(800, within=60)  # "pardon?": nobody is led astray
    await caller.call.hears(500)
    tones = samples(dialled("1", 120, 200))
    caller.call.say(played(tones))
    return str((await caller.queued()).data["queue"])


async def presses_by_info(hotline: Centre) -> str:
    caller = await asked(hotline)
    caller.call.press_by_info("1")
    return str((await caller.queued()).data["queue"])


@pytest.mark.req("IV-03")
async def test_callers_speak_or_press_and_get_where_they_want(hotline: Centre) -> None:
    """Voice in two languages; keys by RFC 4733, by their sound and by SIP INFO; a number."""
    chinese, english, by_sound, by_info = await asyncio.gather(
        says_it_in_chinese(hotline),
        says_it_in_english_and_types_a_number_over_the_prompt(hotline),
        says_something_else_and_then_lets_a_key_sound(hotline),
        presses_by_info(hotline),
    )

    assert (chinese, by_sound, by_info) == ("bills", "bills", "bills")
    assert english == ("support", {"account_number": "7123"})
    hotline.everybody_hangs_up()

    log = str(hotline.server.log_lines)
    for words in ("查账单", "technical support", "密码"):
        assert words not in log
