"""Keys heard as tones in packets: some are lost, late, come twice, or many at once."""

import random

import numpy as np
import pytest

from cti_server.media.digits import Pressed
from cti_server.media.g711 import encode
from cti_server.media.inband_digits import InbandDetector, receive_all

from .keypad import dialled, key, samples, silence
from .losses import NETWORKS, Dialler
from .test_inband_digits import ALL, heard, keys

MOST_SWALLOWED = dict(zip(NETWORKS, (0.0, 0.002, 0.012), strict=True))  # of all keys


@pytest.mark.parametrize("lost", [[5], [6], [5, 6], [6, 7, 8], [5, 7]])
def test_packets_lost_within_a_key_do_not_double_it(lost: list[int]) -> None:
    """The key is from 100 to 260 ms, packets 5 to 12."""
    found = heard(dialled("5", 160, 100, 100), lost=lost)

    assert keys(found) == "5"
    assert 40 <= found[0].duration_ms <= 165


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


def test_many_legs_together_hear_what_each_would_alone() -> None:
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
