"""Both engines, on real sound at telephone bandwidth. How often they err: benchmarks."""

import numpy as np
import pytest

from cti_server.media.g711 import encode
from cti_server.speech_recognition.recogniser import Utterance
from cti_server.speech_recognition.sphinx import SphinxEar
from cti_server.speech_recognition.whisper import WhisperEar
from ivr.vocabulary import Vocabulary

from .said import CHINESE, ENGLISH, samples, utterance


def test_pocketsphinx_understands_english_and_is_not_sure_of_anything_else() -> None:
    ear = SphinxEar()

    meant, other = (ear.hear(utterance(name), ENGLISH) for name in ("en-support", "en-weather"))

    assert meant is not None
    assert (meant.label, meant.sure) == ("support", True)
    assert other is None or not other.sure


@pytest.mark.parametrize(
    ("name", "vocabulary", "label"),
    [
        ("zh-bill", CHINESE, "bill"),
        ("zh-password", CHINESE, None),
        ("en-support", ENGLISH, "support"),
        ("en-weather", ENGLISH, None),
    ],
)
def test_whisper_understands_what_is_in_the_menu_and_nothing_else(
    name: str, vocabulary: Vocabulary, label: str | None
) -> None:
    heard = WhisperEar().hear(utterance(name), vocabulary)

    assert (heard and (heard.label, heard.sure)) == (label and (label, True))


def test_noise_and_the_a_law_are_no_hindrance() -> None:
    said = samples("en-support").astype(np.float64)
    loud = float(np.sqrt(np.mean(said[np.abs(said) > 200] ** 2)))
    noise = np.random.default_rng(1).normal(0, loud / 10 ** (15 / 20), len(said))  # 15 dB below
    sound = encode(np.clip(said + noise, -32768, 32767).astype(np.int16), "PCMA")

    heard = WhisperEar().hear(Utterance(sound, "PCMA"), ENGLISH)

    assert heard is not None
    assert heard.label == "support"
