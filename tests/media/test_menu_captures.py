"""Captures of a caller and of what the worker itself plays to them."""

from pathlib import Path

import pytest

from cti_server.media.g711 import decode, encode
from cti_server.media.protocol import Codec, LegCodec
from cti_server.media.worker_reports import CaptureClosed
from recording.capture import AGENT, CALLER

from .conftest import Studio, prompt
from .sounds import level, payloads, tone
from .test_captures import parties, samples, words

pytestmark = pytest.mark.asyncio(loop_scope="module")

MENU, SECRET, MUSIC, CALLER_HZ = 500, 900, 1300, 1700  # Hz
THERE = 300  # of an amplitude of 8000, over all of it


def sound(folder: Path, name: str, hertz: int) -> tuple[Path, bytes]:
    said = encode(tone(hertz, 0.5), "PCMU")
    return prompt(folder, name, said), said


@pytest.mark.parametrize("codec", ["PCMU", "PCMA", "G722"])
async def test_what_the_caller_is_told_is_the_other_side(
    studio: Studio, tmp_path: Path, codec: LegCodec
) -> None:
    """Whatever way it takes to the phone. What is masked is on neither side."""
    leg, phone, _ = await studio.leg()
    phone.call(leg, codec=codec)
    folder, name = tmp_path / "captured", f"menu-{codec}"
    law: Codec = "PCMA" if codec == "PCMA" else "PCMU"
    music, _ = sound(tmp_path, "music", MUSIC)
    menu, said = sound(tmp_path, "menu", MENU)
    secret, _ = sound(tmp_path, "secret", SECRET)

    leg.start_play([music], repeat=True)  # it was there before
    await phone.hears(3)
    studio.plane.start_capture(name, folder, leg, None, told=True)
    await phone.hears(30)
    talk = phone.talk(payloads(tone(CALLER_HZ, 0.4), codec))
    assert await leg.play([menu]) == "finished"
    await talk.done
    leg.mask(True)
    await studio.obeyed()
    talk = phone.talk(payloads(tone(SECRET, 0.4), codec))
    assert await leg.play([secret]) == "finished"
    await talk.done
    leg.mask(False)
    await studio.obeyed()
    assert await leg.play([menu]) == "finished"
    closed = await studio.plane.stop_capture(name)

    assert isinstance(closed, CaptureClosed)
    assert sorted(one.name for one in folder.iterdir()) == [AGENT, CALLER]
    caller, told = (decode(samples(folder, one), law) for one in (CALLER, AGENT))
    assert len(caller) == len(told)
    tones = (CALLER_HZ, MENU, SECRET, MUSIC)
    assert [level(caller, one) > THERE for one in tones] == [True, False, False, False]
    assert [level(told, one) > THERE for one in tones] == [False, True, False, True]
    if codec == "PCMU":
        assert samples(folder, AGENT).count(said) == 2  # to the bit, and whole


async def test_what_is_played_in_a_conversation_is_nobodys_side(
    studio: Studio, tmp_path: Path
) -> None:
    """Music on hold, for one."""
    (caller, phone, _), (agent, _, _) = await parties(studio)
    file = prompt(tmp_path, "music", b"".join(words(900 + number) for number in range(10)))
    studio.plane.start_capture("music", tmp_path / "captured", caller, agent)
    assert await caller.play([file]) == "finished"
    await studio.plane.stop_capture("music")

    assert words(905) not in samples(tmp_path / "captured", AGENT)
    assert phone.audio.count(words(905)) == 1


async def test_it_ends_with_the_callers_leg(studio: Studio, tmp_path: Path) -> None:
    leg, phone, _ = await studio.leg()
    phone.call(leg)
    file, said = sound(tmp_path, "menu", MENU)
    studio.plane.start_capture("gone", tmp_path / "captured", leg, None, told=True)
    assert await leg.play([file]) == "finished"
    await leg.close()

    closed = await studio.plane.stop_capture("gone")
    assert isinstance(closed, CaptureClosed)
    assert said in samples(tmp_path / "captured", AGENT)
