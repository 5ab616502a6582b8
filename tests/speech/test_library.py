"""Rendering once, in other processes, for everybody who asks."""

import asyncio
import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Event

import pytest

from cti_server.media.g711 import decode
from cti_server.speech.errors import (
    RenderFailed,
    SoundInvalid,
    TextUnspeakable,
    VoiceMissing,
)
from cti_server.speech.library import PromptLibrary
from cti_server.speech.tts import Samples
from tests.fakes.voice import HummingVoice

from .wavs import A_LAW, wav


@pytest.fixture
def jobs() -> Iterator[Executor]:
    with ThreadPoolExecutor(4) as executor:
        yield executor


@pytest.fixture
def voice() -> HummingVoice:
    return HummingVoice()


@pytest.fixture
def library(tmp_path: Path, jobs: Executor, voice: HummingVoice) -> PromptLibrary:
    return PromptLibrary(tmp_path / "cache", [voice], jobs=jobs)


async def test_a_text_becomes_frames_of_mu_law(library: PromptLibrary) -> None:
    assert library.cached("Good morning.", "en") is None
    path = await library.render("Good morning.", "en")

    assert path.suffix == ".ulaw"
    assert path.stat().st_size % 160 == 0
    assert path.stat().st_size / 8000 == pytest.approx(13 * 0.05, abs=0.05)
    assert library.cached("Good morning.", "en") == path


