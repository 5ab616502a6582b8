"""Who hears whom: connected, muted, masked, over real sockets."""

from pathlib import Path

import pytest

from cti_server.media.plane import MediaLeg
from recording.capture import AGENT, CALLER, HEADER_SIZE

from .conftest import Ears, Studio, prompt
from .phone import Phone

pytestmark = pytest.mark.asyncio(loop_scope="module")

Party = tuple[MediaLeg, Phone, Ears]
SPEECH = bytes(range(10, 170))


async def parties(studio: Studio, count: int, codec: str = "PCMU") -> list[Party]:
    """So many legs of one worker, each with a phone that is known."""
    first = await studio.leg()
    legs = [first] + [await studio.leg(beside=first[0]) for _ in range(count - 1)]
    for leg, phone, _ in legs:
        phone.call(leg, codec=codec)  # type: ignore[arg-type]
    return legs


def captured(folder: Path, name: str) -> set[int]:
    return set((folder / name).read_bytes()[HEADER_SIZE:])


async def test_one_way_is_one_way(studio: Studio) -> None:
    (a, a_phone, _), (b, b_phone, _) = await parties(studio, 2)
    studio.plane.connect({b: [a]})
    await studio.obeyed()
    for _ in range(5):
        b_phone.say(SPEECH)
        a_phone.say(SPEECH)
    await b_phone.hears(5)

    assert b_phone.audio == SPEECH * 5
    assert a_phone.heard == []


async def test_who_is_connected_to_another_one_is_one_stream_for_the_phone(studio: Studio) -> None:
    (a, a_phone, _), (b, b_phone, _), (c, c_phone, _) = await parties(studio, 3)
    studio.plane.connect({a: [b], b: [a]})
    await studio.obeyed()
    b_phone.say(SPEECH)
    await a_phone.hears(1)
    studio.plane.connect({a: [c], c: [a], b: []})
    await studio.obeyed()
    b_phone.say(SPEECH)
    for _ in range(3):
        c_phone.say(SPEECH[::-1])
    await a_phone.hears(4)
    a_phone.say(SPEECH)
    await c_phone.hears(1)

    assert a_phone.audio == SPEECH + SPEECH[::-1] * 3
    assert len({heard.ssrc for heard in a_phone.heard}) == 1
    first = a_phone.heard[0].sequence
    assert [heard.sequence - first for heard in a_phone.heard] == [0, 1, 2, 3]
    assert b_phone.heard == []


async def test_bridged_to_somebody_else_the_one_before_hears_nobody(studio: Studio) -> None:
    (a, a_phone, _), (b, b_phone, _), (c, c_phone, _) = await parties(studio, 3)
    a.bridge(b)
    a.bridge(c)
    await studio.obeyed()
    a_phone.say(SPEECH)
    await c_phone.hears(1)
    a.unbridge()
    await studio.obeyed()
    a_phone.say(SPEECH)
    c_phone.say(SPEECH)
    b_phone.say(SPEECH)
    await studio.obeyed()

    assert (len(a_phone.heard), len(b_phone.heard), len(c_phone.heard)) == (0, 0, 1)


async def test_connecting_to_somebody_ends_the_music_and_to_nobody_does_not(
    studio: Studio, tmp_path: Path
) -> None:
    (a, a_phone, _), (b, b_phone, _) = await parties(studio, 2)
    music = prompt(tmp_path, "music", b"\xbb" * 160)
    a.start_play([music], repeat=True)
    await a_phone.hears(2)
    studio.plane.connect({a: []})
    await a_phone.hears(len(a_phone.heard) + 3)
    studio.plane.connect({a: [b]})
    await studio.obeyed()
    a_phone.heard.clear()
    b_phone.say(SPEECH)
    await a_phone.until(lambda phone: SPEECH in phone.audio)

    assert a_phone.audio.replace(b"\xbb", b"") == SPEECH


