import numpy as np
import pytest

from recording.laws import LEVELS, RECODED, SILENCE, Codec


@pytest.mark.parametrize(
    ("codec", "code", "level"),
    [
        ("PCMU", 0xFF, 0),
        ("PCMU", 0x7F, 0),
        ("PCMU", 0xFE, 8),
        ("PCMU", 0x80, 32124),
        ("PCMU", 0x00, -32124),
        ("PCMA", 0xD5, 8),
        ("PCMA", 0x55, -8),
        ("PCMA", 0xAA, 32256),
        ("PCMA", 0x2A, -32256),
        ("PCMA", 0xC5, 264),
    ],
)
def test_a_code_has_the_level_that_g711_gives_it(codec: Codec, code: int, level: int) -> None:
    assert LEVELS[codec][code] == level


@pytest.mark.parametrize("pair", [("PCMU", "PCMA"), ("PCMA", "PCMU")])
def test_no_other_code_of_the_other_law_would_be_nearer(pair: tuple[Codec, Codec]) -> None:
    source, target = (LEVELS[codec] for codec in pair)
    for code, recoded in enumerate(RECODED[pair]):
        distance = abs(int(source[code]) - int(target[recoded]))
        assert distance == np.abs(target - source[code]).min()


@pytest.mark.parametrize("pair", [("PCMU", "PCMA"), ("PCMA", "PCMU")])
def test_recoding_keeps_the_sign_and_the_order_of_loudness(pair: tuple[Codec, Codec]) -> None:
    source, target = (LEVELS[codec] for codec in pair)
    recoded = target[np.frombuffer(RECODED[pair], np.uint8)]
    assert np.all(np.sign(recoded) * np.sign(source) >= 0)
    assert np.all(np.diff(recoded[np.argsort(source, kind="stable")]) >= -16)


def test_silence_is_the_quietest_code_of_its_law() -> None:
    for codec, silence in SILENCE.items():
        assert abs(LEVELS[codec][silence]) == np.abs(LEVELS[codec]).min()
