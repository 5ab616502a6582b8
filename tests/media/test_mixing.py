"""What can't be relayed, over real sockets: who hears which voice, in which codec, how it joins."""

import asyncio
from collections.abc import Sequence
from itertools import groupby, pairwise
from pathlib import Path

import pytest

from cti_server.media.plane import MediaLeg
from cti_server.media.protocol import LegCodec
from recording.capture import AGENT, CALLER, HEADER_SIZE

from .conftest import Ears, Studio, prompt
from .phone import Heard, Phone, packet
from .sounds import law_samples, level, payloads, samples, tone

pytestmark = pytest.mark.asyncio(loop_scope="module")

Party = tuple[MediaLeg, Phone, Ears]
A, B, C = 500, 900, 1300  # Hz, the voices
LOUD, QUIET = 3000, 400  # of an amplitude of 8000; the machine may be busy


async def parties(studio: Studio, *codecs: LegCodec) -> list[Party]:
    """A leg of one worker for each codec, with a phone that is known."""
    legs: list[Party] = []
    for codec in codecs:
        leg, phone, ears = await studio.leg(beside=legs[0][0] if legs else None)
        phone.call(leg, codec=codec)
        legs.append((leg, phone, ears))
    return legs


async def all_said(*phones: Phone, seconds: float = 0.6) -> None:
    """The phones say A, B, C at the same time, in PCMU."""
    voices = zip(phones, (A, B, C), strict=False)
    talks = [phone.talk(payloads(tone(hertz, seconds))) for phone, hertz in voices]
    await asyncio.gather(*(talk.done for talk in talks))


def voices(phone: Phone, skip: int = 10) -> list[float]:
    """How loud A, B and C are after the first packets."""
    heard = samples(phone.heard[skip:])
    return [level(heard, hertz) for hertz in (A, B, C)]


def in_order(heard: Sequence[Heard]) -> None:
    """One stream: no number is left out and none comes twice."""
    assert len({packet.ssrc for packet in heard}) == 1
    assert {(b.sequence - a.sequence) & 0xFFFF for a, b in pairwise(heard)} == {1}


def keys(phone: Phone) -> list[int]:
    """The events that it got to the end, each once."""
    ends = [one for one in phone.heard if one.payload_type == 101 and one.payload[1] & 0x80]
    return [number for number, _ in groupby(one.payload[0] for one in ends)]


async def test_a_supervisor_hears_both_and_what_they_hear_is_still_relayed(studio: Studio) -> None:
    (a, a_phone, _), (b, b_phone, _), (s, s_phone, _) = await parties(
        studio, "PCMU", "PCMU", "PCMA"
    )
    studio.plane.connect({a: [b], b: [a], s: [a, b]})
    await studio.obeyed()
    await all_said(a_phone, b_phone)
    await s_phone.hears(25)

    assert a_phone.audio == b"".join(payloads(tone(B, 0.6)))
    assert b_phone.audio == b"".join(payloads(tone(A, 0.6)))
    heard_a, heard_b, _ = voices(s_phone)
    assert heard_a > LOUD
    assert heard_b > LOUD
    assert {packet.payload_type for packet in s_phone.heard} == {8}
    in_order(s_phone.heard)


async def test_three_hear_the_two_others_and_never_themselves(studio: Studio) -> None:
    (a, a_phone, _), (b, b_phone, _), (c, c_phone, _) = await parties(
        studio, "PCMU", "PCMU", "PCMU"
    )
    studio.plane.connect({a: [b, c], b: [a, c], c: [a, b]})
    await studio.obeyed()
    await all_said(a_phone, b_phone, c_phone)

    for own, phone in enumerate((a_phone, b_phone, c_phone)):
        loudness = voices(phone)
        assert loudness.pop(own) < QUIET
        assert min(loudness) > LOUD


