"""Krippendorff's alpha as it was published, and what a calibration shows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.quality.agreement import Measure, Ratings, alpha, pairable
from crm.quality.calibrating import Difference, compared

from .cards import CARD, GOOD

N = None
# Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), examples A, B and C.
BINARY: Ratings = [[0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]]
A, B, C, D, E = 1, 2, 3, 4, 5
TWO: Ratings = [[A, A, B, B, D, C, C, C, E, D, D, A], [B, A, B, B, B, C, C, C, E, D, D, D]]
FOUR: Ratings = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, N, N, N],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, N, 3],
    [N, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, N],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, N],
]
# Wikipedia, Krippendorff's alpha: three judges with gaps.
THREE: Ratings = [
    [N, N, N, N, N, 3, 4, 1, 2, 1, 1, 3, 3, N, 3],
    [1, N, 2, 1, 3, 3, 4, 3, N, N, N, N, N, N, N],
    [N, N, 2, 1, 3, 4, 4, N, 2, 1, 1, 3, 3, N, 4],
]


@pytest.mark.parametrize(
    ("ratings", "measure", "published"),
    [
        (BINARY, "nominal", 0.095),
        (TWO, "nominal", 0.692),
        (FOUR, "nominal", 0.743),
        (FOUR, "ordinal", 0.815),
        (FOUR, "interval", 0.849),
        (THREE, "nominal", 0.691),
        (THREE, "interval", 0.811),
    ],
)
def test_alpha_is_what_was_published(ratings: Ratings, measure: Measure, published: float) -> None:
    assert alpha(ratings, measure) == pytest.approx(published, abs=0.0005)


@pytest.mark.parametrize("measure", ["nominal", "ordinal", "interval"])
def test_where_nothing_could_be_told_apart_there_is_no_alpha(measure: Measure) -> None:
    assert alpha([[1, 1], [1, 1]], measure) is None
    assert alpha([[1, N], [N, 2]], measure) is None
    assert alpha([], measure) is None
    assert alpha([[1, 2, 5], [1, 2, 5]], measure) == 1.0


@given(
    st.lists(st.lists(st.sampled_from([N, 1, 2, 3]), min_size=4, max_size=4), max_size=4),
    st.sampled_from(["nominal", "ordinal", "interval"]),
)
def test_nobody_agrees_more_than_wholly_and_the_order_of_judges_is_nothing(
    ratings: list[list[float | None]], measure: Measure
) -> None:
    found = alpha(ratings, measure)

    assert found == alpha(ratings[::-1], measure)
    assert found is None or found <= 1
    if not pairable(ratings):
        assert found is None


def test_a_calibration_lists_what_is_judged_differently_and_compares_shares_of_points() -> None:
    same = {"r2": {"li": GOOD | {"tone": 3}, "wang": GOOD | {"tone": 3}}}
    shown = compared(
        CARD,
        {"r1": {"li": GOOD, "wang": GOOD | {"tone": 4, "secrecy": "na"}}, **same},
    )

    assert list(shown.differences) == [
        Difference("r1", "tone", {"li": 5, "wang": 4}),
        Difference("r1", "secrecy", {"li": "yes", "wang": "na"}),
    ]
    by_question = {one.question: one for one in shown.questions}
    assert (by_question["tone"].measure, by_question["tone"].units) == ("ordinal", 2)
    assert by_question["tone"].alpha == alpha([[5, 3], [4, 3]], "ordinal")
    assert (by_question["greeting"].measure, by_question["greeting"].alpha) == ("nominal", None)
    assert by_question["secrecy"].units == 1
    alike = [1.0] * 7
    assert shown.units == 9
    assert shown.alpha == alpha([[*alike, 1, 0.5], [*alike, 0.75, 0.5]], "interval")
