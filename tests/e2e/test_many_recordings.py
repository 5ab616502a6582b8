"""A crowd that is recorded all at once, while the disk under the recordings stands still."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cti_server.media.g711 import Linear
from simulator.audio import tone
from simulator.phone_call import PhoneCall
from tests.audio import seconds_of, stereo
from tests.fakes.frozen_disks import frozen_disk

from .centre import Centre, centre, queue
from .people import Caller, Hire, passed
from .talking import speak

pytestmark = pytest.mark.asyncio

CROWD = 10
STANDS_STILL = 4.0  # seconds
BREAK = 0.6  # seconds of sound that a busy machine may cost; a loop that waits loses them all
CALLER_HZ = [400 + 40 * n for n in range(CROWD)]
AGENT_HZ = [1000 + 40 * n for n in range(CROWD)]
SEATS = [Hire(f"agent{n:02}", f"81{n:02}", skills=("desk:5",)) for n in range(CROWD)]


@dataclass(frozen=True, slots=True)
class Talk:
    """A caller and an agent, each with a tone that nobody else has."""

    caller: Caller
    caller_hz: int
    phone: PhoneCall
    agent_hz: int


async def talk(it: Centre, n: int) -> Talk:
    """The n-th caller, with whoever serves them."""
    caller = it.caller()
    await caller.dial("2000")
    caller.call.say(tone(CALLER_HZ[n]))
    started = await caller.happens("interaction.started", within=30)
    seat = [hire.id for hire in SEATS].index(started.data["agent_id"])
    phone = await it.agents[SEATS[seat].id].rung()
    await caller.call.hears(AGENT_HZ[seat])
    await phone.hears(CALLER_HZ[n])
    return Talk(caller, CALLER_HZ[n], phone, AGENT_HZ[seat])


def last_heard(talks: Sequence[Talk], seconds: float) -> list[Linear]:
    """Of everybody's last seconds what came from the other one, caller and agent in turn."""
    now = asyncio.get_running_loop().time()
    calls = [call for one in talks for call in (one.caller.call, one.phone)]
    return [call.heard.samples(now - seconds, now) for call in calls]


def of_one_another(talks: Sequence[Talk], heard: Sequence[Linear]) -> list[float]:
    """For how many seconds of that each heard the other one."""
    tones = [hz for one in talks for hz in (one.agent_hz, one.caller_hz)]
    return [
        seconds_of(samples.astype(np.float64), hz) for samples, hz in zip(heard, tones, strict=True)
    ]


async def recorded(it: Centre, one: Talk) -> float:
    """Both sides, whole, each in its own channel; the seconds."""
    await one.caller.happens("recording.stored", within=60)
    history = await it.history(one.caller.contact_id)
    [found] = history["recordings"]
    left, right = stereo(await it.chief.get_bytes(found["audio"]))
    assert seconds_of(left, one.caller_hz) == pytest.approx(found["duration"], abs=BREAK)
    assert seconds_of(right, one.agent_hz) == pytest.approx(found["duration"], abs=BREAK)
    assert not found["recovered"]
    return float(found["duration"])


@pytest.mark.req("RC-01")
async def test_a_crowd_is_recorded_on_two_channels_each_and_a_disk_that_stands_still_is_not_heard(
    tmp_path: Path,
) -> None:
    """Sound goes on, what was said meanwhile is recorded, too, and calls come and go as before."""
    plan: dict[str, Any] = {
        "queues": [queue("desk", skills={"desk": 1}, ring_for=15, record=True)],
        "numbers": {"2000": {"queue": "desk", "language": "en"}},
    }
    spool = tmp_path / "data" / "spool"
    with frozen_disk(spool, tmp_path / "spool.img") as disk:
        async with centre(tmp_path, *SEATS, **plan) as it:
            for seat, hz in zip(SEATS, AGENT_HZ, strict=True):
                it.agents[seat.id].on_ring(speak(hz))
                await it.agents[seat.id].desk.set_state("ready")
            talks = [await talk(it, n) for n in range(CROWD - 1)]
            with disk.frozen():
                talks.append(await talk(it, CROWD - 1))  # one who comes while it stands
                await passed(talks[0].caller.call, STANDS_STILL)
                heard = last_heard(talks[:-1], STANDS_STILL - 0.5)
                talks[0].caller.call.hang_up()
                ended = await talks[0].caller.over()
            for one in talks[1:]:
                await passed(one.caller.call, 0.2)
                one.caller.call.hang_up()
                assert await one.caller.over() == ("handled", "caller-hung-up")
            lengths = [await recorded(it, one) for one in talks]

    assert ended == ("handled", "caller-hung-up")
    assert min(lengths[:-1]) > STANDS_STILL  # who came meanwhile has a file when the disk goes on
    assert min(of_one_another(talks[:-1], heard)) > STANDS_STILL - 0.5 - BREAK
