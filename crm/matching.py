"""
Whose number it is: exactly somebody's, or perhaps.

Pure. Two complete numbers are one person's only if they are equal. Where one of the two lacks its
prefix (a PBX that shows 6552 9988, a spreadsheet without area codes), one may be the end of the
other; that is a guess, and says so by its confidence.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import takewhile

from .numbers import TAIL, Number, NumberKind

CERTAIN = 1.0

ENOUGH = 10  # digits: beyond these, what differs is a carrier's or country's prefix

_BY_COMMON_DIGITS = ((ENOUGH, 0.8), (8, 0.6), (TAIL, 0.4))  # at least so many digits: so sure


@dataclass(frozen=True, slots=True)
class Candidate:
    """A customer's stored number that might be the caller's."""

    customer_id: str
    number: Number


@dataclass(frozen=True, slots=True)
class Matched:
    """Customers, the likeliest first, and how sure it is that the caller is among them."""

    customer_ids: tuple[str, ...]
    confidence: float


NOBODY = Matched((), 0.0)


def decide(caller: Number, candidates: Iterable[Candidate]) -> Matched:
    """The customers whose number is the most like the caller's; less like ones are left out."""
    confidence: dict[str, float] = {}
    for candidate in candidates:
        likeness = compare(caller, candidate.number)
        confidence[candidate.customer_id] = max(
            likeness, confidence.get(candidate.customer_id, 0.0)
        )
    best = max(confidence.values(), default=0.0)
    if not best:
        return NOBODY
    return Matched(tuple(id for id, sure in confidence.items() if sure == best), best)


def compare(caller: Number, stored: Number) -> float:
    """How sure it is that two numbers are the same line: 0 to 1."""
    if caller.kind is NumberKind.WITHHELD:
        return 0.0
    if caller == stored:
        return CERTAIN
    if NumberKind.LOCAL not in {caller.kind, stored.kind}:
        return 0.0
    shorter, longer = sorted((caller.digits, stored.digits), key=len)
    common = _common_end(shorter, longer)
    if common < len(shorter.lstrip("0")) and common < ENOUGH:
        return 0.0
    return next((sure for digits, sure in _BY_COMMON_DIGITS if common >= digits), 0.0)


def _common_end(one: str, other: str) -> int:
    """How many digits two numbers have in common at their ends."""
    pairs = zip(reversed(one), reversed(other), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
