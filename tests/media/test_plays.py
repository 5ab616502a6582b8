import asyncio
import statistics
from itertools import pairwise
from pathlib import Path

import pytest

from cti_server.media.g711 import MU_TO_A

from .conftest import Studio, prompt

pytestmark = pytest.mark.asyncio(loop_scope="module")

SPEECH = bytes(range(256)) * 15  # 24 packets


async def test_a_prompt_is_heard_octet_by_octet_at_the_pace_of_speech(
    studio: Studio, tmp_path: Path
) -> None:
    leg, phone, _ = await studio.leg()
    phone.call(leg)
    first, second = prompt(tmp_path, "a", SPEECH), prompt(tmp_path, "b", SPEECH[:-7])

    assert await leg.play([first, second]) == "finished"
    await phone.hears(48)

    assert phone.audio == SPEECH + SPEECH[:-7] + b"\xff" * 7
    gaps = [after.at - before.at for before, after in pairwise(phone.heard)]
    assert 0.015 < statistics.median(gaps) < 0.025


async def test_a_prompts_packets_are_one_stream_with_one_marker(
    studio: Studio, tmp_path: Path
) -> None:
    leg, phone, _ = await studio.leg()
    phone.call(leg)
    await leg.play([prompt(tmp_path, "a", SPEECH)])
    await phone.hears(24)

    first = phone.heard[0]
    assert first.sequence < 0x8000
    assert [h.sequence for h in phone.heard] == [first.sequence + i for i in range(24)]
    assert [(h.timestamp - first.timestamp) & 0xFFFFFFFF for h in phone.heard] == [
        160 * i for i in range(24)
    ]
    assert [h.marker for h in phone.heard] == [True] + [False] * 23
    assert {(h.ssrc, h.payload_type) for h in phone.heard} == {(first.ssrc, 0)}


async def test_an_a_law_phone_hears_a_law(studio: Studio, tmp_path: Path) -> None:
    leg, phone, _ = await studio.leg()
    phone.call(leg, codec="PCMA")
    await leg.play([prompt(tmp_path, "a", SPEECH[:-7])])
    await phone.hears(24)

    assert phone.audio == SPEECH[:-7].translate(MU_TO_A) + b"\xd5" * 7
    assert {heard.payload_type for heard in phone.heard} == {8}


async def test_a_change_of_codec_in_the_middle_of_a_prompt_is_followed(
    studio: Studio, tmp_path: Path
) -> None:
    leg, phone, _ = await studio.leg()
    phone.call(leg)
    playing = asyncio.ensure_future(leg.play([prompt(tmp_path, "a", b"\x11" * 4800)]))
    await phone.hears(5)
    phone.call(leg, codec="PCMA")

    assert await playing == "finished"
    await phone.hears(30)
    words = {(heard.payload_type, heard.payload) for heard in phone.heard}
    assert words == {(0, b"\x11" * 160), (8, b"\x11".translate(MU_TO_A) * 160)}


async def test_the_first_digit_stops_a_prompt_that_allows_it(
    studio: Studio, tmp_path: Path
) -> None:
    leg, phone, ears = await studio.leg()
    phone.call(leg)
    playing = asyncio.ensure_future(
        leg.play([prompt(tmp_path, "music", SPEECH)], repeat=True, barge_in=True)
    )
    await phone.hears(30)  # it repeats
    phone.event(5, 160, marker=True)  # the key goes down; it was not released yet

    assert await playing == "interrupted"
    assert ears.digits == []


async def test_a_digit_leaves_a_prompt_that_does_not_allow_it_alone(
    studio: Studio, tmp_path: Path
) -> None:
    leg, phone, ears = await studio.leg()
    phone.call(leg)
    playing = asyncio.ensure_future(leg.play([prompt(tmp_path, "a", SPEECH)]))
    await phone.hears(3)
    phone.press(5)

    assert await playing == "finished"
    assert ears.digits == [("5", 100)]


