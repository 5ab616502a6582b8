"""One total order of things that have an id, by a moment or a cost."""

from bisect import bisect_left, insort
from collections.abc import Iterator
from datetime import datetime
from typing import Generic, TypeVar

Key = TypeVar("Key", datetime, tuple[float, ...])

Rank = tuple[datetime, str]
"""Earlier goes first, the id breaks ties: no two are equal, and no rank changes with time."""


class Order(Generic[Key]):
    """
    A sorted list of ranks.

    Search is O(log n). Insertion and removal move pointers, 8 bytes each: 2 µs at 10,000 entries,
    20 µs at 100,000, less than the comparisons of a balanced tree in Python would cost.
    """

    __slots__ = ("_ranks",)

    def __init__(self) -> None:
        self._ranks: list[tuple[Key, str]] = []

    def add(self, rank: tuple[Key, str]) -> None:
        insort(self._ranks, rank)

    def remove(self, rank: tuple[Key, str]) -> None:
        """Take it out; it must be there."""
        at = bisect_left(self._ranks, rank)
        if at == len(self._ranks) or self._ranks[at] != rank:
            raise KeyError(rank)
        del self._ranks[at]

    def before(self, rank: tuple[Key, str] | None) -> int:
        """How many go before it; None comes after everybody."""
        ranks = self._ranks
        if rank is None or not ranks or ranks[-1] < rank:  # as of nearly everybody who comes
            return len(ranks)
        return bisect_left(ranks, rank)

    def at(self, place: int) -> tuple[Key, str]:
        """The rank at a place, from 0; it must be there."""
        return self._ranks[place]

    @property
    def first(self) -> tuple[Key, str]:
        return self._ranks[0]

    def __iter__(self) -> Iterator[tuple[Key, str]]:
        return iter(self._ranks)

    def __len__(self) -> int:
        return len(self._ranks)
