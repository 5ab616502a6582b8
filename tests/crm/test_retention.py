"""When what is old goes: days by class, once a day, at the quiet hour."""

from datetime import UTC, datetime, timedelta

import pytest

from crm.errors import InvalidField
from crm.retention import CLASSES, FIXED, LONGEST, check, cutoff, in_quiet_hour, next_run

SHANGHAI, BERLIN = "Asia/Shanghai", "Europe/Berlin"
NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)  # in Shanghai


def test_a_class_is_kept_for_no_fewer_days_than_something_needs_it_and_the_reason_is_told() -> None:
    for name, each in CLASSES.items():
        check(name, each.days)
        check(name, each.minimum)
        check(name, None)
        for days in (each.minimum - 1, LONGEST + 1):
            with pytest.raises(InvalidField, match="days: "):
                check(name, days)
    assert not CLASSES.keys() & FIXED.keys()


def test_a_run_is_due_at_the_quiet_hour_after_the_last_one() -> None:
    first = next_run(NOON, 3, SHANGHAI)
    second = next_run(first, 3, SHANGHAI)

    assert first == datetime(2026, 3, 2, 19, tzinfo=UTC)
    assert second - first == timedelta(days=1)
    assert next_run(NOON - timedelta(days=9), 3, SHANGHAI) < NOON  # missed: due at once


def test_the_hour_stays_when_clocks_are_set() -> None:
    before = datetime(2026, 3, 28, 2, tzinfo=UTC)  # three o'clock in Berlin; a day of 23 hours

    assert next_run(before, 3, BERLIN) == datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert in_quiet_hour(datetime(2026, 3, 29, 1, 59, tzinfo=UTC), 3, BERLIN)
    assert not in_quiet_hour(NOON, 3, SHANGHAI)


def test_days_are_counted_back_from_the_beginning_of_the_run() -> None:
    assert cutoff(NOON, 30) == NOON - timedelta(days=30)
