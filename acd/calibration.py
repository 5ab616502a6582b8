"""
How far estimates were wrong, and what makes them right: ratios of real waits to estimated ones.

If the newest waits were 1.3 times their estimated 80 % quantile or less in 80 % of the cases, the
next estimate of that quantile is taken 1.3 times (split conformal prediction: Vovk et al. 2005).
A contact that left before the end of its wait says only that this was longer, so the ratios'
distribution is the product-limit estimator's (Kaplan and Meier 1958, JASA 53:457).
"""

from bisect import bisect_left, insort
from collections import deque

KEPT = 400
"""Ratios, the newest: some hours of a small queue, minutes of a big one."""

REPORTED = 2000
"""So many of the newest tell what share came true."""

FEWEST = 20
"""Ratios without which nothing is corrected."""

ALIKE = 5
"""Contacts that wait at the same time fare alike: so many ratios say as much as one alone would."""


class Ratios:
    """Of one quantile's estimates in one queue: real by estimated, each final or "at least"."""

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._newest: deque[tuple[float, bool]] = deque()
        self._sorted: list[tuple[float, bool]] = []  # at the same ratio, those that left go last
        self._correction: dict[float, float] = {}
        self._since = 0  # ratios that are not in it

    def __len__(self) -> int:
        return len(self._newest)

    def add(self, ratio: float, *, left: bool) -> None:
        self._since += 1
        if self._since >= ALIKE:  # fewer hardly change it
            self._correction.clear()
            self._since = 0
        self._newest.append((ratio, left))
        insort(self._sorted, (ratio, left))
        if len(self._newest) > self._kept:
            oldest = self._newest.popleft()
            del self._sorted[bisect_left(self._sorted, oldest)]

    def correction(self, quantile: float) -> float:
        """What the estimate is to be multiplied by, so that it holds in this share of cases."""
        if len(self._newest) < FEWEST:
            return 1.0
        if quantile not in self._correction:
            # Of n ratios the share q is not above the q (n+1)th (Vovk).
            alone = len(self._newest) / ALIKE
            self._correction[quantile] = self._quantile(min(quantile * (1 + 1 / alone), 1.0))
        return self._correction[quantile]

    def within(self, ratio: float) -> float | None:
        """The share that is not above the ratio; None where nothing is known."""
        share, known = 1.0, False
        for at_risk, (one, left) in self._from_the_least():
            if one > ratio:
                break
            if not left:
                share *= 1.0 - 1.0 / at_risk
                known = True
        known = known or any(not left for _, left in self._sorted)
        return 1.0 - share if known else None

    def _quantile(self, quantile: float) -> float:
        share = 1.0
        for at_risk, (one, left) in self._from_the_least():
            if left:
                continue
            share *= 1.0 - 1.0 / at_risk
            if 1.0 - share >= quantile:
                return one
        return self._sorted[-1][0]  # so many left that nobody knows: at least this much

    def _from_the_least(self) -> "list[tuple[int, tuple[float, bool]]]":
        return list(zip(range(len(self._sorted), 0, -1), self._sorted, strict=True))
