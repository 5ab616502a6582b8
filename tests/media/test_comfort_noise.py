import numpy as np
import pytest

from cti_server.media.comfort_noise import OVERLOAD, ComfortNoise
from tests.media.tones import biggest_step, loudness


@pytest.mark.parametrize("level", [30, 45, 60, 70])
def test_the_noise_is_as_loud_as_the_payload_says(level: int) -> None:
    """RFC 3389 §3.1: −dBov, where 0 is a square wave of mu-law's largest value."""
    noise = ComfortNoise(bytes([level])).next(8192)

    assert 20 * np.log10(loudness(noise) / OVERLOAD) == pytest.approx(-level, abs=0.2)


def test_without_a_colour_it_is_white() -> None:
    power = np.abs(np.fft.rfft(ComfortNoise(b"\x1e").next(8192))) ** 2
    bands = [float(power[at : at + 1000].mean()) for at in (50, 1050, 2050, 3050)]

    assert max(bands) < 1.1 * min(bands)


def test_reflection_coefficients_colour_it_as_a_filter_would() -> None:
    """One coefficient k makes 1/(1 + k z^-1): with −0.5 it is 9.5 dB louder below than above."""
    noise = ComfortNoise(bytes([30, 127 - 64])).next(8192)
    power = np.abs(np.fft.rfft(noise)) ** 2

    assert 20 * np.log10(loudness(noise) / OVERLOAD) == pytest.approx(-30, abs=0.2)
    tilt = 10 * np.log10(power[20:220].mean() / power[-220:-20].mean())
    assert tilt == pytest.approx(20 * np.log10(1.5 / 0.5), abs=0.3)


@pytest.mark.parametrize(
    "payload", [b"", b"\xff", bytes([127]) + b"\x00" * 40, b"\x00" + b"\xff" * 12]
)
def test_any_payload_gives_some_noise(payload: bytes) -> None:
    noise = ComfortNoise(payload).next(1000)

    assert len(noise) == 1000
    assert noise.dtype == np.int16


def test_it_goes_on_without_a_seam() -> None:
    noise = ComfortNoise(b"\x1e")

    pieces = np.concatenate([noise.next(160) for _ in range(120)])

    assert np.array_equal(pieces[:8192], pieces[8192:16384])
    assert biggest_step(pieces[8100:8300]) <= biggest_step(pieces[:8000])
