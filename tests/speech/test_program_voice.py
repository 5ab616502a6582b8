"""A voice that the operator brings along, as a program."""

import sys
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from config.settings import SpeechSettings
from cti_server.speech.errors import RenderFailed, SpeechError, TextUnspeakable, VoiceMissing
from cti_server.speech.library import SHIPPED_VOICES
from cti_server.speech.program_voice import ProgramVoice
from cti_server.speech.tts import voice_for

from .wavs import wav


def voice(*program: str, version: str = "") -> ProgramVoice:
    return ProgramVoice("de", program, version)


def test_what_the_program_writes_is_the_voice(tmp_path: Path) -> None:
    file = tmp_path / "said.wav"
    file.write_bytes(wav(rate=22050, seconds=0.3))

    samples, rate = voice("cat", str(file)).synthesize("Tag.", "de")

    assert samples.dtype == np.int16
    assert (rate, round(len(samples) / rate, 2)) == (22050, 0.3)


def test_the_text_comes_as_it_is_and_is_no_shell_s() -> None:
    text = "Straße $(id) 'ü';"
    told = "import sys; sys.exit(sys.stdin.buffer.read().decode())"

    with pytest.raises(RenderFailed) as failed:
        voice(sys.executable, "-X", "utf8", "-c", told).synthesize(text, "de")

    assert str(failed.value).endswith(f"ended with 1: {text}")


@pytest.mark.parametrize(
    ("program", "text", "refused", "told"),
    [
        (("/no/such/program",), "Tag.", VoiceMissing, "/no/such/program cannot be run: No such"),
        (("echo", "RIFF"), "Tag.", RenderFailed, "echo: this is not a WAV file"),
        (("true",), "Tag.", RenderFailed, "true: this is not a WAV file"),
        (("false",), "Tag.", RenderFailed, "false ended with 1"),
        (("false",), "…", TextUnspeakable, "nothing to say"),
    ],
)
def test_what_goes_wrong_is_told(
    program: tuple[str, ...], text: str, refused: type[SpeechError], told: str
) -> None:
    with pytest.raises(refused, match=told):
        voice(*program).synthesize(text, "de")


def test_another_program_or_version_has_other_sounds_and_comes_before_what_is_shipped() -> None:
    voices = [voice("a"), voice("b"), voice("a", "b"), voice("a", version="2")]
    assert len({each.id for each in voices}) == 4

    mine = ProgramVoice("en", ("a",))
    assert voice_for((mine, *SHIPPED_VOICES), "en-US") is mine


@pytest.mark.parametrize(
    "voices", [{"de": {"program": []}}, {"German": {"program": ["a"]}}, {"de": {"command": ["a"]}}]
)
def test_a_voice_that_could_not_speak_is_refused_in_the_configuration(
    voices: dict[str, object],
) -> None:
    with pytest.raises(ValidationError, match="voices"):
        SpeechSettings.model_validate({"voices": voices})
