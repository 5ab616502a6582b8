"""When somebody begins to speak and has done, on real voices. Pure."""

import numpy as np
import pytest

from cti_server.media.end_pointing import EndPointer, Heard
from cti_server.media.g711 import Linear, decode, encode
from cti_server.media.protocol import Codec
from tests.speech_recognition.said import samples

RATE = 8000
BEFORE, AFTER = 1.0, 2.0  # seconds of quiet line


def line(said: Linear, noise: float = 0.0) -> Linear:
    """Somebody speaks after a while, on a line with noise of that amplitude."""
    quiet = [np.zeros(round(seconds * RATE)) for seconds in (BEFORE, AFTER)]
    sound = np.concatenate([quiet[0], said, quiet[1]])
    sound += np.random.default_rng(7).normal(0, noise, len(sound)) if noise else 0
    line: Linear = np.clip(sound, -32768, 32767).astype(np.int16)
    return line


def heard(
    sound: Linear, codec: Codec = "PCMU", *, piece: int = 160, longest_ms: int = 8000
) -> tuple[float | None, float | None, Linear]:
    """Seconds of its beginning and its end, and what was kept."""
    ears, audio = EndPointer(codec, 800, longest_ms), encode(sound, codec)
    began: float | None = None
    for at in range(0, len(audio), piece):
        found = ears.feed(audio[at : at + piece])
        if ears.begun and began is None:
            began = at / RATE
        if found is Heard.ENDED:
            return began, at / RATE, decode(ears.take(), codec)
    return began, None, decode(ears.take(), codec)


@pytest.mark.parametrize("name", ["zh-bill", "zh-password", "en-support", "en-weather"])
@pytest.mark.parametrize(("codec", "piece"), [("PCMU", 160), ("PCMA", 240), ("PCMU", 77)])
def test_speech_begins_with_its_first_sounds_and_ends_with_the_silence_after_it(
    name: str, codec: Codec, piece: int
) -> None:
    said = samples(name)
    began, ended, kept = heard(line(said), codec, piece=piece)

    assert began is not None
    assert ended is not None
    assert BEFORE <= began < BEFORE + 0.35
    assert BEFORE + len(said) / RATE + 0.4 < ended < BEFORE + len(said) / RATE + 0.95
    assert len(said) - RATE // 4 < len(kept) < len(said) + RATE
    assert np.abs(kept.astype(float)).sum() > 0.97 * np.abs(said.astype(float)).sum()


def test_a_noisy_line_is_not_taken_for_speech_and_hides_none() -> None:
    said = samples("en-support")
    loud = float(np.sqrt(np.mean(said[np.abs(said) > 200].astype(float) ** 2)))
    noise = loud / 10 ** (15 / 20)

    assert heard(line(np.zeros(4 * RATE, np.int16), noise))[0] is None
    began, ended, _ = heard(line(said, noise))
    assert began is not None
    assert BEFORE <= began < BEFORE + 0.4
    assert ended is not None


def test_clicks_are_not_speech_and_endless_speech_has_an_end() -> None:
    clicks = np.zeros(4 * RATE, np.int16)
    clicks[:: RATE // 2] = 30000
    endless = np.tile(samples("en-support"), 12)

    assert heard(line(clicks))[0] is None
    began, ended, kept = heard(line(endless), longest_ms=3000)
    assert began is not None
    assert ended is not None
    assert ended - began == pytest.approx(3.0, abs=0.6)
    assert len(kept) <= 3.6 * RATE
