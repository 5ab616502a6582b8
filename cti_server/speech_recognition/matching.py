"""
Which of the phrases a transcript holds. Pure.

Chinese is compared by its syllables without tones: homophones are the writer's problem, not the
caller's. English is compared by its words.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from pypinyin import lazy_pinyin
from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from cti_server.speech.chinese_numbers import write_out
from cti_server.speech.tts import primary
from ivr.vocabulary import Vocabulary

WRONG_SYLLABLES: Final = 0.34
"""Of a phrase, as a fraction, where it is asked about."""
ALIKE: Final = 80.0
"""Per cent of an English phrase's letters that are there, where it is asked about."""
LONG_ENOUGH: Final = 0.7
"""Of a phrase, to be likened to it at all."""

MOST_AROUND_ONE: Final = 2
"""Syllables or words, if a phrase is only one: it is in many a sentence that means another."""

_DIGITS: Final = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def units(text: str, language: str) -> list[str]:
    """Syllables or words, in order; figures are read as they are said."""
    return _syllables(text) if primary(language) == "zh" else _words(text)


def matched(text: str, vocabulary: Vocabulary) -> tuple[str, bool] | None:
    """
    The label of the phrase in the text, and whether it is there as it should be.

    None where there is none, or there are several: whoever says the menu means nothing of it.
    """
    said = units(text, vocabulary.language)
    wanted = [(label, units(one, vocabulary.language)) for label, one in vocabulary.phrases]
    places = [
        (at, at + len(one), label)
        for label, one in wanted
        if one and (len(one) > 1 or len(said) <= MOST_AROUND_ONE)
        for at in _places(one, said)
    ]
    if whole := {label for *span, label in places if not _within_another(span, places)}:
        return (whole.pop(), True) if len(whole) == 1 else None
    if primary(vocabulary.language) == "zh":
        far = [(_wrong(one, said), label) for label, one in wanted if len(one) > 1]
        near = [each for each in far if each[0] <= WRONG_SYLLABLES]
    else:
        alike = [(-_alike(" ".join(one), " ".join(said)), label) for label, one in wanted]
        near = [each for each in alike if each[0] <= -ALIKE]
    nearest = {label for distance, label in near if distance == min(near)[0]}
    return (nearest.pop(), False) if len(nearest) == 1 else None


def _syllables(text: str) -> list[str]:
    written = write_out(re.sub(r"(?<=\d)[, ](?=\d)", "", text))
    chinese = "".join(re.findall(r"[一-鿿]", written))
    return [syllable.replace("yao", "yi") for syllable in lazy_pinyin(chinese)]


def _words(text: str) -> list[str]:
    spelled = re.sub(r"\d", lambda digit: f" {_DIGITS[int(digit[0])]} ", text)
    return re.findall(r"[a-z']+", spelled.lower())


def _places(phrase: Sequence[str], said: Sequence[str]) -> Iterator[int]:
    size = len(phrase)
    return (at for at in range(len(said) - size + 1) if said[at : at + size] == phrase)


def _within_another(span: Sequence[int], places: Sequence[tuple[int, int, str]]) -> bool:
    first, last = span
    return any(
        start <= first and last <= end and end - start > last - first for start, end, _ in places
    )


def _wrong(phrase: Sequence[str], said: Sequence[str]) -> float:
    """Of the phrase, against what comes nearest to it in what was said."""
    pieces = [
        said[at : at + size]
        for size in range(max(1, len(phrase) - 1), len(phrase) + 2)
        for at in range(max(1, len(said) - size + 1))
    ]
    return min(Levenshtein.distance(phrase, piece) for piece in pieces) / len(phrase)


def _alike(phrase: str, said: str) -> float:
    if not phrase or len(said) < LONG_ENOUGH * len(phrase):
        return 0.0
    return fuzz.partial_ratio(phrase, said)
