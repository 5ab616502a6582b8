"""A worker that hears keys in the audio: through real sockets, and beside the mixing."""

import asyncio
import random
from pathlib import Path

import numpy as np
import pytest

from cti_server.media.g711 import decode, encode
from cti_server.media.key_presses import Way
from cti_server.media.protocol import Codec
from recording.capture import CALLER, HEADER_SIZE

from .conftest import Studio, prompt
from .keypad import dialled, samples
from .losses import NETWORKS, Dialler
from .phone import Phone
from .tones import cleanness, tone

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def say(phone: Phone, payload: bytes) -> None:
    """At the pace of speech, with a packet every 5 ms: the worker goes by the timestamps."""
    for at in range(0, len(payload), 160):
        phone.say(payload[at : at + 160])
        await asyncio.sleep(0.005)


async def test_keys_in_the_audio_are_told_where_the_phone_has_no_other_way(
    studio: Studio,
) -> None:
    leg, phone, ears = await studio.leg()
    phone.call(leg, codec="PCMA", dtmf=None)
    await say(phone, encode(samples(dialled("159D", 60, 60)), "PCMA"))
    await ears.until(lambda ears: len(ears.digits) == 4)

    assert ears.keys == "159D"
    assert {duration for _, duration in ears.digits} <= {55, 60, 65}


async def test_who_has_telephone_events_is_not_listened_to(studio: Studio) -> None:
    leg, phone, ears = await studio.leg()
    phone.call(leg)
    await say(phone, encode(samples(dialled("159", 60, 60)), "PCMU"))
    phone.press(5)
    await ears.until(lambda ears: bool(ears.digits))

    assert ears.keys == "5"


async def test_where_it_is_asked_for_both_ways_are_told_and_named(studio: Studio) -> None:
    """Who takes the keys makes one press of the two (:mod:`cti_server.media.key_presses`)."""
    leg, phone, ears = await studio.leg()
    phone.call(leg, tones=True)
    await say(phone, encode(samples(dialled("7", 80, 60)), "PCMU"))
    phone.press(7)
    await ears.until(lambda ears: len(ears.digits) == 2)

    assert ears.keys == "77"
    assert set(ears.ways) == {Way.TONE, Way.EVENT}


async def test_a_key_in_the_audio_interrupts_a_prompt(studio: Studio, tmp_path: Path) -> None:
    leg, phone, ears = await studio.leg()
    phone.call(leg, dtmf=None)
    file = prompt(tmp_path, "long", b"\x55" * 80_000)
    playing = asyncio.create_task(leg.play([file], barge_in=True))
    await phone.hears(3)
    await say(phone, encode(samples(dialled("7", 80, 60)), "PCMU"))

    assert await asyncio.wait_for(playing, 2.0) == "interrupted"
    await ears.until(lambda ears: ears.keys == "7")


async def test_a_leg_that_is_listened_to_is_relayed_and_mixed_as_ever(studio: Studio) -> None:
    one, phone, ears = await studio.leg()
    other, listener, _ = await studio.leg(beside=one)
    third, supervisor, _ = await studio.leg(beside=one)
    phone.call(one, dtmf=None)
    listener.call(other)
    supervisor.call(third)
    studio.plane.connect({one: [other], other: [one], third: [one, other]})
    sound = encode(samples(dialled("42", 80, 80)), "PCMU")
    await say(phone, sound)
    await ears.until(lambda ears: ears.keys == "42")
    studio.plane.connect({third: []})
    await say(phone, sound)
    await ears.until(lambda ears: ears.keys == "4242")
    await listener.until(lambda phone: len(phone.audio) >= 2 * len(sound) - 320)

    assert sound[:-320] in listener.audio
    assert supervisor.audio


async def test_a_phone_that_learns_telephone_event_is_not_listened_to_any_more(
    studio: Studio,
) -> None:
    leg, phone, ears = await studio.leg()
    phone.call(leg, dtmf=None)
    await say(phone, encode(samples(dialled("1", 60, 60)), "PCMU"))
    await ears.until(lambda ears: ears.keys == "1")
    phone.call(leg)
    await studio.obeyed()
    await say(phone, encode(samples(dialled("2", 60, 60)), "PCMU"))
    phone.press(3)
    await ears.until(lambda ears: "3" in ears.keys)

    assert ears.keys == "13"


@pytest.mark.parametrize(("codec", "size"), [("PCMU", 160), ("PCMA", 160), ("PCMU", 480)])
async def test_keys_that_sounded_are_in_no_recording_and_what_was_said_around_them_is(
    studio: Studio, tmp_path: Path, codec: Codec, size: int
) -> None:
    """At the pace of life, so that the disk has everything but the last moment all the time."""
    (leg, phone, ears), (agent, _, _) = await studio.leg(), await studio.leg()
    phone.call(leg, codec=codec, dtmf=None)
    for name in ("first", "second"):
        studio.plane.start_capture(f"{tmp_path.name}-{name}", tmp_path / name, leg, agent)
    await studio.obeyed()
    before, after = (tone(hertz, 0.3).astype(np.float64) for hertz in (300, 500))
    pressed = [*dialled("1590", 90, 70), *dialled("5", 2000, 0)]
    said = encode(samples(np.concatenate([before, pressed, after])), codec)
    packets = [said[at : at + size] for at in range(0, len(said) - size + 1, size)]
    await phone.talk(packets, ticks=size, step=size / 8000).done
    await ears.until(lambda ears: ears.keys == "15905")
    for name in ("first", "second"):
        await studio.plane.stop_capture(f"{tmp_path.name}-{name}")

    for name in ("first", "second"):
        recorded = decode((tmp_path / name / CALLER).read_bytes()[HEADER_SIZE:], codec)
        loud = np.flatnonzero(np.abs(recorded) > 100)
        heard = recorded[loud[0] :]
        left, right = heard[: len(before)], heard[len(before) + len(pressed) :][: len(after) - size]
        assert cleanness(left, 300) > 20
        assert cleanness(right[100:], 500) > 20
        assert np.abs(heard[len(before) : len(before) + len(pressed)]).max() < 100


async def test_of_a_thousand_keys_over_a_lossy_network_each_is_told_once(studio: Studio) -> None:
    """Forty callers, 2 % of all packets lost; four times as fast as life."""
    chance = random.Random(24)
    network = NETWORKS["2 % at random"]
    diallers = [Dialler(25, 100, 100, network, chance) for _ in range(40)]
    callers = [await studio.leg() for _ in diallers]
    for leg, phone, _ in callers:
        phone.call(leg, dtmf=None)
    await studio.obeyed()
    for number in range(max(len(each.packets) for each in diallers)):
        for each, (_, phone, _) in zip(diallers, callers, strict=True):
            if (payload := each.arriving(number)) is None:
                phone.skip()
            else:
                phone.say(payload)
        await asyncio.sleep(0.005)
    for _, _, ears in callers:
        await ears.until(lambda ears: len(ears.keys) >= 25)

    assert sum(each.swallowed for each in diallers) == 0
    assert {
        each.mistakes(ears.keys) for each, (_, _, ears) in zip(diallers, callers, strict=True)
    } == {(0, 0)}
