"""Keys heard as tones: what ITU-T Q.24 wants taken and refused, and nothing else."""

import random
from collections.abc import Iterable
from math import ceil
from pathlib import Path

import numpy as np
import pytest
import soxr  # type: ignore[import-untyped]
from hypothesis import given, settings
from hypothesis import strategies as st

import cti_server.speech
from cti_server.media.digits import Pressed
from cti_server.media.g711 import decode, encode
from cti_server.media.inband_digits import InbandDetector, receive_all
from cti_server.media.protocol import Codec
from cti_server.speech.music import loop as hold_music_loop
from tests.sizes import examples, size, this_weeks

from .keypad import KEYS, Sound, amplitude, dialled, key, samples, silence

RENDERED = Path(cti_server.speech.__file__).parent / "rendered"
ALL = "".join(KEYS)


def heard(
    sound: Sound, codec: Codec = "PCMU", *, lost: Iterable[int] = (), packet: int = 160
) -> list[Pressed]:
    """What a detector finds when this comes in packets, without the lost ones."""
    payload, detector, found = encode(samples(sound), codec), InbandDetector(codec), []
    for number, at in enumerate(range(0, len(payload), packet)):
        if number not in set(lost):
            now = at / 8000
            timestamp = (0xFFFF_FF00 + at) & 0xFFFFFFFF  # wraps soon
            found += detector.receive(payload[at : at + packet], timestamp, now).pressed
    return found + detector.handle_timer(1e9)


def heard_at_once(sound: Sound, legs: int = 64, *, lost: float = 0.0) -> list[Pressed]:
    """The same of a long sound cut into pieces, each a leg of its own: many times faster."""
    chance = random.Random(8)
    length = len(sound) // legs // 160 * 160
    payload = encode(samples(sound), "PCMU")
    starts = {InbandDetector(): leg * length for leg in range(legs)}
    found: list[Pressed] = []
    for at in range(0, length, 160):
        packets = [
            (detector, payload[start + at : start + at + 160], at)
            for detector, start in starts.items()
            if chance.random() >= lost
        ]
        for one in receive_all(packets, 0.0).values():
            found += one.pressed
    return found + [pressed for detector in starts for pressed in detector.handle_timer(1e9)]


def keys(found: Iterable[Pressed]) -> str:
    return "".join(pressed.digit for pressed in found)


@pytest.fixture(scope="module")
def speech() -> Sound:
    """The shipped prompts, in both languages: of all more than half an hour."""
    files = sorted(RENDERED.glob("*.ulaw"))[this_weeks(6)]
    sound = np.concatenate([decode(file.read_bytes(), "PCMU") for file in files])
    assert len(sound) > size(30, 4) * 60 * 8000
    return sound.astype(np.float64)


# --- what must be taken -----------------------------------------------------------------------


@pytest.mark.parametrize("codec", ["PCMU", "PCMA"])
@pytest.mark.parametrize("packet", [80, 160, 240, 480])
def test_all_sixteen_keys_in_both_laws_and_packets_of_any_length(codec: Codec, packet: int) -> None:
    found = heard(dialled(ALL, 60, 50), codec, packet=packet)

    assert keys(found) == ALL
    assert {pressed.duration_ms for pressed in found} <= {55, 60, 65}


@pytest.mark.parametrize("lead", range(20, 41, 3))
def test_forty_milliseconds_and_a_pause_as_long_are_enough(lead: int) -> None:
    """Q.24: wherever in a packet the tone begins."""
    assert keys(heard(dialled("1159D", 40, 40, lead))) == "1159D"


@pytest.mark.parametrize("off", [(0.015, 0.015), (-0.015, -0.015), (0.015, -0.015)])
def test_frequencies_may_be_wrong_by_one_and_a_half_percent(off: tuple[float, float]) -> None:
    assert keys(heard(dialled(ALL, 50, 50, off=off))) == ALL


@pytest.mark.parametrize(
    ("low", "high"),
    [(0, 0), (-3, -3), (-25, -25), (-10, -6), (-10, -18), (-25, -21), (-17, -25)],
)
def test_levels_from_0_to_minus_25_dbm_and_the_twist_of_q_24(low: float, high: float) -> None:
    """The high group up to 4 dB above and 8 dB below the low one."""
    assert keys(heard(dialled(ALL, 50, 50, low=low, high=high))) == ALL


def test_noise_does_not_hide_a_key() -> None:
    """12 dB below each tone."""
    chance = np.random.default_rng(4)
    sound = dialled(ALL * 5, 50, 50)
    noise = chance.normal(0, amplitude(-10) * 10 ** (-12 / 20), len(sound))

    assert keys(heard(sound + noise)) == ALL * 5


