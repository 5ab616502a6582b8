"""
What the caller gets (8 kHz mu-law) is understood by listeners that know nothing of our voices.

The tolerances: PocketSphinx must pick the right one of all our English prompts. Whisper-base
writes down freely; it may get one English word in seven wrong in a prompt (and one in thirty-
three of all), and of Chinese, compared as toneless pinyin, one syllable in seven (one in sixteen
of all); one in any case, for a whisper of four syllables has no context. Announcements that are
put together from clips have little context, so that a third may be wrong there; the digits
themselves are in the test of the whole sentence. A value in clips is English word for word, and in
Chinese one syllable in seven may be wrong: benchmarks.bench_values says how often it is.

To listen to all prompts takes minutes (``make intelligibility``); ``make test`` listens to a
twelfth of them, another one every week.
"""

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from cti_server.speech import phrases, saying
from cti_server.speech.announcements import Announcements
from cti_server.speech.cache import SHIPPED, Cache
from cti_server.speech.chinese_numbers import spell
from cti_server.speech.library import SHIPPED_VOICES, PromptLibrary
from cti_server.speech.rendering import text_key
from cti_server.speech.shipped import FLOWS
from cti_server.speech.tts import voice_for
from ivr.flow import load
from ivr.texts import SayAs
from tests.sizes import this_weeks

from .recognisers import error_rate, sphinx_choice, syllables, whisper, words
from .values_heard import HINTS, in_words, wrong
from .values_heard import file_of as clip_file

Units = Callable[[str], Sequence[str]]

UNITS: dict[str, Units] = {"en": words, "zh": syllables}
PROMPTS = list(
    dict.fromkeys(
        (source.text, language)
        for path in sorted(FLOWS.glob("*.yaml"))
        for by_language in load(path).prompts.values()
        for language, source in by_language.items()
        if source.text is not None and not source.slots
    )
)
"""Those that are said in one breath, each once."""

_THEIRS = this_weeks(12)
THIS_WEEKS = pytest.param(_THEIRS, id="this week's")
ALL = pytest.param(slice(None), id="all", marks=pytest.mark.intelligibility)


def written_down(language: str) -> list[str]:
    """The prompts that Whisper is to write down: of three in a row the first."""
    return [text for text, spoken in PROMPTS if spoken == language][::3]


def file_of(text: str, language: str) -> Path:
    file = Cache(SHIPPED).find(text_key(text, language, voice_for(SHIPPED_VOICES, language)))
    assert file, f"not rendered: {text}"
    return file


def heard(files: Sequence[Path], said: str, language: str) -> float:
    """The error rate of what Whisper writes down."""
    units = UNITS[language]
    return error_rate(units(said), units(whisper(files, language)))


def misheard(said: Sequence[str], language: str) -> dict[str, int]:
    """The words of each that Whisper gets wrong; nowhere are they too many."""
    lengths = {text: len(UNITS[language](text)) for text in said}
    errors = {
        text: round(lengths[text] * heard([file_of(text, language)], text, language))
        for text in said
    }
    assert not {text: errors[text] for text in said if errors[text] > max(1, lengths[text] / 7)}
    return errors


@pytest.mark.parametrize("part", [THIS_WEEKS, ALL])
def test_each_english_prompt_is_told_from_all_the_others(part: slice) -> None:
    english = [text for text, language in PROMPTS if language == "en"]
    sentences = [re.sub(r"[^a-z' ]+", " ", text.lower().replace("-", " ")) for text in english]

    for text, sentence in list(zip(english, sentences, strict=True))[part]:
        choice = sphinx_choice([file_of(text, "en")], sentences)
        assert error_rate(sentence.split(), choice.split()) <= 0.1, choice  # a swallowed "it"


@pytest.mark.interop
@pytest.mark.parametrize("language", UNITS)
def test_this_weeks_prompts_are_understood_word_by_word(language: str) -> None:
    said = written_down(language)[_THEIRS]
    assert said
    misheard(said, language)


@pytest.mark.interop
@pytest.mark.intelligibility
@pytest.mark.parametrize(("language", "overall"), [("en", 0.03), ("zh", 0.06)])
def test_the_flows_prompts_are_understood_word_by_word(language: str, overall: float) -> None:
    said = written_down(language)

    errors = misheard(said, language)

    assert sum(errors.values()) <= overall * sum(len(UNITS[language](text)) for text in said), (
        errors
    )


@pytest.mark.interop
@pytest.mark.parametrize(
    ("clips", "language"),
    [
        (phrases.agent("8026", "en"), "en"),
        (phrases.place(36, "en"), "en"),
        (phrases.busy("en"), "en"),
        (phrases.agent("8026", "zh"), "zh"),
        (phrases.place(4, "zh"), "zh"),
        (phrases.place(13, "zh"), "zh"),
        (phrases.busy("zh"), "zh"),
    ][this_weeks(3)],
)
def test_announcements_made_of_clips_are_understood(clips: list[str], language: str) -> None:
    files = [file_of(clip, language) for clip in clips]
    assert heard(files, " ".join(clips), language) <= 1 / 3


@pytest.mark.interop
@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Your balance is $1,234.56. Your order will arrive on Monday.", "en"),
        ("尾号8026的账户余额是1234.56元,预计星期一到账。", "zh"),
    ],
)
async def test_what_is_spoken_on_the_spot_is_understood(
    library: PromptLibrary, text: str, language: str
) -> None:
    written = whisper([await library.render(text, language)], language)

    assert re.search(r"1,?234(\.56|元5.?6|.5.?6)", written), written
    assert ("monday" if language == "en" else "xing qi yi") in " ".join(UNITS[language](written))


@pytest.mark.interop
async def test_the_digits_of_a_known_agent_are_understood(announcements: Announcements) -> None:
    await announcements.rehearse(["8026"])

    chinese = whisper(announcements.agent("8026", "zh"), "zh")
    english = whisper(announcements.agent("8026", "en"), "en")

    assert "8026" in re.sub(r"[\s,-]", "", english)
    assert "ba ling er liu" in " ".join(
        syllables(re.sub(r"\d", lambda digit: spell(digit[0]), chinese))
    )


@pytest.mark.interop
@pytest.mark.parametrize(
    ("value", "say_as", "language"),
    [
        ("1234.56 USD", SayAs.MONEY, "en"),
        ("5400", SayAs.DURATION, "en"),
        ("36080", SayAs.NUMBER, "zh"),
        ("1234.5", SayAs.MONEY, "zh"),
        ("2026-11-22", SayAs.DATE, "zh"),
    ][this_weeks(3)],
)
def test_values_joined_from_clips_are_understood(value: str, say_as: SayAs, language: str) -> None:
    clips = saying.clips(value, say_as, language)
    written = whisper([clip_file(clip, language) for clip in clips], language, HINTS[language])
    assert wrong(in_words(clips), written, language) <= (0 if language == "en" else 1 / 7), written
