"""When an event is tried again, when it is given up, and when its webhook is disabled."""

from datetime import UTC, datetime, timedelta

from cti_server.webhooks.attempts import (
    FIRST_WAIT,
    LONGEST_WAIT,
    MOST,
    Disable,
    GiveUp,
    TryAgain,
    after_failure,
)

NINE = datetime(2026, 11, 22, 9, tzinfo=UTC)
FIVE_DAYS = timedelta(days=5)


def decide(
    attempts: int, *, since: datetime = NINE, gone: bool = False, chance: float = 1.0
) -> TryAgain | GiveUp | Disable:
    return after_failure(attempts, since, NINE, gone=gone, disable_after=FIVE_DAYS, chance=chance)


def waits(chance: float) -> list[timedelta]:
    decisions = [decide(attempts, chance=chance) for attempts in range(1, MOST)]
    return [decision.at - NINE for decision in decisions if isinstance(decision, TryAgain)]


def test_each_wait_is_four_times_the_one_before_up_to_an_hour() -> None:
    assert waits(1.0)[:6] == [timedelta(seconds=n) for n in (5, 20, 80, 320, 1280, 3600)]
    assert len(waits(1.0)) == MOST - 1
    assert max(waits(1.0)) == LONGEST_WAIT


def test_what_failed_together_is_not_tried_again_together() -> None:
    assert waits(0.0) == [wait / 2 for wait in waits(1.0)]
    assert waits(0.0)[0] == FIRST_WAIT / 2


def test_after_the_last_attempt_the_event_is_given_up() -> None:
    assert decide(MOST) == GiveUp()


def test_days_without_one_success_disable_the_webhook_whatever_the_event() -> None:
    assert isinstance(decide(1, since=NINE - FIVE_DAYS), Disable)
    assert isinstance(decide(1, since=NINE - FIVE_DAYS + timedelta(seconds=1)), TryAgain)


def test_a_target_that_says_it_is_gone_is_believed_at_once() -> None:
    assert isinstance(decide(1, gone=True), Disable)