@pytest.mark.parametrize("begin", [0.0, 55.0, 110.0, 200.0, 290.0])
def test_speech_behind_a_key_does_not_hide_it(speech: Sound, begin: float) -> None:
    """A prompt's echo, six decibels weaker than the prompt: more than any line gives back."""
    sound = dialled(ALL, 80, 80)
    at = round(begin * 8000)

    assert keys(heard(sound + 0.5 * speech[at : at + len(sound)])) == ALL


@given(
    st.lists(
        st.tuples(st.sampled_from(ALL), st.integers(45, 300), st.integers(45, 200)),
        min_size=1,
        max_size=5,
    ),
    st.integers(0, 20),
    st.floats(-20, -4),
)
@settings(deadline=None, max_examples=examples(40))
def test_each_key_is_found_once_with_its_length(
    pressed: list[tuple[str, int, int]], lead: int, level: float
) -> None:
    parts = [silence(lead)]
    for name, ms, pause in pressed:
        parts += [key(name, ms, low=level, high=level), silence(pause)]
    found = heard(np.concatenate([*parts, silence(60)]))

    assert keys(found) == "".join(name for name, _, _ in pressed)
    for one, (_, ms, _) in zip(found, pressed, strict=True):
        assert one.duration_ms == pytest.approx(ms, abs=10)


# --- what must not ----------------------------------------------------------------------------


@pytest.mark.parametrize("off", [(0.035, 0.0), (-0.035, 0.0), (0.0, 0.035), (0.0, -0.035)])
def test_a_frequency_wrong_by_three_and_a_half_percent_is_no_key(
    off: tuple[float, float],
) -> None:
    assert heard(dialled(ALL, 100, 50, off=off)) == []


@pytest.mark.parametrize("lead", range(20, 41, 3))
def test_twenty_three_milliseconds_are_no_key(lead: int) -> None:
    assert heard(dialled(ALL, 23, 60, lead)) == []


def test_tones_too_faint_or_too_unlike_are_no_key() -> None:
    assert heard(dialled(ALL, 100, 50, low=-32, high=-32)) == []
    assert heard(dialled(ALL, 100, 50, low=-20, high=-10)) == []
    assert heard(dialled(ALL, 100, 50, low=-5, high=-20)) == []


@pytest.mark.parametrize("hertz", [350, 440, 697, 941, 1000, 1209, 1633, 2100])
def test_one_tone_is_no_key(hertz: float) -> None:
    """Dial, busy and ring-back tones, a modem's answer, a whistle."""
    at = np.arange(8000) / 8000
    assert heard(amplitude(-8) * np.sin(2 * np.pi * hertz * at)) == []


@pytest.mark.parametrize("other", [1336.0, 480.0, 2418.0])
def test_a_third_tone_as_strong_makes_it_no_key(other: float) -> None:
    at = np.arange(8000) / 8000
    assert heard(key("1", 1000) + amplitude(-10) * np.sin(2 * np.pi * other * at)) == []


def test_ten_milliseconds_of_interruption_do_not_part_a_key() -> None:
    for start in range(40, 60):
        tone = key("7", 120)
        tone[8 * start : 8 * start + 80] = 0
        assert keys(heard(np.concatenate([silence(30), tone, silence(100)]))) == "7"


def test_nobody_speaks_a_digit(speech: Sound) -> None:
    """
    Talk-off: half an hour of shipped prompts as they are, and faster and slower.

    Then it is speech in another voice's pitch, cut into clips: one key in half an hour of it.
    """
    assert heard_at_once(speech) == []
    for rate in (0.85, 1.2):
        sound = np.asarray(soxr.resample(speech, 8000, 8000 * rate, quality="MQ"))
        assert len(heard_at_once(sound)) <= ceil(len(speech) / 8000 / 1800)


@pytest.mark.parametrize("lost", [0.02, 0.2])
def test_nor_does_anybody_of_whom_only_pieces_come(speech: Sound, lost: float) -> None:
    """Beside a hole less of a tone is enough, and a packet between two holes is believed more."""
    assert heard_at_once(speech, lost=lost) == []


def test_two_who_speak_at_once_do_not_either(speech: Sound) -> None:
    assert heard_at_once(0.7 * (speech + np.roll(speech, 1_234_567))) == []


def test_music_is_no_digits() -> None:
    """A caller who has put us on hold: our own music, as it is and a third higher and lower."""
    music = 100_000 * hold_music_loop()
    for rate in (1.0, 0.8, 1.25):
        sound = music if rate == 1.0 else soxr.resample(music, 8000, 8000 * rate, quality="MQ")
        assert heard_at_once(np.asarray(sound)) == []


def test_noise_and_a_fax_machine_are_no_digits() -> None:
    chance = np.random.default_rng(5)
    noise = chance.normal(0, 4000, 8000 * 60)
    calling = amplitude(-8) * np.sin(2 * np.pi * 1100 * np.arange(4000) / 8000)

    assert heard(noise) == []
    assert heard(np.concatenate([calling, silence(3000), calling])) == []
