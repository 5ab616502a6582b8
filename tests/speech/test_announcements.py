"""Announcements in the middle of a call: files that are there."""

from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path

import pytest

from cti_server.speech import phrases
from cti_server.speech.announcements import Announcements
from cti_server.speech.errors import VoiceMissing
from cti_server.speech.library import PromptLibrary
from tests.fakes.voice import HummingVoice


@pytest.fixture(scope="module")
def jobs() -> Iterator[Executor]:
    with ThreadPoolExecutor(2) as executor:
        yield executor


@pytest.fixture
def library(tmp_path: Path, jobs: Executor) -> PromptLibrary:
    return PromptLibrary(tmp_path, [HummingVoice()], jobs=jobs)


async def test_an_announcement_is_its_clips_in_order(library: PromptLibrary) -> None:
    announcements = await Announcements.prepare(library, ["en-GB"])

    for said, clips in (
        (announcements.agent("8026", "en"), phrases.agent("8026", "en")),
        (announcements.position(42, "en-US"), phrases.place(42, "en")),
        (announcements.busy("en"), phrases.busy("en")),
        (announcements.spelled("A1", "en"), phrases.spelled("A1", "en")),
    ):
        assert said == [library.cached(clip, "en") for clip in clips]
    assert announcements.agent("--", "en") == []
    assert announcements.position(0, "en") == announcements.position(1, "en")


async def test_a_language_that_was_not_prepared_is_answered_in_the_first_one(
    library: PromptLibrary,
) -> None:
    announcements = await Announcements.prepare(library, ["en"])
    assert announcements.busy("zh") == announcements.busy("en") != []


@pytest.mark.parametrize("languages", [[], ["fr"], ["en", "de"]])
async def test_a_language_without_phrases_is_refused_at_once(
    library: PromptLibrary, languages: list[str]
) -> None:
    with pytest.raises(VoiceMissing, match="there are some for: en, zh"):
        await Announcements.prepare(library, languages)


async def test_agents_known_beforehand_are_announced_in_one_breath(library: PromptLibrary) -> None:
    announcements = await Announcements.prepare(library, ["en"])
    await announcements.rehearse(["8026", "", "--"])

    assert announcements.agent("8026", "en") == [
        library.cached("Agent eight zero two six at your service.", "en")
    ]
    assert len(announcements.agent("8027", "en")) == 6
