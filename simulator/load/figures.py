"""Percentiles, and delays counted in a histogram that never grows. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

BUCKET: Final = 0.01  # milliseconds
BUCKETS: Final = 50_000  # up to half a second


@dataclass(frozen=True, slots=True)
class Percentiles:
    """In milliseconds; None if nothing was measured."""

    count: int
    p50: float | None
    p90: float | None
    p99: float | None
    max: float | None

    def __str__(self) -> str:
        if self.p50 is None:
            return "-"
        return f"{self.p50:.2f} / {self.p90:.2f} / {self.p99:.2f} / {self.max:.2f}"


def percentiles(seconds: Sequence[float]) -> Percentiles:
    """Of durations in seconds, by the nearest rank."""
    ordered = sorted(seconds)

    def at(share: float) -> float | None:
        if not ordered:
            return None
        return round(1000 * ordered[max(0, math.ceil(share * len(ordered)) - 1)], 3)

    return Percentiles(len(ordered), at(0.5), at(0.9), at(0.99), at(1.0))


@dataclass(slots=True)
class Histogram:
    """Delays in steps of 10 microseconds; what is longer than half a second is its last step."""

    counts: list[int] = field(default_factory=lambda: [0] * BUCKETS)
    longest: float = 0.0  # milliseconds

    def add(self, milliseconds: float) -> None:
        self.counts[min(BUCKETS - 1, max(0, int(milliseconds / BUCKET)))] += 1
        self.longest = max(self.longest, milliseconds)

    def merge(self, other: "Histogram") -> None:
        self.counts = [a + b for a, b in zip(self.counts, other.counts, strict=True)]
        self.longest = max(self.longest, other.longest)

    def percentiles(self) -> Percentiles:
        total = sum(self.counts)
        if not total:
            return Percentiles(0, None, None, None, None)
        return Percentiles(
            total, self._at(0.5 * total), self._at(0.9 * total), self._at(0.99 * total),
            round(self.longest, 3),
        )  # fmt: skip

    def _at(self, rank: float) -> float:
        """The upper edge of the step that holds this rank."""
        seen = 0
        for step, count in enumerate(self.counts):
            seen += count
            if seen >= rank:
                return round(min((step + 1) * BUCKET, self.longest), 3)
        return round(self.longest, 3)
