"""A worker that waits for a caller to say something: through real sockets."""

import asyncio
from pathlib import Path

import numpy as np
import pytest

from cti_server.media.g711 import SILENCE, decode, encode
from cti_server.media.media_leg import Listening
from tests.speech_recognition.said import audio

from .conftest import Studio, prompt
from .phone import Phone

pytestmark = pytest.mark.asyncio(loop_scope="module")

QUIET = {codec: bytes([code]) * 160 for codec, code in SILENCE.items()}


async def say(phone: Phone, payload: bytes, quiet: bytes) -> None:
    """With a packet every 4 ms, and as much silence as ends it: the timestamps count."""
    pieces = [payload[at : at + 160] for at in range(0, len(payload) - 159, 160)]
    for piece in pieces + [quiet] * (60 if quiet else 0):
        phone.say(piece)
        await asyncio.sleep(0.004)


async def told(listening: Listening) -> bytes:
    async with asyncio.timeout(30):
        ended = await listening.said()
    assert ended is not None
    return ended.audio


async def test_what_is_said_comes_in_one_piece_and_stops_the_prompt(
    studio: Studio, tmp_path: Path
) -> None:
    leg, phone, _ = await studio.leg()
    phone.call(leg, codec="PCMA")
    prompted = asyncio.create_task(
        leg.play([prompt(tmp_path, "long", b"\x10" * 80_000)], barge_in=True)
    )
    listening = leg.listen()
    said = decode(audio("zh-bill"), "PCMU")
    await say(phone, encode(said, "PCMA"), QUIET["PCMA"])

    heard = decode(await told(listening), "PCMA").astype(float)
    assert await asyncio.wait_for(prompted, 5) == "interrupted"
    assert np.abs(heard).sum() == pytest.approx(np.abs(said.astype(float)).sum(), rel=0.05)


async def test_who_says_nothing_more_has_done_though_their_phone_sends_nothing(
    studio: Studio,
) -> None:
    leg, phone, _ = await studio.leg()
    phone.call(leg)
    listening = leg.listen()
    await say(phone, audio("zh-bill"), b"")

    assert len(await told(listening)) > 4000


async def test_keys_and_what_is_masked_are_no_words_and_who_stops_listening_hears_none(
    studio: Studio,
) -> None:
    leg, phone, ears = await studio.leg()
    phone.call(leg)
    listening = leg.listen()
    await say(phone, b"", QUIET["PCMU"])
    phone.press(5)
    await ears.until(lambda ears: ears.keys == "5")
    leg.mask(True)
    await say(phone, audio("zh-bill"), QUIET["PCMU"])
    assert not listening.begun.is_set()

    leg.mask(False)
    later = leg.listen()  # takes the earlier one's place
    assert await listening.said() is None
    later.stop()
    await say(phone, audio("zh-bill"), QUIET["PCMU"])
    assert await later.said() is None
    assert leg.listen().begun.is_set() is False


async def test_who_listens_to_a_leg_that_closes_is_told(studio: Studio) -> None:
    leg, phone, _ = await studio.leg()
    phone.call(leg)
    listening = leg.listen()
    await leg.close()

    assert await asyncio.wait_for(listening.said(), 5) is None
    assert await leg.listen().said() is None
