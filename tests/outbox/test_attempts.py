"""When a message that was not taken is tried again, and when it becomes a dead letter."""

from datetime import UTC, datetime, timedelta

import pytest

from fax_sms_email.attempts import GiveUp, Pace, Patience, TryAgain

NINE = datetime(2026, 11, 22, 9, tzinfo=UTC)
PACE = Pace(first=timedelta(seconds=30), longest=timedelta(hours=1))
PATIENCE = Patience(PACE, gives_up_after=timedelta(days=3))


@pytest.mark.parametrize(
    ("attempts", "chance", "seconds"),
    [(1, 1.0, 30), (1, 0.0, 15), (2, 1.0, 120), (3, 0.5, 360), (4, 1.0, 1920), (5, 1.0, 3600)],
)
def test_each_wait_is_four_times_as_long_up_to_the_longest(
    attempts: int, chance: float, seconds: float
) -> None:
    assert PACE.wait(attempts, chance) == timedelta(seconds=seconds)
    later = PATIENCE.after_failure(attempts, NINE, NINE, permanent=False, chance=chance)
    assert later == TryAgain(NINE + timedelta(seconds=seconds))


def test_the_thousandth_attempt_waits_as_long_as_the_tenth() -> None:
    assert PACE.wait(1000, 1.0) == PACE.wait(10, 1.0) == timedelta(hours=1)


def test_what_is_refused_for_good_is_given_up_at_once_and_all_else_when_patience_ends() -> None:
    assert PATIENCE.after_failure(1, NINE, NINE, permanent=True, chance=1.0) == GiveUp()
    almost, over = NINE + timedelta(days=3, seconds=-1), NINE + timedelta(days=3)
    tried = PATIENCE.after_failure(90, NINE, almost, permanent=False, chance=1.0)
    assert tried == TryAgain(almost + timedelta(hours=1))
    assert PATIENCE.after_failure(90, NINE, over, permanent=False, chance=1.0) == GiveUp()
