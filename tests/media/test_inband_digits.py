"""Keys heard as tones: what ITU-T Q.24 wants taken and refused, and nothing else."""

import random
from collections.abc import Iterable
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

from .keypad import KEYS, Sound, amplitude, dialled, key, samples, silence
from .losses import NETWORKS, Dialler

MOST_SWALLOWED = dict(zip(NETWORKS, (0.0, 0.002, 0.012), strict=True))  # of all keys
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


def heard_at_once(sound: Sound, legs: int = 64) -> list[Pressed]:
    """The same of a long sound cut into pieces, each a leg of its own: many times faster."""
    length = len(sound) // legs // 160 * 160
    payload = encode(samples(sound), "PCMU")
    starts = {InbandDetector(): leg * length for leg in range(legs)}
    found: list[Pressed] = []
    for at in range(0, length, 160):
        packets = [
            (detector, payload[start + at : start + at + 160], at)
            for detector, start in starts.items()
        ]
        for one in receive_all(packets, 0.0).values():
            found += one.pressed
    return found + [pressed for detector in starts for pressed in detector.handle_timer(1e9)]


def keys(found: Iterable[Pressed]) -> str:
    return "".join(pressed.digit for pressed in found)


@pytest.fixture(scope="module")
def speech() -> Sound:
    """All the shipped prompts, in both languages: more than six minutes."""
    files = sorted(RENDERED.glob("*.ulaw"))
    sound = np.concatenate([decode(file.read_bytes(), "PCMU") for file in files])
    assert len(sound) > 6 * 60 * 8000
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
@settings(deadline=None, max_examples=40)
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
    """Talk-off: the shipped prompts as they are, and faster and slower, in other voices' pitch."""
    for rate in (1.0, 0.85, 1.2):
        sound = speech if rate == 1.0 else soxr.resample(speech, 8000, 8000 * rate, quality="MQ")
        assert heard_at_once(np.asarray(sound)) == []


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


# --- packets ----------------------------------------------------------------------------------


@pytest.mark.parametrize("lost", [[5], [6], [5, 6], [6, 7, 8], [5, 7]])
def test_packets_lost_within_a_key_do_not_double_it(lost: list[int]) -> None:
    """The key is from 100 to 260 ms, packets 5 to 12."""
    found = heard(dialled("5", 160, 100, 100), lost=lost)

    assert keys(found) == "5"
    assert 40 <= found[0].duration_ms <= 165


