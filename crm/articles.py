"""
Knowledge: what may happen to a version of an article, and which articles suit a contact. Pure.

An article is a text in Chinese, in English, or in both: a translation pair is one article. Every
edit is a version of its own; what agents read is the published one.
"""

import difflib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from .errors import NotNow

State = Literal["draft", "review", "published", "withdrawn", "replaced"]
Step = Literal["submit", "take_back", "approve", "reject", "withdraw", "replace"]

TABLE: Mapping[str, Mapping[str, State]] = {
    "draft": {"submit": "review", "replace": "replaced"},
    "review": {
        "approve": "published",
        "reject": "draft",
        "take_back": "draft",
        "replace": "replaced",
    },
    "published": {"withdraw": "withdrawn", "replace": "replaced"},
    "withdrawn": {},
    "replaced": {},
}
"""
"replace" is what a newer version does to an open one, and to a published one when it is published.
What is withdrawn or replaced comes back as a new version with its text (a roll-back).
"""

OPEN = frozenset({"draft", "review"})

_QUEUE, _MENU, _WORD, _WORDS_MOST, _VOTES = 4.0, 3.0, 2.0, 6.0, 1.0


class IllegalStep(NotNow):
    def __init__(self, state: str, step: str) -> None:
        super().__init__(f"a version that is {state!r} cannot {step.replace('_', ' ')}")


class OwnWork(NotNow):
    """Somebody else has to read it before customers are told so."""

    def __init__(self) -> None:
        super().__init__("who wrote a version does not approve it")


def stepped(state: str, step: str) -> State:
    """Raises IllegalStep."""
    to = TABLE[state].get(step)
    if to is None:
        raise IllegalStep(state, step)
    return to


def check_approval(approver: str, authors: Collection[str]) -> None:
    """
    Raises OwnWork if the approver is one of the authors: of all versions since the published one,
    so that a colleague's comma does not make one's own text another's.
    """
    if approver in authors:
        raise OwnWork


@dataclass(frozen=True, slots=True)
class Line:
    """A line of two texts that are compared."""

    change: Literal["same", "removed", "added"]
    text: str


def compared(before: str, after: str) -> list[Line]:
    """What became of each line, in the order of the texts."""
    old, new = before.splitlines(), after.splitlines()
    lines: list[Line] = []
    for tag, a, b, c, d in difflib.SequenceMatcher(None, old, new).get_opcodes():
        if tag == "equal":
            lines += [Line("same", text) for text in old[a:b]]
            continue
        lines += [Line("removed", text) for text in old[a:b]]
        lines += [Line("added", text) for text in new[c:d]]
    return lines


@dataclass(frozen=True, slots=True)
class Candidate:
    """An article that may suit. ``place``: among those that the words found, the best is 0."""

    article_id: str
    queues: frozenset[str] = frozenset()
    menus: frozenset[str] = frozenset()
    place: int | None = None
    useful: int = 0
    useless: int = 0


@dataclass(frozen=True, slots=True)
class Suggestion:
    """``reasons``: "queue", "menu", "words"; the best score first."""

    article_id: str
    score: float
    reasons: list[str] = field(default_factory=list)


def suggested(
    candidates: Iterable[Candidate], *, queue: str | None, path: Sequence[str], most: int
) -> list[Suggestion]:
    """
    Those that suit a contact of this queue, whose customer went this way through the menu.

    The deeper a menu's node is on the way, the more it says of what the customer wants.
    """
    found = [_judged(one, queue, path) for one in candidates]
    suiting = [one for one in found if one.reasons]
    return sorted(suiting, key=lambda one: (-one.score, one.article_id))[:most]


def _judged(one: Candidate, queue: str | None, path: Sequence[str]) -> Suggestion:
    score, reasons = 0.0, []
    if queue is not None and queue in one.queues:
        score += _QUEUE
        reasons.append("queue")
    depths = [depth for depth, node in enumerate(path, 1) if node in one.menus]
    if depths:
        score += _MENU * (1 + depths[-1] / len(path))
        reasons.append("menu")
    if one.place is not None:
        score += max(_WORD, _WORDS_MOST - one.place)
        reasons.append("words")
    # With one vote more on each side a single vote does not decide (Laplace).
    share = (one.useful + 1) / (one.useful + one.useless + 2)
    return Suggestion(one.article_id, round(score + _VOTES * (2 * share - 1), 3), reasons)
