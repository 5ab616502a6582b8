"""
Krippendorff's alpha: how far judges agree beyond chance. Pure.

K. Krippendorff, Computing Krippendorff's Alpha-Reliability (2011): by the matrix of coincidences,
for any number of judges, and values that are missing.
"""

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Measure = Literal["nominal", "ordinal", "interval"]
Ratings = Sequence[Sequence[float | None]]
"""A row for each judge, a column for each thing that was judged; None: they did not."""

Table = NDArray[np.float64]


def alpha(ratings: Ratings, measure: Measure) -> float | None:
    """
    1: they agree; 0: as by chance; below: they contradict one another.

    None where nothing was judged twice, or all judged all things alike: there is nothing that
    they could have told apart.
    """
    values = sorted({one for row in ratings for one in row if one is not None})
    counts = _counts(ratings, values)
    coincidences = _coincidences(counts)
    each = coincidences.sum(axis=0)
    total = each.sum()
    apart = _apart(np.array(values), each, measure)
    expected = float((np.outer(each, each) * apart).sum())
    if not expected:
        return None
    observed = float((coincidences * apart).sum())
    return round(1 - float(total - 1) * observed / expected, 6)


def pairable(ratings: Ratings) -> int:
    """How many things two judges or more have judged."""
    return sum(sum(one is not None for one in unit) > 1 for unit in zip(*ratings, strict=True))


def _counts(ratings: Ratings, values: Sequence[float]) -> Table:
    """How often each thing (a row) was given each value, of what was judged twice or more."""
    places = {value: place for place, value in enumerate(values)}
    units = [
        [places[one] for one in unit if one is not None] for unit in zip(*ratings, strict=True)
    ]
    paired = [unit for unit in units if len(unit) > 1]
    counts = np.zeros((len(paired), len(values)))
    for row, unit in enumerate(paired):
        for place in unit:
            counts[row, place] += 1
    return counts


def _coincidences(counts: Table) -> Table:
    """How often each value meets each other one in the same thing, for each judge once."""
    judges = counts.sum(axis=1, keepdims=True)
    weighted = counts / np.maximum(judges - 1, 1)
    pairs: Table = counts.T @ weighted
    return pairs - np.diag(weighted.sum(axis=0))


def _apart(values: Table, each: Table, measure: Measure) -> Table:
    """The square of the distance of every two values."""
    match measure:
        case "nominal":
            return 1 - np.eye(len(values))
        case "interval":
            return np.subtract.outer(values, values) ** 2
        case "ordinal":
            # How many judgements lie between the two, each of them by half.
            middle = each.cumsum() - each / 2
            return np.subtract.outer(middle, middle) ** 2
