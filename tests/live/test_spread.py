"""Quantiles in bounded space, and the index of fairness."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cti_server.live.counts import QueueCounts
from cti_server.live.fairness import jain
from cti_server.live.snapshot import merge_patch
from cti_server.live.spread import ACCURACY, quantiles

WAITS = st.lists(st.integers(2, 10**8), min_size=1, max_size=200)
SHARES = (0.5, 0.9, 0.95)


def counts_of(waits: list[int]) -> QueueCounts:
    counts = QueueCounts()
    for ms in waits:
        counts.waited(ms)
    return counts


@given(WAITS)
def test_a_quantile_is_within_one_per_cent_of_the_nearest_rank(waits: list[int]) -> None:
    ranked = sorted(waits)
    exact = [ranked[math.ceil(share * len(waits)) - 1] for share in SHARES]

    found = quantiles(counts_of(waits).spread, SHARES)

    assert list(found) == [pytest.approx(each, rel=ACCURACY + 1e-9) for each in exact]


@given(WAITS, WAITS)
def test_what_is_taken_away_leaves_nothing_behind(first: list[int], second: list[int]) -> None:
    both, left = counts_of(first + second), counts_of(second)

    both.take_away(counts_of(first))

    assert (both.spread, both.wait_ms) == (left.spread, left.wait_ms)


@pytest.mark.parametrize(
    ("shares", "index"),
    [([], None), ([0, 0], None), ([3, 3, 3], 1.0), ([5, 0, 0, 0], 0.25), ([1, 2], 0.9)],
)
def test_jains_index(shares: list[float], index: float | None) -> None:
    assert jain(shares) == (None if index is None else pytest.approx(index))


JSON = st.recursive(
    st.integers() | st.text(max_size=2),
    lambda inner: st.dictionaries(st.text("abc", max_size=1), inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.dictionaries(st.text("abc", max_size=1), JSON, max_size=3)


def patched(target: object, patch: object) -> object:
    """RFC 7396 §2, word by word."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = patched(result.get(name), value)
    return result


@given(OBJECTS, OBJECTS)
def test_the_patch_makes_the_second_of_the_first(
    first: dict[str, Any], second: dict[str, Any]
) -> None:
    assert patched(first, merge_patch(first, second)) == second
    assert merge_patch(second, second) == {}