@pytest.mark.parametrize(("codec", "silence"), [("PCMU", 0xFF), ("PCMA", 0xD5)])
async def test_a_muted_leg_is_silence_to_who_hears_it_and_its_keys_still_pass(
    studio: Studio, codec: str, silence: int
) -> None:
    (a, a_phone, a_ears), (b, b_phone, _) = await parties(studio, 2, codec)
    a.bridge(b)
    await studio.obeyed()
    a_phone.say(SPEECH)
    await b_phone.hears(1)
    a.mute(True)
    await studio.obeyed()
    a_phone.say(SPEECH)
    a_phone.press(5)
    a_phone.say(SPEECH)
    await a_ears.until(lambda ears: ears.keys == "5")
    await b_phone.until(lambda phone: len(phone.audio) == 3 * len(SPEECH))
    a.mute(False)
    await studio.obeyed()
    a_phone.say(SPEECH)
    await b_phone.until(lambda phone: phone.audio.endswith(SPEECH))

    assert b_phone.audio == SPEECH + bytes([silence]) * 2 * len(SPEECH) + SPEECH
    assert any(heard.payload_type == 101 for heard in b_phone.heard)
    first = b_phone.heard[0].sequence
    numbers = [(heard.sequence - first) & 0xFFFF for heard in b_phone.heard]
    assert numbers == list(range(len(numbers)))


async def test_who_is_muted_is_silence_in_the_capture_too(studio: Studio, tmp_path: Path) -> None:
    (a, a_phone, _), (b, b_phone, _) = await parties(studio, 2)
    a.bridge(b)
    a.mute(True)
    studio.plane.start_capture("muted", tmp_path / "muted", a, b)
    await studio.obeyed()
    a_phone.say(SPEECH)
    b_phone.say(SPEECH)
    await a_phone.hears(1)
    await b_phone.hears(1)
    await studio.plane.stop_capture("muted")

    assert captured(tmp_path / "muted", CALLER) == {0xFF}
    assert captured(tmp_path / "muted", AGENT) >= set(SPEECH)


async def test_a_masked_leg_is_heard_and_not_recorded(studio: Studio, tmp_path: Path) -> None:
    (a, a_phone, _), (b, b_phone, _) = await parties(studio, 2)
    a.bridge(b)
    studio.plane.start_capture("masked", tmp_path / "masked", a, b)
    a.mask(True)
    await studio.obeyed()
    for _ in range(3):
        a_phone.say(b"\x0c" * 160)
    await b_phone.hears(3)
    a.mask(False)
    await studio.obeyed()
    a_phone.say(b"\x0d" * 160)
    await b_phone.hears(4)
    await studio.plane.stop_capture("masked")

    assert b_phone.audio == b"\x0c" * 480 + b"\x0d" * 160
    assert captured(tmp_path / "masked", CALLER) == {0xFF, 0x0D}


async def test_keys_are_understood_by_our_number_and_by_theirs(studio: Studio) -> None:
    (leg, phone, ears) = (await parties(studio, 1))[0]
    phone.call(leg, dtmf=96, dtmf_received_as=101)
    await studio.obeyed()
    phone.press(1, pt=101)
    await ears.until(lambda ears: ears.keys == "1")
    phone.press(2, pt=96)
    await ears.until(lambda ears: ears.keys == "12")
    leg.send_digits("3")
    await phone.hears(1)

    assert {heard.payload_type for heard in phone.heard} == {96}


async def test_legs_of_two_workers_can_not_be_connected(studio: Studio) -> None:
    ((leg, _, _),) = await parties(studio, 1)
    elsewhere = MediaLeg("elsewhere", leg.host, 9, Elsewhere())

    with pytest.raises(ValueError, match="different workers"):
        studio.plane.connect({leg: [elsewhere]})
    with pytest.raises(ValueError, match="different workers"):
        leg.bridge(elsewhere)


class Elsewhere:
    """The way to another worker."""

    number = 7

    def send(self, command: object) -> None:
        raise AssertionError(command)


async def test_a_leg_that_closed_is_heard_by_nobody_and_nobody_minds(studio: Studio) -> None:
    (a, a_phone, _), (b, _, _), (c, c_phone, _) = await parties(studio, 3)
    a.bridge(b)
    await b.close()
    studio.plane.connect({a: [b, c], c: [b, a]})
    await studio.obeyed()
    a_phone.say(SPEECH)
    c_phone.say(SPEECH)
    await c_phone.hears(1)
    await a_phone.hears(1)

    assert (a_phone.audio, c_phone.audio) == (SPEECH, SPEECH)
