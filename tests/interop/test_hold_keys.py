"""Foreign phones' own hold keys: pjsua2's and baresip's re-INVITEs are honoured, both ways."""

import asyncio
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.audio import Samples, loudest_frequency, seconds_of
from tests.interop.foreign_phones import baresip, pjsua
from tests.running_server import PASSWORD, serving

pytestmark = pytest.mark.interop

PART = 2.0  # seconds of each: talking, held, talking again
CUSTOMER, AGENT = 440, 1000  # Hz
QUEUES: list[dict[str, Any]] = [
    {"name": "desk", "skills": {"sales": 1}, "announce_agent": False, "record": False}
]


@pytest.mark.parametrize("holds", ["pjsua", "baresip"])
async def test_whom_a_phone_holds_hears_music_until_it_resumes(tmp_path: Path, holds: str) -> None:
    numbers = {"2000": {"queue": "desk", "language": "en"}}
    async with serving(tmp_path, queues=QUEUES, numbers=numbers) as server:
        await server.add_agent("li", "8026", "--skill", "sales:5")
        desk = await server.log_in("li")
        account = (
            f"<sip:li@127.0.0.1:{server.sip_port}>;auth_user=li;auth_pass={PASSWORD}"
            ";regint=60;answermode=auto"
        )
        async with (
            baresip(tmp_path, "li", tone=AGENT, account=account) as agent,
            desk.stream() as feed,
        ):
            await server.when_metric("sip_bindings", 1.0)
            await desk.set_state("ready")
            async with pjsua(tmp_path, "13800138000", tone=CUSTOMER) as caller:
                await caller.do("call", uri=server.uri("2000"))
                await feed.until("interaction.started")
                await asyncio.sleep(PART)
                await (caller.do("hold") if holds == "pjsua" else agent.command("hold"))
                held = await feed.until("interaction.held")
                await asyncio.sleep(PART)
                await (caller.do("resume") if holds == "pjsua" else agent.command("resume"))
                await feed.until("interaction.resumed")
                await asyncio.sleep(PART)
                await caller.do("hang_up")
                await agent.happened.next(type="CALL_CLOSED")
        await desk.close()

    assert held["data"]["held_by"] == ("caller" if holds == "pjsua" else "agent")
    waited, tone = (agent, CUSTOMER) if holds == "pjsua" else (caller, AGENT)
    assert 2 * PART - 1 < seconds_of(waited.heard(), tone) < 2 * PART + 1
    assert music_in(waited.heard(), tone) > PART - 1


def music_in(heard: Samples, tone: float) -> float:
    """Seconds of sound between the first and the last of the tone that are not the tone."""
    pieces = [heard[at : at + 1600] for at in range(0, len(heard) - 1600, 1600)]
    loudest = [loudest_frequency(piece) for piece in pieces]
    are_tone = np.array([abs(hz - tone) < 15 for hz in loudest])
    sounds = np.array([hz > 0 for hz in loudest])
    first, last = np.flatnonzero(are_tone)[[0, -1]]
    return 0.2 * int(np.sum(sounds[first:last] & ~are_tone[first:last]))
