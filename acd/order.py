"""One total order of moments and ids."""

from bisect import bisect_left, insort
from collections.abc import Iterator
from datetime import datetime

Rank = tuple[datetime, str]
"""Earlier goes first, the id breaks ties: no two are equal, and no rank changes with time."""


class Order:
    """
    A sorted list of ranks.

    Search is O(log n). Insertion and removal move pointers, 8 bytes each: 2 µs at 10,000 entries,
    20 µs at 100,000, less than the comparisons of a balanced tree in Python would cost.
    """

    __slots__ = ("_ranks",)

    def __init__(self) -> None:
        self._ranks: list[Rank] = []

    def add(self, rank: Rank) -> None:
        insort(self._ranks, rank)

    def remove(self, rank: Rank) -> None:
        """Take it out; it must be there."""
        at = bisect_left(self._ranks, rank)
        if at == len(self._ranks) or self._ranks[at] != rank:
            raise KeyError(rank)
        del self._ranks[at]

    def before(self, rank: Rank) -> int:
        """How many go before it."""
        return bisect_left(self._ranks, rank)

    @property
    def first(self) -> Rank:
        return self._ranks[0]

    def __iter__(self) -> Iterator[Rank]:
        return iter(self._ranks)

    def __len__(self) -> int:
        return len(self._ranks)
