"""Whether a trunk lives: by its answers, its silence, and its calls."""

from datetime import UTC, datetime, timedelta

import pytest

from cti_server.trunks.health import TrunkHealth

NINE = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
LATER = NINE + timedelta(minutes=1)


@pytest.mark.parametrize("status", [200, 401, 404, 405, 483, 500, 603])
def test_any_answer_is_life(status: int) -> None:
    health = TrunkHealth()

    assert health.answered(status, 0.02, NINE)
    assert not health.answered(status, 0.03, LATER)

    assert (health.state, health.since, health.round_trip) == ("up", NINE, 0.03)
    assert (health.status, health.answered_at) == (status, LATER)


@pytest.mark.parametrize("status", [408, 503])
def test_but_nobody_takes_calls_behind_these(status: int) -> None:
    health = TrunkHealth()
    health.answered(200, 0.02, NINE)

    assert [health.answered(status, 0.02, LATER) for _ in range(3)] == [False, True, False]
    assert (health.state, health.since, health.unanswered) == ("down", LATER, 3)


def test_what_was_missed_once_may_have_got_lost() -> None:
    health = TrunkHealth()
    health.answered(200, 0.02, NINE)

    assert not health.missed(NINE)
    assert (health.state, health.doubtful) == ("up", True)
    assert not health.answered(200, 0.02, LATER)
    assert not health.missed(LATER)
    assert health.state == "up"


def test_who_never_answered_is_down_and_comes_up_with_an_answer() -> None:
    health = TrunkHealth()

    assert (health.state, health.since) == ("unknown", None)
    assert [health.missed(NINE), health.missed(NINE)] == [False, True]
    assert not health.doubtful
    assert health.answered(200, 0.02, LATER)
    assert (health.state, health.since) == ("up", LATER)


def test_who_takes_calls_and_answers_no_options_is_not_down_until_a_call_fails() -> None:
    health = TrunkHealth()
    health.missed(NINE)
    health.missed(NINE)

    assert health.took_call(LATER)
    assert [health.missed(LATER) for _ in range(5)] == [False] * 5
    assert (health.state, health.answers_options) == ("up", False)

    assert not health.failed_call(403, LATER)  # it is there to say so
    assert health.failed_call(408, LATER)
    assert (health.state, health.failed_calls, health.failed_status) == ("down", 2, 408)


def test_a_call_that_fails_leaves_the_judgement_to_options_where_they_are_answered() -> None:
    health = TrunkHealth()
    health.answered(200, 0.02, NINE)

    assert not health.failed_call(503, LATER)

    assert (health.state, health.failed_at) == ("up", LATER)
