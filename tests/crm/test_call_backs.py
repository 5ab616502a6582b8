"""When customers are called back, how often, and when no more."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.call_backs import CallBackSettings, PauseSettings
from crm.calendars import Calendar
from crm.call_backs import (
    NOT_THE_CUSTOMERS,
    AttemptOutcome,
    Call,
    Close,
    Wait,
    abandoned_due,
    after_attempt,
    after_refusal,
    place_since,
    state_of,
    turn,
)
from crm.consents import Refusal

from .test_calendars import hours, shanghai

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)  # a Monday
DAY = timedelta(days=1)
OFFICE = Calendar(hours())  # 09:00 to 18:00 in Shanghai, Monday to Friday
ALWAYS = Calendar(
    hours(week={day: [["00:00", "24:00"]] for day in ("mon", "tue", "wed", "thu", "fri")})
)


def turned(
    now: datetime,
    *,
    asked: datetime = NOON,
    due: datetime = NOON,
    calendar: Calendar | None = None,
    expire: timedelta = 3 * DAY,
) -> Wait | Call | Close:
    settings = CallBackSettings(expire_after=expire)
    return turn(settings, calendar, asked_at=asked, due_at=due, now=now)


# --- windows ----------------------------------------------------------------------------------


def test_without_a_calendar_a_customer_may_be_called_until_the_call_back_expires() -> None:
    assert turned(NOON) == Call(NOON + 3 * DAY)


def test_nobody_is_called_before_it_is_due() -> None:
    assert turned(NOON, due=NOON + DAY) == Wait(NOON + DAY, "not_due")


def test_it_expires_in_the_very_moment_and_not_before() -> None:
    last = NOON + 3 * DAY

    assert turned(last - timedelta(microseconds=1)) == Call(last)
    assert turned(last) == Close("expired")
    assert turned(NOON, due=NOON + 9 * DAY) == Wait(last, "not_due")


@pytest.mark.parametrize(
    ("now", "told"),
    [
        ("2026-03-02 08:59", Wait(shanghai("2026-03-02 09:00"), "closed")),
        ("2026-03-02 09:00", Call(shanghai("2026-03-02 18:00"))),
        ("2026-03-02 17:59", Call(shanghai("2026-03-02 18:00"))),
        ("2026-03-02 18:00", Wait(shanghai("2026-03-03 09:00"), "closed")),
        ("2026-03-06 20:00", Wait(shanghai("2026-03-09 09:00"), "closed")),  # over the weekend
    ],
)
def test_customers_are_called_in_the_hours_of_the_calendar_only(
    now: str, told: Wait | Call
) -> None:
    asked = shanghai("2026-03-01 12:00")

    assert turned(shanghai(now), asked=asked, due=asked, calendar=OFFICE, expire=30 * DAY) == told


def test_days_that_follow_without_a_gap_are_one_window() -> None:
    monday = shanghai("2026-03-02 12:00")

    window = turned(monday, asked=monday, due=monday, calendar=ALWAYS, expire=30 * DAY)

    assert window == Call(shanghai("2026-03-07 00:00"))


def test_a_calendar_that_never_opens_leaves_it_to_expire() -> None:
    never = Calendar(hours(week={}))

    assert turned(NOON, calendar=never) == Wait(NOON + 3 * DAY, "closed")


@given(
    after=st.timedeltas(timedelta(0), 9 * DAY),
    due=st.timedeltas(timedelta(0), 9 * DAY),
    expire=st.timedeltas(timedelta(seconds=1), 9 * DAY),
)
def test_whatever_the_moment_it_is_called_when_due_and_open_and_looked_at_again_later(
    after: timedelta, due: timedelta, expire: timedelta
) -> None:
    now = NOON + after

    told = turned(now, due=NOON + due, calendar=OFFICE, expire=expire)

    may = after < expire and due <= after and OFFICE.is_open(now)
    assert isinstance(told, Call) == may
    match told:
        case Call(until) | Wait(until, _):
            assert now < until <= NOON + expire
        case Close(outcome):
            assert (outcome, after >= expire) == ("expired", True)


# --- attempts ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "minutes"),
    [
        ("busy", 5),
        ("no_answer", 30),
        ("declined", 120),
        ("unreachable", 60),
        ("not_met", 5),
        ("agent_left", 0),
        ("cut", 1),
    ],
)
def test_how_long_a_customer_is_left_alone_depends_on_what_came_of_the_attempt(
    outcome: AttemptOutcome, minutes: int
) -> None:
    assert after_attempt(CallBackSettings(), outcome, 1, NOON) == NOON + timedelta(minutes=minutes)


def test_pauses_are_the_queues_own() -> None:
    settings = CallBackSettings(pauses=PauseSettings(busy=timedelta(seconds=2)))

    assert after_attempt(settings, "busy", 1, NOON) == NOON + timedelta(seconds=2)


def test_after_so_many_attempts_the_customer_is_given_up_but_not_for_our_faults() -> None:
    settings = CallBackSettings(attempts=2)

    assert after_attempt(settings, "no_answer", 1, NOON) is not None
    assert after_attempt(settings, "no_answer", 2, NOON) is None
    for outcome in NOT_THE_CUSTOMERS:
        assert after_attempt(settings, outcome, 2, NOON) is not None


def test_who_was_reached_is_not_called_again() -> None:
    assert after_attempt(CallBackSettings(), "reached", 0, NOON) is None


# --- wishes -----------------------------------------------------------------------------------


def test_who_wants_peace_now_is_called_later_whoever_asked() -> None:
    quiet = Refusal("quiet_hours", NOON)

    assert after_refusal(quiet, "asked") == after_refusal(quiet, "abandoned") == NOON


def test_who_will_have_no_calls_gets_none_but_the_one_that_they_asked_for_themselves() -> None:
    refused = Refusal("channel_refused")

    for reason in ("abandoned", "media-lost", "requested"):
        assert after_refusal(refused, reason) == Close("refused")
    assert after_refusal(refused, "asked") is None


# --- who hung up ------------------------------------------------------------------------------


def test_who_hung_up_after_a_wait_of_so_long_is_called_after_a_rest() -> None:
    settings = CallBackSettings(
        offer_abandoned_after=timedelta(seconds=30), abandoned_rest=timedelta(seconds=60)
    )
    queued = NOON - timedelta(seconds=30)

    assert abandoned_due(settings, queued, NOON) == NOON + timedelta(seconds=60)
    assert abandoned_due(settings, queued, NOON - timedelta(seconds=1)) is None
    assert abandoned_due(CallBackSettings(), NOON - DAY, NOON) is None


def test_who_wishes_a_later_time_waits_from_then_on() -> None:
    assert place_since(NOON, None) == NOON
    assert place_since(NOON, NOON - DAY) == NOON
    assert place_since(NOON, NOON + DAY) == NOON + DAY


@pytest.mark.parametrize(
    ("given", "state"),
    [
        ({}, "waiting"),
        ({"mode": "by_hand"}, "by_hand"),
        ({"due_at": NOON + DAY}, "scheduled"),
        ({"due_at": NOON + DAY, "dialling": True}, "dialling"),
        ({"outcome": "reached"}, "reached"),
    ],
)
def test_a_call_back_stands_in_one_word(given: dict[str, Any], state: str) -> None:
    facts: dict[str, Any] = {
        "outcome": None,
        "dialling": False,
        "due_at": NOON,
        "mode": "agent_first",
    }

    assert state_of(**(facts | given), now=NOON) == state
