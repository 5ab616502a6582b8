"""
Whether two customers are one: under which keys to look, how alike they are, and why.

Pure. Customers are compared only if they have a key in common, so nobody looks at all pairs. Each
likeness is a reason with a weight; weights are joined as independent chances of being one
(1 - Π(1 - w)), what speaks against it divides the result.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import Literal

from rapidfuzz import fuzz
from rapidfuzz.distance import DamerauLevenshtein

from .matching import compare
from .names import sound, words
from .numbers import Number

SUSPECTED = 0.5
LARGEST_BLOCK = 20
"""Customers with one key; more of them share a switchboard, and that says nothing."""
BIRTH_DATE = "birth_date"
"""The attribute that is compared, in a schema that has it."""

ReasonCode = Literal[
    "same_number",
    "similar_number",
    "same_address",
    "same_name",
    "same_sound",
    "similar_name",
    "same_company",
    "same_birth_date",
    "different_name",
    "different_birth_date",
    "different_external_id",
]

_WEIGHTS: dict[ReasonCode, float] = {
    "same_number": 0.6,
    "similar_number": 0.4,
    "same_address": 0.65,
    "same_name": 0.4,
    "same_sound": 0.35,
    "similar_name": 0.3,
    "same_company": 0.25,
    "same_birth_date": 0.45,
}
_SAME_COMPANY_NAME = 0.6  # two firms of one name are one, more often than two people are
_AGAINST: dict[ReasonCode, float] = {
    "different_name": 0.5,  # a family's telephone, a couple's mailbox
    "different_birth_date": 0.3,
    "different_external_id": 0.7,  # another system holds them for two, and may err, too
}
_ALIKE, _UNLIKE = 85.0, 60.0  # of 100
_NEAR_DIGITS = 4  # a slip of the finger leaves the last four or all before them untouched


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is compared of a customer; ``addresses`` are (kind, key)."""

    id: str
    kind: str
    name: str
    numbers: tuple[Number, ...] = ()
    addresses: frozenset[tuple[str, str]] = frozenset()
    company: str | None = None
    birth_date: str | None = None
    external_id: str | None = None

    @cached_property
    def sound(self) -> str:
        return sound(self.name)

    @cached_property
    def keys(self) -> frozenset[int]:
        """Under which the customer is stored: 64 bits, signed, as both databases have them."""
        return frozenset(map(_hashed, _keys(self)))


@dataclass(frozen=True, slots=True)
class Suspicion:
    """How sure it is that two are one (0 to 1), and what speaks for and against it."""

    score: float
    reasons: tuple[ReasonCode, ...]

    @property
    def suspected(self) -> bool:
        return self.score >= SUSPECTED


def suspicion(one: Facts, other: Facts) -> Suspicion:
    """Compare two; a person and a company are never one."""
    if one.kind != other.kind:
        return Suspicion(0.0, ())
    reasons: list[ReasonCode] = [
        *_reach(one, other),
        *_name(one, other),
        *_rest(one, other),
    ]
    doubt = 1.0
    for reason in reasons:
        doubt *= 1.0 - _weight(reason, one.kind)
    score = 1.0 - doubt
    for reason in reasons:
        score *= _AGAINST.get(reason, 1.0)
    return Suspicion(round(score, 3), tuple(reasons))


def _weight(reason: ReasonCode, kind: str) -> float:
    if kind == "company" and reason in {"same_name", "same_sound"}:
        return _SAME_COMPANY_NAME
    return _WEIGHTS.get(reason, 0.0)


def _reach(one: Facts, other: Facts) -> Iterable[ReasonCode]:
    if set(one.numbers) & set(other.numbers):
        yield "same_number"
    elif any(_near(mine, theirs) for mine in one.numbers for theirs in other.numbers):
        yield "similar_number"
    if one.addresses & other.addresses:
        yield "same_address"


def _near(mine: Number, theirs: Number) -> bool:
    """The same line without its prefix, or one slip of the finger away."""
    if compare(mine, theirs) > 0:
        return True
    typed = len(mine.digits) == len(theirs.digits) > 2 * _NEAR_DIGITS
    return typed and DamerauLevenshtein.distance(mine.digits, theirs.digits, score_cutoff=1) == 1


def _name(one: Facts, other: Facts) -> Iterable[ReasonCode]:
    if words(one.name) == words(other.name):
        yield "same_name"
    elif one.sound == other.sound:
        yield "same_sound"
    else:
        alike = fuzz.token_sort_ratio(one.sound, other.sound)
        if alike >= _ALIKE:
            yield "similar_name"
        elif alike < _UNLIKE:
            yield "different_name"


def _rest(one: Facts, other: Facts) -> Iterable[ReasonCode]:
    if one.company and other.company and sound(one.company) == sound(other.company):
        yield "same_company"
    if one.birth_date and other.birth_date:
        same = one.birth_date == other.birth_date
        yield "same_birth_date" if same else "different_birth_date"
    if one.external_id and other.external_id:
        yield "different_external_id"


def _keys(facts: Facts) -> Iterable[tuple[str, ...]]:
    for number in facts.numbers:
        yield "number", number.kind.value, number.text
        if len(number.digits) > _NEAR_DIGITS:
            yield "name and number's end", facts.sound, number.digits[-_NEAR_DIGITS:]
            yield "name and number's begin", facts.sound, number.digits[:-_NEAR_DIGITS]
    for address in facts.addresses:
        yield ("address", *address)
    if facts.company:
        yield "name and company", facts.sound, sound(facts.company)
    if facts.birth_date:
        yield "name and birth date", facts.sound, facts.birth_date
    if facts.kind == "company" and facts.sound:
        yield "company", facts.sound


def _hashed(key: tuple[str, ...]) -> int:
    digest = blake2b("\0".join(key).encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
