"""The share answered in time, by each of the formulas."""

import pytest

from acd.errors import InvalidValue
from acd.service_level import Count, Formula, ServiceLevel, Waited

from .build import span

CONTACTS = [
    Waited(span(0), answered=True),
    Waited(span(20), answered=True),  # the very moment is in time
    Waited(span(20.1), answered=True),
    Waited(span(300), answered=True),
    Waited(span(2), answered=False),
    Waited(span(5), answered=False),  # not longer than the threshold: short
    Waited(span(12), answered=False),
    Waited(span(90), answered=False),
]


@pytest.mark.parametrize(
    ("formula", "met", "counted"),
    [
        (Formula.LONG_ABANDONS, 2, 6),
        (Formula.OFFERED, 2, 8),
        (Formula.ANSWERED, 2, 4),
        (Formula.LATE_ABANDONS, 2, 5),
        (Formula.ABANDONS_IN_TIME, 5, 8),
    ],
)
def test_each_formula_counts_those_who_hung_up_in_its_own_way(
    formula: Formula, met: int, counted: int
) -> None:
    target = ServiceLevel(formula=formula)

    assert sum((target.count(one) for one in CONTACTS), Count()) == (met, counted)
    assert target.of(CONTACTS) == met / counted


def test_without_contacts_there_is_no_level_and_nothing_was_missed() -> None:
    target = ServiceLevel()

    assert target.of([]) is None
    assert target.of([Waited(span(1), answered=False)]) is None
    assert target.met_by(Count())


def test_the_target_is_met_from_its_very_share_on() -> None:
    target = ServiceLevel(share=0.8)

    assert target.met_by(Count(8, 10))
    assert not target.met_by(Count(79, 100))


def test_a_target_that_makes_no_sense_is_refused() -> None:
    for wrong in (
        {"within": span(0)},
        {"share": 0.0},
        {"share": 1.1},
        {"short_abandon": span(-1)},
    ):
        with pytest.raises(InvalidValue):
            ServiceLevel(**wrong)