def test_two_percent_loss_costs_no_digit_of_a_hundred() -> None:
    chance = np.random.default_rng(6)
    pressed = "".join(chance.choice(list(ALL), 100))
    sound = dialled(pressed, 100, 100)
    lost = np.flatnonzero(chance.random(len(sound) // 160 + 1) < 0.02).tolist()

    assert len(lost) > 15
    assert keys(heard(sound, lost=lost)) == pressed


@pytest.mark.parametrize("lost", [[6, 8], [5, 7, 9], [5, 6, 8, 9]])
def test_what_comes_between_lost_packets_is_put_together(lost: list[int]) -> None:
    """The key is from 100 to 200 ms, packets 5 to 9; no two of those that come are neighbours."""
    assert len(heard(dialled("5", 100, 100, 100), lost=lost)) == (len(lost) < 4)


@pytest.mark.parametrize("hole", [2, 4, 6, 8])
def test_a_hole_within_a_key_does_not_double_it_and_one_over_a_pause_loses_none(hole: int) -> None:
    """Its tones run on, or begin anew: their phases tell."""
    lost = range(8, 8 + hole)
    once = np.concatenate([silence(60), key("5", 100 + 20 * hole + 60), silence(100)])
    twice = [key("5", 100), silence(20 * hole), key("5", 100, phase=(2.0, 1.0))]

    assert keys(heard(once, lost=lost)) == "5"
    assert keys(heard(np.concatenate([silence(60), *twice, silence(100)]), lost=lost)) == "55"


@pytest.mark.parametrize("off", [0.015, -0.015])
def test_a_phone_with_wrong_frequencies_keeps_its_phases_too(off: float) -> None:
    tone = key("8", 300, off=(off, -off))

    assert keys(heard(np.concatenate([silence(60), tone, silence(80)]), lost=range(9, 14))) == "8"


def test_late_copies_and_old_packets_change_nothing() -> None:
    payload = encode(samples(dialled("42", 100, 100)), "PCMU")
    detector, found = InbandDetector(), []
    for at in range(0, len(payload), 160):
        for back in (0, 0, 160):
            start = max(0, at - back)
            found += detector.receive(payload[start : start + 160], start, at / 8000).pressed

    assert keys(found) == "42"


def test_a_key_is_over_when_nothing_more_comes() -> None:
    detector = InbandDetector()
    payload = encode(samples(key("9", 100)), "PCMU")
    beginnings = [
        detector.receive(payload[at : at + 160], at, 1.0 + at / 8000).went_down
        for at in range(0, 800, 160)
    ]

    assert beginnings == [False, True, False, False, False]
    assert detector.down
    assert detector.deadline == pytest.approx(1.28)
    assert detector.handle_timer(1.27) == []
    assert keys(detector.handle_timer(1.28)) == "9"
    assert (detector.deadline, detector.down) == (None, False)


def test_a_pause_without_packets_parts_two_keys() -> None:
    """Silence suppression: the sender's clock goes on, its packets do not."""
    detector, found = InbandDetector(), []
    payload = encode(samples(key("3", 80)), "PCMU")
    for begin in (0, 2400):
        for at in range(0, 640, 160):
            found += detector.receive(payload[at : at + 160], begin + at, 0.0).pressed

    assert keys([*found, *detector.handle_timer(1e9)]) == "33"


def test_many_legs_together_hear_what_each_would_alone(speech: Sound) -> None:
    chance = np.random.default_rng(7)
    pressed = ["".join(chance.choice(list(ALL), 6)) for _ in range(12)]
    sounds = [dialled(each, 60 + 5 * n, 60, 3 * n) for n, each in enumerate(pressed)]
    payloads = [encode(samples(sound), "PCMU") for sound in sounds]
    detectors = [InbandDetector() for _ in payloads]
    together: dict[InbandDetector, list[Pressed]] = {detector: [] for detector in detectors}
    began = 0
    for at in range(0, max(map(len, payloads)), 320):  # two packets a leg and round
        packets = [
            (detector, payload[place : place + 160], place)
            for detector, payload in zip(detectors, payloads, strict=True)
            for place in (at, at + 160)
            if place < len(payload)
        ]
        for detector, found in receive_all(packets, at / 8000).items():
            together[detector] += found.pressed
            began += found.went_down

    assert [keys(found) for found in together.values()] == pressed
    assert [together[detector] for detector in detectors] == [heard(sound) for sound in sounds]
    assert began == 6 * 12
    assert receive_all([], 1.0) == {}


# --- ten thousand digits over a bad network ---------------------------------------------------


@pytest.mark.parametrize("at_once", [1, 3, 50])
def test_a_hole_is_where_it_is_however_many_packets_are_looked_at_together(at_once: int) -> None:
    """A worker that has been held up finds them all at once."""
    payload, detector, found = (
        encode(samples(dialled("88", 100, 100)), "PCMU"),
        InbandDetector(),
        "",
    )
    packets = [
        (detector, payload[at : at + 160], at)
        for at in range(0, len(payload) - 159, 160)
        if at // 160 not in (3, 5, 8, 13)
    ]
    for at in range(0, len(packets), at_once):
        for one in receive_all(packets[at : at + at_once], 0.0).values():
            found += keys(one.pressed)

    assert found == "88"


def test_what_comes_before_another_stream_is_heard_however_late_it_is_looked_at() -> None:
    payload, detector = encode(samples(key("7", 100)), "PCMU"), InbandDetector()
    first = [(detector, payload[at : at + 160], at) for at in range(0, 800, 160)]
    second = [(detector, payload[at : at + 160], 77 + at) for at in range(0, 800, 160)]
    heard = receive_all([*first, (detector, None, 0), *second], 0.0)[detector]

    assert keys([*heard.pressed, *detector.handle_timer(1e9)]) == "77"


@pytest.mark.parametrize(
    ("name", "count", "ms", "pause"),
    [
        ("2 % at random", 10_000, 100, 100),
        ("2 % in rows of one and a half", 2000, 100, 100),
        ("2 % in rows of three", 2000, 200, 40),
    ],
)
def test_of_ten_thousand_keys_none_is_lost_and_none_is_doubled(
    name: str, count: int, ms: int, pause: int
) -> None:
    """
    A hundred keys of each caller; one in three is the same as the one before.

    What is lost whole in a row is heard by nobody.
    """
    chance = random.Random(23)
    diallers = [Dialler(100, ms, pause, NETWORKS[name], chance) for _ in range(count // 100)]
    detectors = [InbandDetector() for _ in diallers]
    found = dict.fromkeys(detectors, "")
    for number in range(max(len(each.packets) for each in diallers)):
        now = 0.02 * number
        came = [
            (detector, payload, 160 * number)
            for each, detector in zip(diallers, detectors, strict=True)
            if (payload := each.arriving(number)) is not None
        ]
        for detector, one in receive_all(came, now).items():
            found[detector] += keys(one.pressed)
        for detector in detectors:
            found[detector] += keys(detector.handle_timer(now))
    for detector in detectors:
        found[detector] += keys(detector.handle_timer(1e9))

    mistakes = {each.mistakes(typed) for each, typed in zip(diallers, found.values(), strict=True)}
    assert mistakes == {(0, 0)}
    swallowed = sum(each.swallowed for each in diallers)
    assert swallowed <= count * MOST_SWALLOWED[name]
