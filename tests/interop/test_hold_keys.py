"""Foreign phones' own hold keys: pjsua2's and baresip's re-INVITEs are honoured, both ways."""

import asyncio
import struct
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pytest

from tests.audio import RATE, Samples, loudest_frequency
from tests.interop.foreign_phones import baresip, pjsua
from tests.running_server import PASSWORD, serving

pytestmark = pytest.mark.interop

PIECE = RATE // 5  # samples
PART = 1.0  # second of each that is heard at least: talking, held, talking again
WITHIN = 20.0  # seconds
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
                held_one: Recording = agent if holds == "pjsua" else caller
                other = CUSTOMER if holds == "pjsua" else AGENT
                await caller.do("call", uri=server.uri("2000"))
                await feed.until("interaction.started")
                talked = await hears(held_one, 0, other)
                await (caller.do("hold") if holds == "pjsua" else agent.command("hold"))
                held = await feed.until("interaction.held")
                waited = await hears(held_one, talked, None, but=other)
                await (caller.do("resume") if holds == "pjsua" else agent.command("resume"))
                await feed.until("interaction.resumed")
                await hears(held_one, waited, other)
                await caller.do("hang_up")
                await agent.happened.next(type="CALL_CLOSED")
        await desk.close()

    assert held["data"]["held_by"] == ("caller" if holds == "pjsua" else "agent")


class Recording(Protocol):
    def heard(self) -> Samples:
        """So far."""


def so_far(phone: Recording) -> Samples:
    """Nothing before its file has begun."""
    try:
        return phone.heard()
    except (ValueError, struct.error):
        return np.zeros(0)


async def hears(phone: Recording, since: int, tone: float | None, *, but: float = 0) -> int:
    """
    Wait for a second of the tone, or of any sound ``but`` the other's, in pieces in a row.

    A phone on a busy machine stands still for a while: it counts what it has heard, no clock does.
    ``since`` and what is returned are places in what it has heard.
    """
    async with asyncio.timeout(WITHIN):
        while True:
            heard = so_far(phone)
            in_a_row = 0
            for at in range(since, len(heard) - PIECE + 1, PIECE):
                hz = loudest_frequency(heard[at : at + PIECE])
                is_it = abs(hz - tone) < 15 if tone else hz > 0 and abs(hz - but) > 15
                in_a_row = in_a_row + 1 if is_it else 0
                if in_a_row * PIECE >= PART * RATE:
                    return at + PIECE
            await asyncio.sleep(0.1)
