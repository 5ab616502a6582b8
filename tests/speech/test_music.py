"""What the telephone plays when nobody speaks."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from cti_server.media.g711 import decode
from cti_server.speech.library import PromptLibrary
from cti_server.speech.music import hold_music, loop
from cti_server.speech.telephone_sound import MUSIC_LEVEL, RATE, active_level
from cti_server.speech.tones import TONES, sounded, tone


def test_the_music_lasts_as_long_as_a_loop_should_and_is_quieter_than_speech() -> None:
    music = loop()

    assert 30 <= len(music) / RATE <= 60
    assert len(music) % 160 == 0
    assert active_level(music) == pytest.approx(MUSIC_LEVEL, abs=1)
    assert np.abs(music).max() < 0.9


def test_the_music_never_stops_and_has_no_seam() -> None:
    music = loop()
    seconds = np.sqrt(np.mean(music.reshape(-1, RATE) ** 2, axis=1))
    steps = np.abs(np.diff(np.concatenate([music, music[:1]])))

    assert seconds.min() > 0.3 * seconds.max()  # calm: no gap and no outburst
    assert steps[-1] <= steps[:-1].max()


def test_the_music_is_music_for_a_telephone() -> None:
    power = np.abs(np.fft.rfft(loop())) ** 2
    frequencies = np.fft.rfftfreq(len(loop()), 1 / RATE)

    assert power[(frequencies > 200) & (frequencies < 3400)].sum() > 0.85 * power.sum()
    # Notes, not noise: a hundredth of the lines carries nearly everything.
    assert np.sort(power)[-len(power) // 100 :].sum() > 0.85 * power.sum()


@pytest.mark.parametrize("name", sorted(TONES))
def test_a_tone_has_its_frequencies_and_its_cadence(name: str) -> None:
    wanted = TONES[name]
    sound = sounded(wanted)
    burst = sound[: int(wanted.cadence[0] * RATE)]
    spectrum = np.abs(np.fft.rfft(burst * np.hanning(len(burst)), RATE))
    loudest = sorted(np.argsort(spectrum)[::-1][:1] if len(wanted.frequencies) == 1 else [
        np.argmax(np.where(np.abs(np.arange(len(spectrum)) - f) < 15, spectrum, 0))
        for f in wanted.frequencies
    ])  # fmt: skip

    assert loudest == pytest.approx(sorted(wanted.frequencies), abs=2)
    assert len(sound) / RATE == pytest.approx(sum(wanted.cadence))
    silent = [n for n, level in enumerate(np.abs(sound.reshape(-1, 80)).max(axis=1)) if level == 0]
    assert len(silent) / 100 == pytest.approx(sum(wanted.cadence[1::2]), abs=0.02)
    assert np.abs(sound).max() < 0.5


async def test_music_and_tones_are_rendered_once(tmp_path: Path) -> None:
    with ThreadPoolExecutor(1) as jobs:
        library = PromptLibrary(tmp_path, jobs=jobs)
        for file in (await hold_music(library), await tone(library, "ringback-cn")):
            assert np.abs(decode(file.read_bytes(), "PCMU").astype(int)).max() > 1000
        stamp = file.stat().st_mtime_ns
        assert (await tone(library, "ringback-cn")).stat().st_mtime_ns == stamp
        with pytest.raises(KeyError):
            await tone(library, "fanfare")