async def test_a_new_play_replaces_the_old_one_in_the_same_stream(
    studio: Studio, tmp_path: Path
) -> None:
    leg, phone, _ = await studio.leg()
    phone.call(leg)
    music, words = prompt(tmp_path, "m", b"\x01" * 160), prompt(tmp_path, "w", b"\x02" * 1600)
    playing = asyncio.ensure_future(leg.play([music], repeat=True))
    await phone.hears(5)

    assert await leg.play([words]) == "finished"
    assert await playing == "stopped"
    await phone.until(lambda phone: phone.audio.endswith(b"\x02" * 1600))
    numbers = [heard.sequence for heard in phone.heard]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert len({heard.ssrc for heard in phone.heard}) == 1


async def test_a_play_can_be_stopped(studio: Studio, tmp_path: Path) -> None:
    leg, phone, _ = await studio.leg()
    phone.call(leg)
    music = prompt(tmp_path, "m", SPEECH)
    playing = asyncio.ensure_future(leg.play([music], repeat=True))
    await phone.hears(3)
    leg.stop_play()

    assert await playing == "stopped"


async def test_who_stops_waiting_stops_the_play(studio: Studio, tmp_path: Path) -> None:
    leg, phone, _ = await studio.leg()
    phone.call(leg)
    playing = asyncio.ensure_future(leg.play([prompt(tmp_path, "m", b"\x01" * 160)], repeat=True))
    await phone.hears(3)
    playing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await playing

    await leg.play([prompt(tmp_path, "w", b"\x02" * 320)])
    await phone.until(lambda phone: phone.audio.endswith(b"\x02" * 320))


async def test_a_play_without_its_file_or_without_a_phone_fails(
    studio: Studio, tmp_path: Path
) -> None:
    leg, phone, _ = await studio.leg()
    assert await leg.play([prompt(tmp_path, "a", SPEECH)]) == "failed"
    phone.call(leg)

    assert await leg.play([tmp_path / "none.ulaw"]) == "failed"
    assert await leg.play([prompt(tmp_path, "b", b"")]) == "finished"


async def test_closing_the_leg_ends_its_play(studio: Studio, tmp_path: Path) -> None:
    leg, phone, _ = await studio.leg()
    phone.call(leg)
    playing = asyncio.ensure_future(leg.play([prompt(tmp_path, "m", SPEECH)], repeat=True))
    await phone.hears(3)
    quality = await leg.close()

    assert await playing == "stopped"
    assert quality.packets_sent >= 3
    assert await leg.play([prompt(tmp_path, "n", SPEECH)]) == "lost"


async def test_nothing_is_sent_to_a_phone_that_we_hold(studio: Studio, tmp_path: Path) -> None:
    leg, phone, _ = await studio.leg()
    phone.call(leg, direction="inactive")

    assert await leg.play([prompt(tmp_path, "a", SPEECH)]) == "finished"
    assert phone.heard == []
    assert (await leg.close()).packets_sent == 0


async def test_keys_are_sent_as_events_and_the_prompt_goes_on_after_them(
    studio: Studio, tmp_path: Path
) -> None:
    leg, phone, _ = await studio.leg()
    other, far_phone, far_ears = await studio.leg(beside=leg)
    phone.call(leg, dtmf=96)
    far_phone.call(other, dtmf=96)
    leg.start_play([prompt(tmp_path, "m", SPEECH)], repeat=True)
    await phone.hears(3)
    leg.send_digits("7#", duration_ms=60)
    await phone.until(lambda phone: len([h for h in phone.heard if h.payload_type == 96]) == 10)
    before = len(phone.heard)
    await phone.hears(before + 5)

    events = [heard for heard in phone.heard if heard.payload_type == 96]
    assert [heard.payload[0] for heard in events] == [7] * 5 + [11] * 5
    assert len({heard.timestamp for heard in events}) == 2
    assert [heard.marker for heard in events] == [True, *[False] * 4] * 2
    assert [heard.payload_type for heard in phone.heard[before:]].count(0) >= 4
    numbers = [heard.sequence for heard in phone.heard]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    for heard in events:  # and another leg of ours understands them
        far_phone.timestamp = heard.timestamp
        far_phone.event(heard.payload[0], 480, end=bool(heard.payload[1] & 0x80), pt=96)
    await far_ears.until(lambda ears: ears.keys == "7#")
