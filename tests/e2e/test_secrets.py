"""A secret that a caller types is nowhere in what the server writes or tells."""

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pytest_asyncio

from cti_server.media.g711 import encode
from cti_server.media.inband_digits import InbandDetector
from tests.audio import Samples, stereo
from tests.fakes.outside_systems import TOKEN, OutsideSystems, outside_systems

from .centre import FLOW_FILES, NUMBERS, Centre, centre
from .people import Caller, passed

pytestmark = pytest.mark.asyncio(loop_scope="module")

SECRET, ACCOUNT = "90374615", "8274"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def systems() -> AsyncIterator[OutsideSystems]:
    async with outside_systems() as systems:
        yield systems


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hotline(
    tmp_path_factory: pytest.TempPathFactory, systems: OutsideSystems
) -> AsyncIterator[Centre]:
    bank = {
        "url": f"{systems.url}/bank",
        "headers": {"Authorization": TOKEN},
        "definition": "shipped:bank.yaml",
    }
    changes: dict[str, Any] = {
        "flows": (*FLOW_FILES, "bank.yaml"),
        "numbers": {**NUMBERS, "3000": {"flow": "bank.yaml"}},
        "connectors": {"bank": {"timeout": 10, "settings": bank}},
        "log": {"level": "debug"},
    }
    async with centre(tmp_path_factory.mktemp("secrets"), **changes) as it:
        yield it


def written(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file that the server has, the write-ahead logs of its database with them."""
    for file in folder.rglob("*"):
        if file.is_file():
            yield str(file.relative_to(folder)), file.read_bytes()


def keys_in(sound: Samples) -> str:
    """The keys that can be heard in a recording's channel."""
    detector, keys = InbandDetector(), ""
    silence = np.zeros(1600, np.int16)
    payload = encode(np.concatenate((sound.astype(np.int16), silence)), "PCMU")
    for at in range(0, len(payload), 160):
        heard = detector.receive(payload[at : at + 160], at, at / 8000)
        keys += "".join(pressed.digit for pressed in heard.pressed)
    return keys


async def dial_and_type(
    hotline: Centre, *steps: tuple[int, str], number: str = "1000", queued: bool = True
) -> Caller:
    """Keys at the prompts' tones, each by RFC 4733 and by SIP INFO at the same time."""
    caller = hotline.caller()
    await caller.dial(number)
    for hz, keys in steps:
        await caller.call.hears(hz)
        for key in keys:
            caller.call.press_by_info(key)
            await caller.call.press(key, duration_ms=60, gap_ms=60)
    if queued:
        await caller.queued()
    return caller


ACCOUNT_AND_PIN = ((900, ACCOUNT), (1000, SECRET))


async def test_who_hangs_up_while_the_bank_is_asked_leaves_nothing_behind(
    hotline: Centre, systems: OutsideSystems
) -> None:
    systems.next_answers = ["hang"]
    caller = await dial_and_type(hotline, *ACCOUNT_AND_PIN, number="3000", queued=False)
    await caller.call.hears(800)
    caller.call.hang_up()

    assert await caller.over() == ("self_served", "caller-hung-up")
    await hotline.settled()


async def test_a_bank_that_refuses_and_then_talks_nonsense_leads_the_caller_to_a_person(
    hotline: Centre, systems: OutsideSystems
) -> None:
    systems.next_answers = [403, "text"]
    again = ((700, ""), (1000, SECRET), (600, ""))
    caller = await dial_and_type(hotline, *ACCOUNT_AND_PIN, *again, number="3000")
    caller.call.hang_up()

    assert await caller.over() == ("abandoned", "caller-hung-up")
    contact = (await hotline.history(caller.contact_id))["contact"]
    assert contact["menu_path"] == [
        *("account", "pin", "balance", "wrong", "pin", "balance", "failed", "service")
    ]
    assert contact["attributes"] == {"account": ACCOUNT, "balance": ""}


async def test_a_secret_is_in_no_file_no_log_line_no_event_and_no_recording(
    hotline: Centre, systems: OutsideSystems
) -> None:
    """
    It goes to the bank that asks for it, and is in no line of debug's either.

    An account number, typed openly, is found where it belongs: the search does find things.

    It is found as it was typed, although each key was told by two ways.
    """
    async with hotline.on_duty("li") as (li,):
        caller = await dial_and_type(hotline, *ACCOUNT_AND_PIN, number="3000")
        at_li = await li.rung()
        await caller.happens("interaction.started")
        await passed(at_li, 0.5)
        caller.call.hang_up()
        await caller.over()
        stored = await caller.happens("recording.stored")
        history = await hotline.history(caller.contact_id)
    open_caller = await dial_and_type(hotline, (600, "1"), (900, ACCOUNT))
    open_caller.call.hang_up()
    await open_caller.over()
    sound, _ = stereo((hotline.server.data / "archive" / stored.data["file"]).read_bytes())
    assert await hotline.server.stop() == 0
    files = dict(written(hotline.server.folder))
    told = json.dumps([seen.data for seen in hotline.book.seen])
    logged = json.dumps(hotline.server.log_lines)

    assert systems.told["/bank/enquiries/balance"][-1] == {"account": ACCOUNT, "pin": SECRET}
    assert [name for name, content in files.items() if SECRET.encode() in content] == []
    assert keys_in(sound) == ""
    assert SECRET not in told
    assert SECRET not in logged
    assert SECRET not in json.dumps(history)
    assert {name.split("/")[0] for name, content in files.items() if ACCOUNT.encode() in content}
    assert f'"account": "{ACCOUNT}"' in told
    assert ACCOUNT not in logged
