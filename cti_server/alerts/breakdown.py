"""What is different about those who arrive in a surge, against who usually does. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

SHOWN: Final = 5
"""Of each dimension, those that grew most."""

DIMENSIONS: Final = ("reason", "menu_path", "number", "queue", "region", "product")


@dataclass(frozen=True, slots=True)
class Part:
    """Shares are of the contacts of which the dimension is known."""

    dimension: str
    name: str
    count: int
    share: float
    share_before: float


def broken_down(
    now: Sequence[Mapping[str, str]], before: Iterable[Mapping[str, str]]
) -> list[Part]:
    """
    ``now`` and ``before``: contacts, each with what is known of it by dimension.

    The first are those of which the most came beyond their usual share.
    """
    before = list(before)
    found: list[Part] = []
    for dimension in DIMENSIONS:
        new, old = _counted(now, dimension), _counted(before, dimension)
        parts = [
            Part(dimension, name, count, count / new.total(), _share(old, name))
            for name, count in new.items()
        ]
        grown = sorted(parts, key=lambda part: (part.share_before - part.share, part.name))
        found += grown[:SHOWN]
    return found


def _counted(contacts: Iterable[Mapping[str, str]], dimension: str) -> Counter[str]:
    return Counter(one[dimension] for one in contacts if one.get(dimension))


def _share(counted: Counter[str], name: str) -> float:
    return counted[name] / counted.total() if counted else 0.0