async def test_a_whisper_reaches_the_agent_only(studio: Studio) -> None:
    (caller, c_phone, _), (agent, a_phone, _), (boss, b_phone, _) = await parties(
        studio, "PCMU", "PCMU", "PCMU"
    )
    studio.plane.connect({caller: [agent], agent: [caller, boss], boss: [caller, agent]})
    await studio.obeyed()
    await all_said(c_phone, a_phone, b_phone)

    assert c_phone.audio == b"".join(payloads(tone(B, 0.6)))  # the agent's voice, as it came
    by_agent = voices(a_phone)
    assert (by_agent[0] > LOUD, by_agent[1] < QUIET, by_agent[2] > LOUD) == (True, True, True)


async def test_when_the_third_one_goes_it_is_a_relay_again_in_the_same_stream(
    studio: Studio,
) -> None:
    (a, a_phone, _), (b, b_phone, _), (c, _, _) = await parties(studio, "PCMU", "PCMU", "PCMU")
    a.bridge(b)
    await studio.obeyed()
    talk = b_phone.talk(payloads(tone(B, 1.2)))
    await a_phone.hears(10)
    studio.plane.connect({a: [b, c], b: [a, c], c: [a, b]})
    await a_phone.hears(30)
    await c.close()
    await talk.done

    in_order(a_phone.heard)
    steps = [(y.timestamp - x.timestamp) & 0xFFFFFFFF for x, y in pairwise(a_phone.heard)]
    assert set(steps) == {160}
    relayed = b"".join(payloads(tone(B, 1.2)))
    assert relayed.startswith(a_phone.heard[0].payload)
    assert relayed.endswith(b"".join(packet.payload for packet in a_phone.heard[-10:]))


@pytest.mark.parametrize("codec", ["G722", "OPUS"])
async def test_a_leg_of_another_codec_and_one_of_g711_hear_one_another(
    studio: Studio, codec: LegCodec
) -> None:
    (a, a_phone, a_ears), (b, b_phone, _) = await parties(studio, codec, "PCMA")
    a.bridge(b)
    await studio.obeyed()
    ticks = 960 if codec == "OPUS" else 160
    talks = [
        a_phone.talk(payloads(tone(A, 0.6), codec), ticks),
        b_phone.talk(payloads(tone(B, 0.6), "PCMA")),
    ]
    await asyncio.gather(*(talk.done for talk in talks))

    assert voices(b_phone)[0] > LOUD
    assert voices(a_phone)[1] > LOUD
    assert {packet.payload_type for packet in a_phone.heard} == {a_phone.payload_type}
    in_order(a_phone.heard)
    steps = [(y.timestamp - x.timestamp) & 0xFFFFFFFF for x, y in pairwise(a_phone.heard)]
    assert set(steps) == {ticks}
    a_phone.press(7)
    a_phone.press(8)
    await b_phone.until(lambda phone: keys(phone) == [7, 8])
    assert a_ears.digits == [("7", 100), ("8", 100)]


async def test_two_legs_of_one_wide_codec_are_relayed_and_muted_by_the_mixing(
    studio: Studio,
) -> None:
    (a, a_phone, _), (b, b_phone, _) = await parties(studio, "G722", "G722")
    a.bridge(b)
    await studio.obeyed()
    said = payloads(tone(A, 0.2), "G722")
    for payload in said:
        a_phone.say(payload)
    await b_phone.hears(10)
    assert [packet.payload for packet in b_phone.heard] == said
    b_phone.heard.clear()
    a.mute(True)
    await a_phone.talk(payloads(tone(A, 0.4), "G722")).done
    await b_phone.hears(15)

    assert level(samples(b_phone.heard), A) < QUIET


async def test_a_prompt_over_a_conversation_is_heard_with_it_and_then_it_is_a_relay_again(
    studio: Studio, tmp_path: Path
) -> None:
    (a, a_phone, _), (b, b_phone, _) = await parties(studio, "PCMU", "PCMU")
    a.bridge(b)
    await studio.obeyed()
    beep = prompt(tmp_path, "beep", b"".join(payloads(tone(C, 0.4))))
    said = payloads(tone(B, 1.0))
    talk = b_phone.talk(said)
    await a_phone.hears(5)
    assert await a.play([beep], over=True) == "finished"
    during = len(a_phone.heard)
    await talk.done

    heard = samples(a_phone.heard[during - 15 : during])
    assert level(heard, B) > LOUD
    assert level(heard, C) > LOUD
    in_order(a_phone.heard)
    assert a_phone.audio.endswith(b"".join(said[-5:]))
    assert b_phone.heard == []


