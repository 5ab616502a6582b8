from pathlib import Path

import numpy as np
import pytest

import cti_server.speech
from cti_server.media.concealment import Concealment, shortened
from cti_server.media.g711 import decode
from tests.media.tones import Samples, biggest_step, in_frames, loudness, tone

PITCHES = [80, 100, 125, 180, 230, 440, 1000]


def voice(pitch: float, seconds: float = 0.6) -> Samples:
    """A buzz of five harmonics, as a vowel has them."""
    parts = [tone(pitch * n, seconds, level=4000 / n).astype(int) for n in range(1, 6)]
    buzz: Samples = np.sum(parts, axis=0).astype(np.int16)
    return buzz


def with_losses(samples: Samples, lost: set[int]) -> Samples:
    """Frame by frame, these of them not there."""
    concealment = Concealment()
    return np.concatenate(
        [
            concealment.conceal(160) if number in lost else concealment.heard(frame)
            for number, frame in enumerate(in_frames(samples))
        ]
    )


def test_what_is_not_lost_is_not_touched() -> None:
    samples = voice(120)

    assert np.array_equal(with_losses(samples, set()), samples)


@pytest.mark.parametrize("pitch", PITCHES)
@pytest.mark.parametrize("lost", [{10}, {10, 11}, {10, 15, 20}, {8, 9, 10}])
def test_no_click_is_heard_where_a_loss_begins_or_ends(pitch: int, lost: set[int]) -> None:
    for samples in (tone(pitch, 0.6), voice(pitch)):
        heard = with_losses(samples, lost)

        assert biggest_step(heard) <= 1.35 * biggest_step(samples)


@pytest.mark.parametrize("pitch", PITCHES)
def test_a_click_has_no_place_in_the_spectrum_either(pitch: int) -> None:
    """A click is wide: above a tone's own frequency hardly anything may appear."""
    samples = tone(pitch, 0.6)
    heard = with_losses(samples, {10})[9 * 160 : 13 * 160]
    power = np.abs(np.fft.rfft(heard * np.blackman(len(heard)))) ** 2
    above = power[round((pitch + 700) * len(heard) / 8000) :].sum()

    assert 10 * np.log10(above / power.sum()) < -30


@pytest.mark.parametrize("pitch", [80, 100, 125, 180])
def test_one_lost_frame_of_a_vowel_is_nearly_what_was_lost(pitch: int) -> None:
    samples = voice(pitch)

    heard = with_losses(samples, {12})

    error = heard[12 * 160 : 13 * 160].astype(int) - samples[12 * 160 : 13 * 160]
    assert loudness(error.astype(np.int16)) < 0.35 * loudness(samples)


def test_a_long_loss_fades_and_is_silent_after_60_ms() -> None:
    heard = in_frames(with_losses(voice(120), {10, 11, 12, 13, 14}))

    levels = [loudness(heard[number]) for number in range(9, 15)]
    assert levels[0] > levels[1] > levels[2] > levels[3] > 0
    assert levels[4:] == [0.0, 0.0]


def test_before_anything_was_heard_a_loss_is_silent() -> None:
    assert not Concealment().conceal(160).any()


def test_a_loss_after_the_very_first_packet_does_not_click() -> None:
    samples = tone(200, 0.1)

    assert biggest_step(with_losses(samples, {1})) <= 1.5 * biggest_step(samples)


def test_what_follows_a_cut_is_led_into() -> None:
    samples = tone(300, 0.4)
    concealment = Concealment()
    before = [concealment.heard(frame) for frame in in_frames(samples[:1600])]
    concealment.cut()
    after = [concealment.heard(frame) for frame in in_frames(samples[1607:])]  # a quarter wave on

    assert biggest_step(np.concatenate(before + after)) <= 1.35 * biggest_step(samples)
    hard = np.concatenate((samples[:1600], samples[1607:]))
    assert biggest_step(hard) > 1.35 * biggest_step(samples)


@pytest.mark.parametrize("pitch", PITCHES)
def test_a_pitch_period_is_taken_out_unheard(pitch: int) -> None:
    samples = voice(pitch, 0.1)[:320]

    shorter = shortened(samples)

    assert 40 <= len(samples) - len(shorter) <= 120
    assert biggest_step(shorter) <= 1.1 * biggest_step(samples)
    assert loudness(shorter) == pytest.approx(loudness(samples), rel=0.1)
    assert shorter[0] == pytest.approx(samples[0], abs=biggest_step(samples))
    assert np.array_equal(shorter[-80:], samples[-80:])


def test_nothing_is_taken_out_of_loud_noise_but_of_silence_it_is() -> None:
    noise = np.random.default_rng(5).normal(0, 3000, 320).astype(np.int16)

    assert np.array_equal(shortened(noise), noise)
    assert len(shortened(np.zeros(320, np.int16))) < 320
    assert len(shortened(noise // 100)) < 320
    assert len(shortened(noise[:200])) == 200


def prompts() -> Samples:
    """Shipped speech, in whole frames: two minutes of two languages."""
    files = sorted((Path(cti_server.speech.__file__).parent / "rendered").glob("*.ulaw"))[::16]
    samples = np.concatenate([decode(file.read_bytes(), "PCMU") for file in files])
    whole: Samples = samples[: len(samples) // 160 * 160]
    return whole


def closeness(made: Samples, said: Samples, lost: set[int]) -> float:
    """The signal over what is wrong about it, in dB, over those lost frames that were loud."""
    ratios = []
    for number in lost:
        frame = said[number * 160 : (number + 1) * 160].astype(float)
        wrong = made[number * 160 : (number + 1) * 160] - frame
        if loudness(said[number * 160 : (number + 1) * 160]) > 200:
            ratios.append(10 * np.log10((frame**2).sum() / ((wrong**2).sum() + 1)))
    return float(np.mean(ratios))


def test_of_speech_more_is_saved_than_by_silence_or_by_playing_the_last_frame_again() -> None:
    """At 10 % of loss, over three patterns of it."""
    speech = prompts()
    frames = in_frames(speech)
    saved, repeated = [], []
    for seed in range(3):
        chance = np.random.default_rng(seed).random(len(frames))
        lost = {number for number in range(5, len(frames)) if chance[number] < 0.1}
        again = list(frames)
        for number in sorted(lost):
            again[number] = again[number - 1]
        saved.append(closeness(with_losses(speech, lost), speech, lost))
        repeated.append(closeness(np.concatenate(again), speech, lost))

    assert np.mean(saved) > 0.1  # silence is 0 dB
    assert np.mean(saved) > np.mean(repeated) + 2.5
