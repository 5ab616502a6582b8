"""
What a text asks for: a service by its keyword, or one of the words that every number knows. Pure.

Capitals, full-width signs, spaces and a full stop make no difference.
"""

import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final, Literal

Language = Literal["zh", "en"]


class Wish(Enum):
    """What can be wanted of any number."""

    STOP = "stop"  # no text any more
    START = "start"  # texts again
    CANCEL = "cancel"  # out of the service
    HELP = "help"  # which keywords there are


@dataclass(frozen=True, slots=True)
class Asked:
    """One of those words, and the language that it is of."""

    wish: Wish
    language: Language


@dataclass(frozen=True, slots=True)
class Wanted:
    """A keyword, as the number's own list has it."""

    keyword: str


_WORDS: Final[Mapping[Wish, Mapping[Language, Collection[str]]]] = {
    Wish.STOP: {"zh": ("退订", "退訂", "td"), "en": ("stop", "stopall", "unsubscribe")},
    Wish.START: {"zh": ("恢复", "恢復"), "en": ("start", "unstop")},
    Wish.CANCEL: {"zh": ("取消",), "en": ("cancel",)},
    Wish.HELP: {"zh": ("帮助", "幫助"), "en": ("help", "?")},
}
_ASKED: Final = {
    word: Asked(wish, language)
    for wish, by_language in _WORDS.items()
    for language, words in by_language.items()
    for word in words
}
_AROUND: Final = " .。!,;:\"'「」“”‘’()【】[]"


def read(text: str, keywords: Collection[str]) -> Asked | Wanted | None:
    """None where it is neither: an answer, or nothing that we know."""
    word = plain(text)
    if (asked := _ASKED.get(word)) is not None:
        return asked
    return next((Wanted(each) for each in keywords if plain(each) == word), None)


def faults(keywords: Collection[str]) -> Iterator[tuple[str, str]]:
    """The keywords that cannot be, each with the rule."""
    seen: set[str] = set()
    for keyword in keywords:
        word = plain(keyword)
        if not word:
            yield keyword, "has no letter or digit"
        elif word in _ASKED:
            yield keyword, f"means {_ASKED[word].wish.value} on every number"
        elif word in seen:
            yield keyword, "is there twice, but for capitals and the like"
        seen.add(word)


def language_of(text: str, otherwise: Language) -> Language:
    """Who writes in Chinese characters reads them."""
    return "zh" if any("\u4e00" <= sign <= "\u9fff" for sign in text) else otherwise


def plain(text: str) -> str:
    word = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(word.split()).strip(_AROUND)
