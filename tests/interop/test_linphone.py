"""linphone as the caller: its silence is comfort noise, its RTCP has extended reports."""

import asyncio
import wave
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pytest_asyncio

from tests.audio import RATE, Samples
from tests.e2e.centre import centre
from tests.e2e.people import Hire, passed
from tests.interop.linphone import linphone

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.interop]

WANG = Hire("wang", "8027")
BOSS = Hire("boss", "8002", skills=(), roles=("supervisor",))
QUEUES: list[dict[str, Any]] = [
    {"name": "service", "skills": {"sales": 1}, "announce_agent": False, "wrap_up": 0}
]
NUMBERS = {"2000": {"queue": "service", "language": "en"}}

VOICE = 500  # Hz
SPEAKS, PAUSE = 1.5, 4.0  # seconds of voice, of none, of voice again; then of none
LOUD = 1000.0  # RMS, of 32768: a voice
ROOM = 150.0  # RMS of the noise that its microphone hears in a pause, of 32768
TALK = 12.0  # seconds: linphone reports every five or so


@dataclass
class Conversation:
    """What is known of it when it is over."""

    heard: Samples
    """By a supervisor, for whom what the two say is decoded and mixed."""
    quality: dict[str, float]
    """The record of the caller's leg."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def conversation(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Conversation]:
    folder = tmp_path_factory.mktemp("linphone")
    says = _write_voice(folder / "says.wav")
    async with (
        centre(folder, WANG, BOSS, queues=QUEUES, numbers=NUMBERS) as hotline,
        hotline.on_duty("wang") as (wang,),
        linphone(folder, "13800138000") as caller,
    ):
        before = hotline.book.last
        await caller.call(hotline.server.uri("2000"))
        at_wang = await wang.rung()
        await passed(at_wang, 0.5)  # until its own media are up
        await caller.say(says)
        started = await hotline.book.when("interaction.started", after=before, agent_id=WANG.id)
        contact = started.data["contact_id"]
        boss = hotline.agents[BOSS.id]
        status, _ = await boss.desk.post(f"/api/v1/contacts/{contact}/listen", mode="monitor")
        assert status == 204
        at_boss = await boss.rung()
        await passed(at_boss, TALK)
        end = asyncio.get_running_loop().time()
        heard = at_boss.heard.samples(end - TALK + 1.0, end).astype(np.float64)
        await caller.hang_up()
        await at_wang.ended()
        history = await hotline.history(contact)
        (leg,) = (leg for leg in history["legs"] if leg["role"] == "caller")
        yield Conversation(heard, leg["quality"])


def _write_voice(file: Path) -> Path:
    speech = 8000 * np.sin(2 * np.pi * VOICE * np.arange(int(SPEAKS * RATE)) / RATE)
    noise = np.random.default_rng(1).normal(0.0, ROOM, int(PAUSE * RATE))
    with wave.open(str(file), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(
            np.concatenate([speech, noise, speech, *4 * [noise]]).astype("<i2").tobytes()
        )
    return file


def _pieces(heard: Samples) -> list[Samples]:
    """A tenth of a second each."""
    return np.array_split(heard, len(heard) // (RATE // 10))


async def test_its_silence_is_heard_as_steady_noise_and_is_no_loss(
    conversation: Conversation,
) -> None:
    pieces = _pieces(conversation.heard)
    voiced = [at for at, piece in enumerate(pieces) if level(piece) > LOUD]
    pause = [at for at in range(voiced[-1]) if not {at - 1, at, at + 1} & set(voiced)]
    levels = np.array([level(pieces[at]) for at in pause])

    assert len(pause) > 10 * (PAUSE - 1.0)
    assert ROOM / 3 < np.median(levels) < 3 * ROOM  # as linphone measures it
    assert np.max(levels) < 2 * np.median(levels), "a click"
    assert np.min(levels) > np.median(levels) / 2, "a hole"
    quality = conversation.quality
    assert quality["packets_received"] < 50 * (2 * SPEAKS + PAUSE)  # it did send nothing else
    assert (quality["packets_lost"], quality["silences"]) == (0, 0)


async def test_its_extended_reports_are_in_the_record_of_the_leg(
    conversation: Conversation,
) -> None:
    """What only RFC 3611's VoIP metrics tell, and its own opinion instead of our estimate."""
    quality = conversation.quality

    assert quality["remote_burst_density"] == quality["remote_gap_density"] == 0
    assert quality["remote_discarded"] == 0
    assert quality["remote_rating"] > 93.2  # more than the E-model gives to G.711: not ours
    assert quality["remote_mos"] > 4.41
    assert 0 < quality["round_trip_ms"] < 500


def level(piece: Samples) -> float:
    """RMS, of 32768."""
    return float(np.sqrt(np.mean(piece**2)))
