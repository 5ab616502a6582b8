"""Going round through everybody, a few at each look."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar

from acd.invariants import Breach

Item = TypeVar("Item")


@dataclass(slots=True)
class Round(Generic[Item]):
    """
    One kind of thing that is checked.

    ``patience``: in so many looks after one another a breach is to be seen before it is believed;
    what is about to be put right by itself takes as long. ``budget``: seconds for which a look goes
    on where there are more than ``at_once``, so that a round through many does not take minutes.
    """

    items: Callable[[], Sequence[Item]]  # all that there are now
    check: Callable[[Item, datetime], Iterator[Breach]]
    at_once: int = 200
    patience: int = 2
    budget: float = 0.0
    time: Callable[[], float] = time.perf_counter
    _left: list[Item] = field(default_factory=list)

    def look(self, now: datetime) -> Iterator[tuple[Item, Breach]]:
        """At the next few; the first ones again after the last ones."""
        if not self._left:
            self._left = list(self.items())
        looked_at, until = 0, self.time() + self.budget
        while self._left and (looked_at < self.at_once or self.time() < until):
            item = self._left.pop()
            looked_at += 1
            for breach in self.check(item, now):
                yield item, breach

    def still(self, item: Item, breach: Breach, now: datetime) -> Breach | None:
        """The same breach again, as it is now; None if it is none any more."""
        for found in self.check(item, now):
            if (found.kind, found.subject) == (breach.kind, breach.subject):
                return found
        return None
