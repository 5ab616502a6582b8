import numpy as np
import pytest

from cti_server.media.resampling import Doubler, Halver
from tests.media.tones import Samples, cleanness, in_frames, loudness, tone


def doubled(samples: Samples, size: int = 160) -> Samples:
    doubler = Doubler()
    return np.concatenate([doubler.double(piece) for piece in in_frames(samples, size)])


def halved(samples: Samples, size: int = 320) -> Samples:
    halver = Halver()
    return np.concatenate([halver.halve(piece) for piece in in_frames(samples, size)])


@pytest.mark.parametrize("hz", [200, 1000, 2000, 3000, 3400])
def test_a_tone_stays_clean_and_as_loud_both_ways(hz: int) -> None:
    narrow, wide = tone(hz), tone(hz, rate=16000)

    assert cleanness(doubled(narrow)[4000:], hz, 16000) > 60
    assert cleanness(halved(wide)[2000:], hz) > 60
    assert loudness(doubled(narrow)[4000:]) == pytest.approx(loudness(narrow), rel=0.002)
    assert loudness(halved(wide)[2000:]) == pytest.approx(loudness(narrow), rel=0.002)


@pytest.mark.parametrize("hz", [4600, 5000, 6000, 7500])
def test_what_8_khz_cannot_hold_is_gone_and_leaves_no_mirror_image(hz: int) -> None:
    wide = tone(hz, rate=16000)

    assert loudness(halved(wide)[2000:]) < loudness(wide) / 1000


def test_pieces_join_as_if_there_had_been_one() -> None:
    samples = np.random.default_rng(1).integers(-20000, 20000, 9600).astype(np.int16)

    assert np.array_equal(doubled(samples, 160), doubled(samples, 9600))
    assert np.array_equal(doubled(samples, 80), doubled(samples, 9600))
    assert np.array_equal(halved(samples, 320), halved(samples, 9600))
    assert np.array_equal(halved(samples, 2), halved(samples, 9600))


def test_up_and_down_again_is_the_same_3_3_ms_later() -> None:
    at = np.arange(8000) / 8000
    later = at - 26.5 / 8000

    back = halved(doubled(tone(1900)))

    assert np.abs(back[60:] - 8000 * np.sin(2 * np.pi * 1900 * later)[60:]).max() < 5


def test_the_loudest_input_does_not_wrap_around() -> None:
    square = np.where(tone(500) >= 0, 32767, -32768).astype(np.int16)

    assert doubled(square).max() == 32767
    steps = np.diff(np.sign(halved(doubled(square)[: 2 * 7800]).astype(int)))
    assert np.count_nonzero(steps) <= 2 * 500 + 2
