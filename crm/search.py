"""
How customers are found by what somebody types: by name, number, sound, and any field.

Pure. A customer is stored under *terms*; who types the beginning of one finds the customer. A
name's terms are what it is written like and how it sounds, from each of its characters on, and
its initials; a number's terms are its digits, with the country's and without, and backwards, so
that its last digits are a beginning, too; notes give words.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pypinyin import Style, lazy_pinyin

from . import words as text_words
from .names import syllables, words
from .numbers import Number

LONGEST_TERM = 32  # characters
LONGEST_QUERY = 200
MOST_WORDS = 6  # of a query
FEWEST_DIGITS = 4
"""With fewer of a number too many would be found, and it could be guessed digit by digit."""
FORWARDS, BACKWARDS, NOTED = "^", "#", "~"
"""Begin the terms of numbers from either end, and of words in notes."""
PLAIN = ""
"""The field of terms that everybody may search; others bear the name of their attribute."""

_BEGINNINGS = 12  # characters of a name from which on it can be found
_NOTED = 40  # words of notes; a whole letter is no note
_WHOLE = 9  # digits: with so many a leading 0 is a prefix for dialling
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_DIALLED = re.compile(r"\+?[0-9][0-9\s().\-/]*", re.ASCII)
_NO_DIGITS = re.compile(r"[^0-9]", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Searched:
    """What of a customer can be searched; ``attributes`` are the centre's own fields."""

    name: str
    kind: str = "person"
    numbers: tuple[Number, ...] = ()
    addresses: tuple[str, ...] = ()
    company: str | None = None
    external_id: str | None = None
    tags: tuple[str, ...] = ()
    notes: str | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def terms(self) -> dict[str, str]:
        """Under what the customer is found: terms, with their field (:data:`PLAIN` or a name)."""
        found = {
            term: name
            for name, value in self.attributes.items()
            for term in _of_text(_written(value))
        }
        plain = _of_name(self.name, self.kind)
        for number in self.numbers:
            plain += _of_number(number)
        if self.notes:
            plain += _of_notes(self.notes)
        for text in (self.company, self.external_id, *self.addresses, *self.tags):
            if text:
                plain += _of_text(text)
        found.update(dict.fromkeys(plain, PLAIN))
        return {term: name for term, name in found.items() if term}


@dataclass(frozen=True, slots=True)
class Way:
    """
    One way to answer a query: go through the terms that begin with ``drive``.

    Of those customers the ones are meant who have, for each of ``also``, a term that begins so.
    """

    drive: str
    also: tuple[tuple[str, ...], ...] = ()

    def meets(self, terms: Iterable[str]) -> bool:
        """Whether somebody with these terms is meant."""
        own = tuple(terms)
        return any(term.startswith(self.drive) for term in own) and all(
            any(term.startswith(one) for term in own for one in word) for word in self.also
        )


def ways(query: str) -> list[Way]:
    """How to look for this, the best way first; empty if there is nothing to look for."""
    text = query[:LONGEST_QUERY]
    if _DIALLED.fullmatch(text.strip()):
        return [Way(one) for one in _of_digits(text)]
    found = [_folded(word) for word in words(text)][:MOST_WORDS]
    asked = [tuple(_of_digits(word)) if word.isdecimal() else (word,) for word in found]
    asked = [word for word in asked if word]
    if not asked:
        return []
    together = "".join(found)[:LONGEST_TERM]
    result = [Way(together)]
    exact = _folded(unicodedata.normalize("NFKC", text).strip())
    if exact not in {together, ""}:
        result.append(Way(exact))
    if len(asked) > 1:
        best = max(range(len(asked)), key=lambda i: _rarity(asked[i]))
        rest = tuple(word for i, word in enumerate(asked) if i != best)
        result += [Way(drive, rest) for drive in asked[best]]
    noted = list(dict.fromkeys(term.word for term in text_words.terms(text)))[:MOST_WORDS]
    if noted:
        drive = max(noted, key=len)
        rest = tuple((word, NOTED + word) for word in noted if word != drive)
        result.append(Way((NOTED + drive)[:LONGEST_TERM], rest))
    return result


def _of_digits(text: str) -> list[str]:
    """As an id's beginning, as a number's end, and as its beginning."""
    digits = _NO_DIGITS.sub("", text)
    found = [digits[:LONGEST_TERM]] if digits else []
    if len(digits) >= FEWEST_DIGITS:
        dialled = digits.lstrip("0") if len(digits) >= _WHOLE else digits
        found.append(_backwards(dialled))
        if first := digits.lstrip("0"):  # no number begins with what is dialled in front of it
            found.append((FORWARDS + first)[:LONGEST_TERM])
    return found


def _rarity(word: tuple[str, ...]) -> int:
    """How few customers a word may mean: a Han character tells more than a letter."""
    return max(len(one) + 3 * len(_HAN.findall(one)) for one in word)


def _backwards(digits: str) -> str:
    return BACKWARDS + digits[::-1][: LONGEST_TERM - 1] if digits else ""


def _of_number(number: Number) -> list[str]:
    """Whole; from either end; and as it is dialled within its country."""
    whole = number.text.removeprefix("+")
    forwards = {whole.lstrip("0"), number.national} - {""}
    return [_backwards(whole), *((FORWARDS + one)[:LONGEST_TERM] for one in forwards)]


def _of_notes(text: str) -> list[str]:
    found = dict.fromkeys((NOTED + word)[:LONGEST_TERM] for word in text_words.words(text))
    return list(found)[:_NOTED]


def _of_name(name: str, kind: str) -> list[str]:
    written, spoken = words(name), syllables(name)
    found = _from_each(tuple(c for word in written for c in _parts(word)))
    if _HAN.search(name):
        found += _from_each(spoken)
    if len(spoken) > 1:
        initials = "".join(syllable[0] for syllable in spoken)
        found += [initials[:LONGEST_TERM], _initials_of_each(name, initials)]
        if kind == "person":  # "Wei Wang" is Wang Wei, too
            found.append("".join((*spoken[1:], spoken[0]))[:LONGEST_TERM])
            found.append("".join((spoken[-1], *spoken[:-1]))[:LONGEST_TERM])
    return found


def _initials_of_each(name: str, initials: str) -> str:
    """Of a surname of two characters both, too: 欧阳修 is oyx as well as ox."""
    han = "".join(_HAN.findall(name))
    if not len(initials) < len(han) <= len(initials) + 1:
        return ""
    return "".join(lazy_pinyin(han[:2], style=Style.FIRST_LETTER)) + initials[1:]


def _of_text(text: str) -> list[str]:
    """What is written, from each of its words on; Han characters from each."""
    folded = _folded(text)
    found = words(text)
    return [folded, *_from_each(tuple(c for word in found for c in _parts(word)), shortest=2)]


def _parts(word: str) -> tuple[str, ...]:
    """Where one can begin to type: at each Han character, at the beginning of other words."""
    return tuple(word) if _HAN.match(word) else (word,)


def _from_each(parts: tuple[str, ...], *, shortest: int = 1) -> list[str]:
    found = ["".join(parts[at:])[:LONGEST_TERM] for at in range(min(len(parts), _BEGINNINGS))]
    return [one for one in found if len(one) >= shortest]


def _written(value: Any) -> str:
    """A value of the centre's own field as people type it."""
    if isinstance(value, bool):
        return ""  # a yes is no word to look for
    if isinstance(value, dict):
        return str(value.get("amount", ""))
    return str(value)


def _folded(text: str) -> str:
    """Without case and width, and short enough for a term."""
    return unicodedata.normalize("NFKC", text).casefold().strip()[:LONGEST_TERM]
