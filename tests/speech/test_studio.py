"""The studio's recordings: checked, edited, and heard in place of the voice."""

import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import structlog

from cti_server.media.g711 import decode
from cti_server.speech import phrases
from cti_server.speech.announcements import Announcements
from cti_server.speech.errors import SoundInvalid
from cti_server.speech.library import PromptLibrary
from cti_server.speech.studio import Studio, recording_id
from cti_server.speech.studio_editing import LONGEST, edited
from cti_server.speech.telephone_sound import SPEECH_LEVEL, active_level
from tests.fakes.voice import HummingVoice

from .wavs import A_LAW, FLOAT, PCM, chunk, format_of, riff, samples, tone, wav

GREETING = "Good morning."
NAME = recording_id(GREETING, "en")


def recorded(sound: npt.NDArray[np.float64], rate: int = 44100) -> bytes:
    """As a studio delivers it: 24 bits, mono."""
    return riff(
        chunk(b"fmt ", format_of(PCM, 1, rate, 24)), chunk(b"data", samples(sound, PCM, 24))
    )


def around(sound: npt.NDArray[np.float64], seconds: float, rate: int = 44100) -> bytes:
    silence = np.zeros(int(seconds * rate))
    return recorded(np.concatenate([silence, sound, silence]), rate)


def sound_of(prompt: bytes) -> npt.NDArray[np.float64]:
    return decode(prompt, "PCMU") / 32768.0


@pytest.mark.parametrize(
    "delivered",
    [
        wav(PCM, 24, 2, 48000),
        wav(FLOAT, 32, 1, 96000),
        wav(A_LAW, 8, 1, 8000),
        recorded(0.02 * tone(44100)),
    ],
)
def test_any_rate_and_loudness_becomes_a_prompt_as_loud_as_the_others(delivered: bytes) -> None:
    prompt = edited(delivered)

    assert len(prompt) % 160 == 0
    assert len(prompt) / 8000 == pytest.approx(0.5, abs=0.03)
    assert active_level(sound_of(prompt)) == pytest.approx(SPEECH_LEVEL, abs=0.5)


def test_silence_around_the_words_is_cut_to_a_margin_and_the_edges_do_not_click() -> None:
    prompt = edited(around(tone(44100), seconds=3))

    assert len(prompt) / 8000 == pytest.approx(0.05 + 0.5 + 0.1, abs=0.03)
    edges = np.abs(sound_of(prompt))[[0, 1, -2, -1]]
    assert edges.max() < 0.001
    begins_at_once = np.abs(sound_of(edited(recorded(tone(44100)))))
    assert begins_at_once[:8].max() < 0.02 < begins_at_once[80:400].max()


@pytest.mark.parametrize(
    ("delivered", "wrong"),
    [
        (b"ID3\x04 an MP3 file", "not a WAV file"),
        (b"", "not a WAV file"),
        (wav()[:44], "no sound in it"),
        (wav(rate=4000, seconds=LONGEST + 1), f"121 seconds .at most {LONGEST}"),
        (around(np.zeros(8000), 1), "silent"),
        (recorded(0.005 * tone(44100)), "silent"),
        (around(tone(44100)[:2000], 1), "a click"),
    ],
)
def test_what_cannot_be_a_prompt_is_refused_with_the_reason(delivered: bytes, wrong: str) -> None:
    with pytest.raises(SoundInvalid, match=wrong):
        edited(delivered)


def test_what_the_editing_library_warns_of_reaches_nobody() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert edited(wav())


@pytest.fixture
def jobs() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as jobs:
        yield jobs


def library(folder: Path, jobs: ThreadPoolExecutor, voice: str = "humming/1") -> PromptLibrary:
    """As a server has it after a start."""
    studio = Studio(folder / "studio")
    return PromptLibrary(folder / "cache", [HummingVoice(voice)], jobs=jobs, studio=studio)


async def test_a_recording_is_heard_until_it_is_withdrawn_also_after_a_restart_and_in_a_new_voice(
    tmp_path: Path, jobs: ThreadPoolExecutor
) -> None:
    before = library(tmp_path, jobs)
    rendered = await before.render(GREETING, "en")
    other = await before.render(GREETING, "zh")
    assert before.studio.heard(rendered) == rendered
    before.studio.keep(NAME, await before.edited(wav()))
    heard = before.studio.heard(rendered)
    assert heard.read_bytes() == edited(wav())
    assert before.studio.heard(other) == other

    after = library(tmp_path, jobs, voice="humming/2")
    new_voice = await after.render("Good \n morning.", "en-GB")
    assert new_voice != rendered
    assert after.studio.heard(new_voice) == heard

    after.studio.withdraw(NAME)
    assert after.studio.heard(new_voice) == new_voice
    assert heard.is_file()  # a call may be about to play it
    again = library(tmp_path, jobs)
    assert again.studio.heard(await again.render(GREETING, "en")) == rendered


async def test_a_damaged_recording_is_told_and_the_voice_is_heard(
    tmp_path: Path, jobs: ThreadPoolExecutor
) -> None:
    Studio(tmp_path / "studio").keep(NAME, edited(wav()))
    (tmp_path / "studio" / f"{NAME}.ulaw").write_bytes(b"half of it")

    with structlog.testing.capture_logs() as logs:
        found = library(tmp_path, jobs)

    rendered = await found.render(GREETING, "en")
    assert found.studio.heard(rendered) == rendered
    assert [(log["event"], log["recording"]) for log in logs] == [
        ("studio.recording_damaged", NAME)
    ]


async def test_an_agents_number_in_a_persons_words_goes_before_the_voices_one_breath(
    tmp_path: Path, jobs: ThreadPoolExecutor
) -> None:
    found = library(tmp_path, jobs)
    announcements = await Announcements.prepare(found, ["en"])
    await announcements.rehearse(["80"])
    clips = phrases.agent("80", "en")
    for clip in clips[:-1]:
        found.studio.keep(recording_id(clip, "en"), edited(wav()))
    assert len(announcements.agent("80", "en")) == 1

    found.studio.keep(recording_id(clips[-1], "en"), edited(wav()))

    assert len(announcements.agent("80", "en")) == len(clips)
