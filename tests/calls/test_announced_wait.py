"""What callers are told of the time left: in minutes, never nonsense, and only down."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acd.estimate import Estimate
from cti_server.calls.announced_wait import AnnouncedWait, announced
from cti_server.speech.phrases import WAITS
from tests.acd.build import at

seconds = st.floats(0, 10_000)


def estimate(p50: float, p80: float) -> Estimate:
    return Estimate(p50, p80, p80)


@pytest.mark.parametrize(
    ("p80", "minutes"), [(0, 1), (60, 1), (61, 2), (400, 8), (660, 15), (1800, 30)]
)
def test_it_is_rounded_up_to_what_can_be_said(p80: float, minutes: int) -> None:
    told = announced(estimate(p80 / 2, p80), None, at(0), 30)

    assert told == AnnouncedWait(minutes, at(0) + timedelta(minutes=minutes))


def test_nothing_above_the_limit_is_said() -> None:
    assert announced(estimate(900, 1801), None, at(0), 30) == AnnouncedWait(30, None)
    assert announced(estimate(200, 301), None, at(0), 5) == AnnouncedWait(5, None)


def test_what_was_said_stands_as_long_as_it_will_more_likely_be_kept_than_not() -> None:
    before = announced(estimate(200, 295), None, at(0), 30)
    assert before.minutes == 5

    slower = estimate(170, 500)
    assert announced(slower, before, at(120), 30).minutes == 3
    broken = estimate(190, 500)
    assert announced(broken, before, at(120), 30).minutes == 10


@given(st.lists(st.tuples(seconds, seconds, st.floats(0, 600)), min_size=2, max_size=8))
def test_it_rises_only_where_the_former_word_would_probably_not_be_kept(
    steps: list[tuple[float, float, float]],
) -> None:
    told, now = None, 0.0
    for p50, more, passed in steps:
        now += passed
        before, told = told, announced(estimate(p50, p50 + more), told, at(now), 60)
        assert told.minutes in WAITS
        if before is not None and before.until is not None:
            kept = p50 <= (before.until - at(now)).total_seconds()
            assert not kept or (told.until is not None and told.minutes <= before.minutes)