async def test_a_prompt_over_nothing_and_music_under_a_prompt(
    studio: Studio, tmp_path: Path
) -> None:
    ((leg, phone, _),) = await parties(studio, "PCMU")
    beep = prompt(tmp_path, "beep", b"".join(payloads(tone(C, 0.2))))
    music = prompt(tmp_path, "music", b"".join(payloads(tone(A, 2.0))))
    assert await leg.play([beep], over=True) == "finished"
    alone = samples(phone.heard)
    phone.heard.clear()
    leg.start_play([music], repeat=True)
    await phone.hears(3)
    assert await leg.play([beep], over=True) == "finished"
    both = samples(phone.heard[-9:])
    await phone.hears(len(phone.heard) + 10)
    after = samples(phone.heard[-8:])

    assert level(alone, C) > LOUD
    assert (level(both, A) > LOUD, level(both, C) > LOUD) == (True, True)
    assert (level(after, A) > LOUD, level(after, C) < QUIET) == (True, True)
    in_order(phone.heard)


async def test_a_prompt_that_is_stopped_over_music_is_not_heard_any_more(
    studio: Studio, tmp_path: Path
) -> None:
    ((leg, phone, _),) = await parties(studio, "PCMU")
    voice = prompt(tmp_path, "voice", b"".join(payloads(tone(C, 3.0))))
    loop = b"".join(payloads(tone(A, 0.2)))
    reading = asyncio.ensure_future(leg.play([voice], over=True))
    await phone.hears(3)
    leg.start_play([prompt(tmp_path, "music", loop)], repeat=True)
    await phone.hears(20)
    reading.cancel()
    await studio.obeyed()
    phone.heard.clear()
    await phone.hears(12)

    assert level(samples(phone.heard[2:]), C) < QUIET
    assert b"".join(one.payload for one in phone.heard[2:]) in 3 * loop
    in_order(phone.heard)


async def test_a_prompt_reaches_a_leg_of_another_codec(studio: Studio, tmp_path: Path) -> None:
    ((leg, phone, _),) = await parties(studio, "G722")
    file = prompt(tmp_path, "prompt", b"".join(payloads(tone(A, 0.4))))
    outcome = await leg.play([file])

    assert outcome == "finished"
    assert {packet.payload_type for packet in phone.heard} == {9}
    assert level(samples(phone.heard[2:]), A) > LOUD


async def test_keys_that_are_sent_into_a_prompt_of_another_codec_do_not_end_it(
    studio: Studio, tmp_path: Path
) -> None:
    ((leg, phone, _),) = await parties(studio, "G722")
    file = prompt(tmp_path, "prompt", b"".join(payloads(tone(A, 0.6))))
    playing = asyncio.ensure_future(leg.play([file]))
    await phone.hears(5)
    leg.send_digits("5")
    outcome = await playing
    audio = [packet for packet in phone.heard if packet.payload_type == 9]

    assert outcome == "finished"
    assert any(packet.payload_type == 101 for packet in phone.heard)
    assert len(audio) == 30
    assert level(samples(audio[-10:]), A) > LOUD


