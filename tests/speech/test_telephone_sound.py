"""Levels, edges and frames of what goes to the telephone."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cti_server.media.g711 import decode
from cti_server.speech.telephone_sound import (
    FRAME,
    RATE,
    Sound,
    active_level,
    faded,
    levelled,
    mu_law,
    resampled,
    trimmed,
)


def hum(seconds: float, amplitude: float = 0.3, rate: int = RATE, pitch: float = 440) -> Sound:
    time = np.arange(int(seconds * rate)) / rate
    return amplitude * np.sin(2 * np.pi * pitch * time)


@given(st.floats(-45, 0), st.floats(0.1, 0.9))
def test_speech_of_any_loudness_and_with_any_pauses_comes_out_at_one_level(
    loudness: float, share: float
) -> None:
    speech = hum(2 * share, 10 ** (loudness / 20))
    sound = np.concatenate([speech, np.zeros(int(2 * (1 - share) * RATE))])

    assert active_level(levelled(sound)) == pytest.approx(-20, abs=1.5)


@given(st.floats(0.01, 1), st.integers(1, 50))
def test_nothing_is_ever_clipped(amplitude: float, clicks: int) -> None:
    sound = hum(1, amplitude / 30)
    sound[:: RATE // clicks] = amplitude

    assert np.abs(levelled(sound)).max() <= 10 ** (-1 / 20) + 1e-9


def test_noise_of_an_almost_silent_recording_is_not_blown_up() -> None:
    assert active_level(levelled(hum(1, 1e-4))) == pytest.approx(-83 + 30, abs=0.5)


def test_digital_silence_stays_silence() -> None:
    assert not levelled(np.zeros(RATE)).any()
    assert not len(trimmed(np.zeros(RATE)))
    assert not len(trimmed(np.zeros(0)))


def test_silence_around_speech_goes_and_pauses_within_it_stay() -> None:
    quiet = np.zeros(RATE)
    sound = trimmed(np.concatenate([quiet, hum(0.5), quiet, hum(0.5), quiet]))

    assert len(sound) / RATE == pytest.approx(2.0 + 0.03 + 0.08, abs=0.05)


@pytest.mark.parametrize("rate", [8000, 11025, 16000, 22050, 24000, 44100, 48000])
def test_resampling_keeps_length_pitch_and_level(rate: int) -> None:
    sound = resampled(hum(1, rate=rate), rate)
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))

    assert len(sound) == pytest.approx(RATE, abs=2)
    assert np.argmax(spectrum) == pytest.approx(440, abs=2)
    assert np.sqrt(np.mean(sound**2)) == pytest.approx(0.3 / np.sqrt(2), rel=0.02)


def test_what_a_telephone_cannot_carry_does_not_come_back_as_a_whistle() -> None:
    sound = resampled(hum(1, rate=24000, pitch=6000), 24000)
    assert active_level(sound[RATE // 4 : -RATE // 4]) < -80


@given(st.integers(0, 5 * FRAME))
def test_the_payload_is_whole_frames_padded_with_silence(length: int) -> None:
    payload = mu_law(np.full(length, 0.5))

    assert len(payload) == -(-length // FRAME) * FRAME
    assert payload[length:] == b"\xff" * (len(payload) - length)


def test_edges_start_and_end_at_zero() -> None:
    sound = faded(np.full(RATE, 0.5))

    assert sound[0] == sound[-1] == 0
    assert np.abs(np.diff(sound)).max() < 0.02


def test_the_payload_sounds_like_the_sound() -> None:
    sound = hum(1)
    noise = decode(mu_law(sound), "PCMU") / 32768 - sound
    assert 10 * np.log10(np.mean(sound**2) / np.mean(noise**2)) > 35  # G.711's own noise
