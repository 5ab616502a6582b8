"""
Chinese and Latin text cut into words, for an index and for what is looked up in it. Pure.

Chinese has no spaces: a word is what the dictionary of jieba, or its model of unknown words, takes
for one. The same cut is made when a text is indexed and when it is searched.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import rjieba

MOST_TERMS = 20
"""Words of a query that count; a whole e-mail pasted into the field is no query."""
SNIPPET = 120  # characters

_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_RUN = re.compile(r"[^\W_]+")
_UNSAID = frozenset(
    {
        *("的", "了", "吗", "呢", "啊", "吧", "是", "我", "你", "您", "他", "她", "它", "在", "和"),
        *("与", "及", "也", "就", "都", "要", "想", "怎么", "怎样", "如何", "什么", "请问", "可以"),
        *("能", "一个", "这个", "那个", "a", "an", "and", "are", "can", "do", "for", "how", "i"),
        *("in", "is", "it", "my", "of", "on", "or", "the", "to", "what", "you", "your"),
    }
)
"""Words that tell no text from another; they count only where a query has no others."""


@dataclass(frozen=True, slots=True)
class Term:
    """
    One word of a query.

    ``parts``: the shorter words that it is made of; a text that has them all has it, too.
    ``prefix``: longer words that begin with it count, as "refunds" for "refund".
    """

    word: str
    parts: tuple[str, ...] = ()
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a text; ``hit``: it is what was looked for."""

    text: str
    hit: bool


def words(text: str) -> list[str]:
    """The words of a text in their order, each long one's parts before it; no punctuation."""
    found: list[str] = []
    for run in _runs(text):
        found += _cut(run, for_search=True)
    return found


def terms(query: str) -> tuple[Term, ...]:
    """What a query asks for, each word once; empty if it has no words."""
    whole = dict.fromkeys(word for run in _runs(query) for word in _cut(run, for_search=False))
    telling = [word for word in whole if word not in _UNSAID] or list(whole)
    return tuple(_term(word) for word in telling[:MOST_TERMS])


def snippet(text: str, wanted: Sequence[Term], width: int = SNIPPET) -> list[Part]:
    """The stretch of the text that has most of what was looked for, with that marked."""
    hits = [match.span() for match in _hits(wanted).finditer(text)] if wanted else []
    start = _best(text, hits, width)
    end = min(len(text), start + width)
    parts = [Part("…", hit=False)] if start else []
    at = start
    for begin, stop in hits:
        if begin < start or stop > end:
            continue
        if begin > at:
            parts.append(Part(text[at:begin], hit=False))
        parts.append(Part(text[begin:stop], hit=True))
        at = stop
    if at < end:
        parts.append(Part(text[at:end], hit=False))
    if end < len(text):
        parts.append(Part("…", hit=False))
    return parts


def _runs(text: str) -> list[str]:
    """Letters and digits without what is between them; wide and capital ones as all others."""
    return _RUN.findall(unicodedata.normalize("NFKC", text).casefold())


def _cut(run: str, *, for_search: bool) -> list[str]:
    if _HAN.search(run) is None:
        return [run]
    cut = rjieba.cut_for_search if for_search else rjieba.cut
    return [word for piece in cut(run) for word in _RUN.findall(piece)]


def _term(word: str) -> Term:
    if _HAN.search(word) is None:
        return Term(word, prefix=len(word) > 2 and word.isalpha())
    parts = tuple(part for part in _cut(word, for_search=True) if part != word)
    return Term(word, parts if len(parts) > 1 and len("".join(parts)) >= len(word) else ())


def _hits(wanted: Sequence[Term]) -> re.Pattern[str]:
    """Longer words first, for they have the shorter ones within them."""
    latin: list[str] = []
    han: list[str] = []
    for term in wanted:
        for word in (term.word, *term.parts):
            if _HAN.search(word) is not None:
                han.append(re.escape(word))
            else:
                end = r"[^\W_]*" if term.prefix else r"(?![^\W_])"
                latin.append(rf"(?<![a-zA-Z0-9]){re.escape(word)}{end}")
    longest = sorted(dict.fromkeys(han), key=len, reverse=True) + latin
    return re.compile("|".join(longest), re.IGNORECASE)


def _best(text: str, hits: Sequence[tuple[int, int]], width: int) -> int:
    """Where the stretch begins: a little before the hit that has most others behind it."""
    best, most = 0, 0
    for index, (begin, _) in enumerate(hits[:200]):
        near = {
            text[start:stop].casefold()
            for start, stop in hits[index : index + 50]
            if stop <= begin + width * 3 // 4
        }
        if len(near) > most:
            best, most = begin, len(near)
    start = max(0, best - width // 4)
    return start if start + width < len(text) else max(0, min(start, len(text) - width))