@pytest.mark.parametrize("ptime_ms", [10, 30, 40, 60])
async def test_packets_of_any_length_are_mixed_and_sent_as_long_as_they_are_wanted(
    studio: Studio, ptime_ms: int
) -> None:
    (a, a_phone, _), (b, _, _), (c, c_phone, _) = await parties(studio, "PCMU", "PCMU", "PCMU")
    c_phone.call(c, ptime_ms=ptime_ms)
    studio.plane.connect({c: [a, b]})
    await studio.obeyed()
    said = payloads(tone(A, 0.6), ptime_ms=ptime_ms)
    await a_phone.talk(said, 8 * ptime_ms, ptime_ms / 1000).done

    assert {len(packet.payload) for packet in c_phone.heard} == {8 * ptime_ms}
    steps = [(y.timestamp - x.timestamp) & 0xFFFFFFFF for x, y in pairwise(c_phone.heard)]
    assert set(steps) == {8 * ptime_ms}
    assert level(samples(c_phone.heard[len(c_phone.heard) // 3 :]), A) > LOUD


async def test_a_prompt_is_sent_in_packets_as_long_as_they_are_wanted(
    studio: Studio, tmp_path: Path
) -> None:
    ((leg, phone, _),) = await parties(studio, "PCMU")
    phone.call(leg, ptime_ms=40)
    said = b"".join(payloads(tone(A, 0.22)))  # five packets and a half
    outcome = await leg.play([prompt(tmp_path, "prompt", said)])

    assert outcome == "finished"
    assert {len(packet.payload) for packet in phone.heard} == {320}
    assert phone.audio == said + b"\xff" * 160


async def test_comfort_noise_is_heard_as_noise_while_its_sender_is_silent(studio: Studio) -> None:
    (a, a_phone, _), (b, _, _), (c, c_phone, _) = await parties(studio, "PCMU", "PCMU", "PCMU")
    studio.plane.connect({c: [a, b]})
    await studio.obeyed()
    await a_phone.talk(payloads(tone(A, 0.2))).done
    a_phone.send(packet(b"\x28", a_phone.sequence, a_phone.timestamp, payload_type=13))
    await c_phone.hears(len(c_phone.heard) + 20)

    noise = samples(c_phone.heard[-10:]).astype(float)
    loudness = float((noise * noise).mean() ** 0.5)
    assert 32124 / 100 * 0.7 < loudness < 32124 / 100 * 1.4  # −40 dBov
    assert level(noise, A) < QUIET / 2


@pytest.mark.parametrize("codec", ["G722", "OPUS"])
async def test_a_leg_of_another_codec_is_captured_as_g711(
    studio: Studio, tmp_path: Path, codec: LegCodec
) -> None:
    (a, a_phone, _), (b, b_phone, _) = await parties(studio, codec, "PCMU")
    a.bridge(b)
    studio.plane.start_capture(codec, tmp_path / codec, a, b)
    await studio.obeyed()
    talks = [
        a_phone.talk(payloads(tone(A, 0.6), codec), 960 if codec == "OPUS" else 160),
        b_phone.talk(payloads(tone(B, 0.6))),
    ]
    await asyncio.gather(*(talk.done for talk in talks))
    await studio.plane.stop_capture(codec)

    wide, narrow = (
        law_samples((tmp_path / codec / name).read_bytes()[HEADER_SIZE:])
        for name in (CALLER, AGENT)
    )
    assert level(wide[1600:4000], A) > LOUD
    assert level(narrow[1600:4000], B) > LOUD


async def test_captures_go_on_unchanged_while_somebody_listens(
    studio: Studio, tmp_path: Path
) -> None:
    (a, a_phone, _), (b, b_phone, _), (s, _, _) = await parties(studio, "PCMU", "PCMU", "PCMU")
    a.bridge(b)
    studio.plane.start_capture("heard", tmp_path / "heard", a, b)
    studio.plane.connect({s: [a, b]})
    await studio.obeyed()
    await all_said(a_phone, b_phone)
    await studio.plane.stop_capture("heard")

    for name, hertz in ((CALLER, A), (AGENT, B)):
        captured = (tmp_path / "heard" / name).read_bytes()[HEADER_SIZE:].strip(b"\xff")
        assert b"".join(payloads(tone(hertz, 0.6))).strip(b"\xff") == captured


async def test_who_is_muted_in_a_conference_is_heard_by_nobody(studio: Studio) -> None:
    (a, a_phone, _), (b, b_phone, _), (c, c_phone, _) = await parties(
        studio, "PCMU", "PCMU", "PCMU"
    )
    studio.plane.connect({a: [b, c], b: [a, c], c: [a, b]})
    a.mute(True)
    await studio.obeyed()
    await all_said(a_phone, b_phone, c_phone)

    heard = voices(c_phone)
    assert (heard[0] < QUIET, heard[1] > LOUD) == (True, True)
