"""When an event is tried again, when it is given up, and when its webhook is disabled."""

from datetime import UTC, datetime, timedelta

import pytest

from cti_server.webhooks.attempts import (
    FIRST_WAIT,
    LONGEST_WAIT,
    MOST,
    Disable,
    after_failure,
    retry_after_of,
)
from fax_sms_email.attempts import GiveUp, TryAgain

NINE = datetime(2026, 11, 22, 9, tzinfo=UTC)
FIVE_DAYS = timedelta(days=5)


def decide(
    attempts: int,
    *,
    since: datetime = NINE,
    gone: bool = False,
    chance: float = 1.0,
    retry_after: timedelta | None = None,
) -> TryAgain | GiveUp | Disable:
    return after_failure(
        attempts,
        since,
        NINE,
        gone=gone,
        disable_after=FIVE_DAYS,
        chance=chance,
        retry_after=retry_after,
    )


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


def test_a_target_is_left_alone_as_long_as_it_asks_for_but_not_longer_than_our_longest_wait() -> (
    None
):
    assert decide(1, retry_after=timedelta(minutes=5)) == TryAgain(NINE + timedelta(minutes=5))
    assert decide(1, retry_after=timedelta(days=9)) == TryAgain(NINE + LONGEST_WAIT)
    assert decide(4, retry_after=timedelta(seconds=1)) == decide(4)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("120", timedelta(seconds=120)),
        ("Sun, 22 Nov 2026 09:02:00 GMT", timedelta(minutes=2)),
        ("Sun, 22 Nov 2026 08:00:00 GMT", timedelta(0)),
        ("9" * 400, LONGEST_WAIT),
        ("-1", None),
        ("soon", None),
        ("Sun, 99 Nov 2026 09:02:00 GMT", None),
        ("Mon, 01 Jan 99999999999999999999 00:00:00 GMT", None),
        ("\u0663", None),
        (None, None),
    ],
)
def test_when_to_come_again_is_said_in_seconds_or_as_a_moment(
    text: str | None, asked: timedelta | None
) -> None:
    assert retry_after_of(text, NINE) == asked
