"""When a target's light is which, and on which days."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from cti_server.reporting.definitions import REPORTS
from cti_server.targets.values import report_of
from cti_server.wire.targets import KPIS, Light, Target

MONDAY = date(2026, 11, 23)


def target(**given: Any) -> Target:
    usual = {
        "kpi": "service_level", "subject": "queue", "name": "sales", "green": 0.8, "yellow": 0.7,
        "valid_from": MONDAY,
    }  # fmt: skip
    return Target.model_validate(usual | given)


@pytest.mark.parametrize(
    ("value", "light"),
    [(0.9, "green"), (0.8, "green"), (0.79, "yellow"), (0.7, "yellow"), (0.69, "red")],
)
def test_more_is_better_of_a_service_level(value: float, light: Light) -> None:
    assert target().light(value) == light


@pytest.mark.parametrize(
    ("value", "light"),
    [(0, "green"), (10, "green"), (10.1, "yellow"), (20, "yellow"), (21, "red"), (None, "none")],
)
def test_less_is_better_of_a_speed_of_answer(value: float | None, light: Light) -> None:
    assert target(kpi="asa", green=10, yellow=20).light(value) == light


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"green": 0.6}, "green"),
        ({"kpi": "asa", "green": 20, "yellow": 10}, "green"),
        ({"subject": "centre"}, "name"),
        ({"name": None}, "name"),
        ({"subject": "team", "name": "north"}, "kpi"),
        ({"valid_until": MONDAY - timedelta(days=1)}, "valid_until"),
    ],
)
def test_a_target_that_makes_no_sense_is_refused_by_its_field(
    given: dict[str, Any], said: str
) -> None:
    with pytest.raises(ValidationError, match=said):
        target(**given)


DAYS = st.integers(0, 20).map(lambda number: MONDAY + timedelta(days=number))


@given(DAYS, st.none() | st.integers(0, 9), DAYS, st.none() | st.integers(0, 9))
def test_two_overlap_where_both_are_valid_on_some_day(
    first: date, first_for: int | None, second: date, second_for: int | None
) -> None:
    def made(since: date, days: int | None) -> Target:
        until = None if days is None else since + timedelta(days=days)
        return target(valid_from=since, valid_until=until)

    one, other = made(first, first_for), made(second, second_for)
    both = any(
        one.is_valid_on(day) and other.is_valid_on(day)
        for day in (MONDAY + timedelta(days=number) for number in range(40))
    )
    assert one.overlaps(other) == other.overlaps(one) == both


def test_every_figure_has_its_report_and_column() -> None:
    for subject, kpis in KPIS.items():
        for kpi in kpis:
            named = None if subject == "centre" else "x"
            of = target(kpi=kpi, subject=subject, name=named, green=1, yellow=1)
            report, column = report_of(of)
            assert column in {each.name for each in REPORTS[report].columns}, (subject, kpi)