def files_in(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*"))


async def test_what_concerns_one_customer_is_on_no_disk_and_gone_when_it_was_said(
    library: PromptLibrary, voice: HummingVoice, tmp_path: Path
) -> None:
    kept = await library.render("Good morning.", "en")
    before = files_in(tmp_path)
    async with library.spoken("Good morning.", "en-GB") as path:
        said = path.read_bytes()
        assert files_in(tmp_path) == before
        assert path.stat().st_nlink == 0  # no folder has it

    assert said == kept.read_bytes()
    assert voice.said == 2 * ["Good morning."]
    assert not path.exists()
    with pytest.raises(VoiceMissing):
        async with library.spoken("Bonjour", "fr"):
            pass


async def test_many_who_ask_at_once_share_one_rendering(
    library: PromptLibrary, voice: HummingVoice
) -> None:
    paths = await asyncio.gather(*(library.render("Hold the line.", "en-GB") for _ in range(50)))

    assert len(set(paths)) == 1
    assert voice.said == ["Hold the line."]
    await library.render("Hold the line.", "en")
    assert voice.said == ["Hold the line."]


async def test_two_servers_on_one_folder_find_each_others_prompts(
    library: PromptLibrary, voice: HummingVoice, tmp_path: Path, jobs: Executor
) -> None:
    path = await library.render("Hold the line.", "en")
    assert (
        await PromptLibrary(tmp_path / "cache", [voice], jobs=jobs).render("Hold the line.", "en")
        == path
    )
    assert voice.said == ["Hold the line."]


async def test_a_damaged_prompt_is_healed(library: PromptLibrary, voice: HummingVoice) -> None:
    path = await library.render("Hold the line.", "en")
    whole = path.read_bytes()
    path.write_bytes(whole[:100])

    assert await library.render("Hold the line.", "en") == path
    assert path.read_bytes() == whole
    assert len(voice.said) == 2


@dataclass
class _PatientVoice(HummingVoice):
    """Speaks when it is told to."""

    def __post_init__(self) -> None:
        self.may_speak = Event()

    def synthesize(self, text: str, language: str) -> tuple[Samples, int]:
        assert self.may_speak.wait(10)
        return super().synthesize(text, language)


async def test_who_leaves_does_not_take_the_rendering_away_from_the_others(
    tmp_path: Path, jobs: Executor
) -> None:
    voice = _PatientVoice()
    library = PromptLibrary(tmp_path, [voice], jobs=jobs)
    first = asyncio.create_task(library.render("Please hold.", "en"))
    second = asyncio.create_task(library.render("Please hold.", "en"))
    await asyncio.wait([first], timeout=0.01)
    first.cancel()
    voice.may_speak.set()

    assert (await second).is_file()
    assert first.cancelled()
    assert len(voice.said) == 1


async def test_a_language_without_a_voice_is_an_error_that_says_so(library: PromptLibrary) -> None:
    with pytest.raises(VoiceMissing, match=r"no voice speaks 'fr' .*en, zh"):
        await library.render("Bonjour", "fr")


@pytest.mark.parametrize("text", ["", "   \n", "x" * 5001])
async def test_an_empty_or_endless_text_is_refused(library: PromptLibrary, text: str) -> None:
    with pytest.raises(TextUnspeakable):
        await library.render(text, "en")


async def test_a_voice_that_says_nothing_is_an_error_and_not_silence(
    tmp_path: Path, jobs: Executor
) -> None:
    class Mute(HummingVoice):
        def synthesize(self, text: str, language: str) -> tuple[Samples, int]:
            samples, rate = super().synthesize(text, language)
            return samples * 0, rate

    with pytest.raises(TextUnspeakable, match="said nothing"):
        await PromptLibrary(tmp_path, [Mute()], jobs=jobs).render("Hello", "en")


async def test_an_error_is_not_remembered(library: PromptLibrary, tmp_path: Path) -> None:
    file = tmp_path / "later.wav"
    with pytest.raises(SoundInvalid, match="cannot be read"):
        await library.import_wav(file)
    file.write_bytes(wav())
    assert await library.import_wav(file)


async def test_a_folder_that_cannot_be_written_is_a_clear_error(
    tmp_path: Path, voice: HummingVoice, jobs: Executor
) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(RenderFailed, match="cannot be written"):
        await PromptLibrary(tmp_path / "file" / "cache", [voice], jobs=jobs).render("Hello", "en")


@pytest.mark.parametrize("file", [wav(rate=44100, channels=2), wav(A_LAW, 8), wav(bits=24)])
async def test_a_recording_is_converted_and_kept(
    library: PromptLibrary, tmp_path: Path, file: bytes
) -> None:
    path = tmp_path / "welcome.wav"
    path.write_bytes(file)

    rendered = await library.import_wav(path)

    assert rendered.stat().st_size == 4000
    assert await library.import_wav(path) == rendered
    path.write_bytes(wav(seconds=1))
    assert (await library.import_wav(path)).stat().st_size == 8000


async def test_a_file_that_is_no_recording_is_named_in_the_error(
    library: PromptLibrary, tmp_path: Path
) -> None:
    path = tmp_path / "welcome.wav"
    path.write_bytes(b"hello")
    with pytest.raises(SoundInvalid, match=r"welcome\.wav: this is not a WAV file"):
        await library.import_wav(path)


async def test_levels_of_speech_and_recordings_match(
    library: PromptLibrary, tmp_path: Path
) -> None:
    path = tmp_path / "welcome.wav"
    path.write_bytes(wav())
    for file in (await library.render("Hello there.", "en"), await library.import_wav(path)):
        samples = decode(file.read_bytes(), "PCMU") / 32768
        assert 0.08 < (samples**2).mean() ** 0.5 < 0.11


async def test_digits_are_spelled_by_clips(library: PromptLibrary, voice: HummingVoice) -> None:
    files = await library.spell_digits("8026", "zh-CN")

    assert voice.said.sort() is None
    assert sorted(voice.said) == sorted(["八零，", "二六，"])
    assert [file.is_file() for file in files] == [True, True]
    assert await library.spell_digits("", "en") == []


@dataclass
class _DyingVoice(HummingVoice):
    def synthesize(self, text: str, language: str) -> tuple[Samples, int]:
        os._exit(1)


@dataclass
class _AbsentVoice(HummingVoice):
    def synthesize(self, text: str, language: str) -> tuple[Samples, int]:
        raise VoiceMissing("pip install it")


async def test_errors_come_back_from_a_job_process(tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn) as processes:
        library = PromptLibrary(tmp_path, [_AbsentVoice()], jobs=processes)
        with pytest.raises(VoiceMissing, match="pip install it"):
            await library.render("Hello", "en")
        library = PromptLibrary(tmp_path, [HummingVoice()], jobs=processes)
        assert (await library.render("Hello", "en")).is_file()
        library = PromptLibrary(tmp_path, [_DyingVoice()], jobs=processes)
        with pytest.raises(RenderFailed, match="died"):
            await library.render("Goodbye", "en")
