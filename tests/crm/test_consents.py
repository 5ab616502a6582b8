"""Whether a customer may be contacted: channels, consents, hours."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from crm.consents import Decision, Preferences, Refusal, Wishes, allows, latest

NOON = datetime(2031, 7, 4, 4, 0, tzinfo=UTC)  # a Friday, 12:00 in Shanghai
MONTH = timedelta(days=30)


def wishes(*decisions: Decision, **preferences: Any) -> Wishes:
    return Wishes(Preferences.model_validate(preferences), decisions, "Asia/Shanghai")


def decided(given: bool, at: datetime = NOON - MONTH, **more: Any) -> Decision:
    return Decision("voice", "marketing", given, at, **more)


def quiet(start: str, end: str, *days: int) -> dict[str, Any]:
    return {"start": start, "end": end, "days": days}


def test_service_is_allowed_until_it_is_refused_marketing_only_after_a_consent() -> None:
    assert allows(wishes(), "voice", "service", NOON) is None
    assert allows(wishes(), "voice", "marketing", NOON) == Refusal("no_consent")
    assert allows(wishes(decided(True)), "voice", "marketing", NOON) is None
    assert allows(wishes(decided(True)), "sms", "marketing", NOON) == Refusal("no_consent")
    refused = Decision("voice", "service", False, NOON - MONTH)
    assert allows(wishes(refused), "voice", "service", NOON) == Refusal("consent_withdrawn")


def test_the_newest_decision_holds_and_of_two_at_once_the_refusal() -> None:
    old, new = NOON - 2 * MONTH, NOON - MONTH

    def answer(*decisions: Decision) -> Refusal | None:
        return allows(wishes(*decisions), "voice", "marketing", NOON)

    assert answer(decided(False, old), decided(True, new)) is None
    assert answer(decided(False, new), decided(True, old)) == Refusal("consent_withdrawn")
    assert answer(decided(True, new), decided(False, new)) == Refusal("consent_withdrawn")
    assert latest([decided(True)], "sms", "marketing") is None


def test_a_consent_ends_at_its_moment() -> None:
    said = wishes(decided(True, expires_at=NOON))

    assert allows(said, "voice", "marketing", NOON - timedelta(microseconds=1)) is None
    assert allows(said, "voice", "marketing", NOON) == Refusal("consent_expired")


def test_a_channel_that_is_never_wanted_is_refused_whatever_was_consented() -> None:
    said = wishes(decided(True), never=["voice"])

    assert allows(said, "voice", "marketing", NOON) == Refusal("channel_refused")
    assert allows(said, "voice", "service", NOON) == Refusal("channel_refused")
    assert allows(said, "mail", "service", NOON) is None


@pytest.mark.parametrize(
    ("hours", "at", "until"),
    [
        ([quiet("22:00", "08:00")], "2031-07-04T13:59Z", None),
        ([quiet("22:00", "08:00")], "2031-07-04T14:00Z", "2031-07-05T00:00Z"),
        ([quiet("22:00", "08:00")], "2031-07-04T23:59Z", "2031-07-05T00:00Z"),
        ([quiet("22:00", "08:00")], "2031-07-05T00:00Z", None),
        ([quiet("12:00", "14:00", 1)], "2031-07-04T04:30Z", None),  # Mondays only
        ([quiet("12:00", "14:00", 5)], "2031-07-04T04:30Z", "2031-07-04T06:00Z"),
        ([quiet("23:00", "07:00", 5)], "2031-07-04T22:00Z", "2031-07-04T23:00Z"),
        ([quiet("23:00", "07:00", 6)], "2031-07-04T22:00Z", None),  # it began on Friday
        # one after the other, and over the whole week-end
        ([quiet("12:00", "14:00"), quiet("14:00", "15:00")], "2031-07-04T04:30Z",
         "2031-07-04T07:00Z"),
        ([quiet("00:00", "00:00", 6, 7)], "2031-07-05T02:00Z", "2031-07-06T16:00Z"),
        ([quiet("08:00", "08:00")], "2031-07-05T02:00Z", "never"),
    ],
)  # fmt: skip
def test_quiet_hours_are_the_customers_own_and_say_when_they_end(
    hours: list[dict[str, Any]], at: str, until: str | None
) -> None:
    said = wishes(quiet_hours=hours)

    refusal = allows(said, "voice", "service", datetime.fromisoformat(at))

    if until is None:
        assert refusal is None
    else:
        end = None if until == "never" else datetime.fromisoformat(until)
        assert refusal == Refusal("quiet_hours", end)


def test_where_the_clocks_change_the_night_is_an_hour_longer_or_shorter() -> None:
    said = wishes(quiet_hours=[quiet("22:00", "08:00")], time_zone="Europe/Berlin")

    def end_of(night: str) -> Refusal | None:
        return allows(said, "voice", "service", datetime.fromisoformat(night))

    assert end_of("2031-03-29T22:00Z") == Refusal(
        "quiet_hours", datetime(2031, 3, 30, 6, 0, tzinfo=UTC)
    )
    assert end_of("2031-10-25T22:00Z") == Refusal(
        "quiet_hours", datetime(2031, 10, 26, 7, 0, tzinfo=UTC)
    )


@given(
    starts=st.lists(st.times(), min_size=1, max_size=3),
    lengths=st.lists(st.integers(1, 12), min_size=3, max_size=3),
    hour=st.integers(0, 24 * 14),
)
def test_when_the_quiet_hours_end_the_customer_can_be_contacted(
    starts: list[Any], lengths: list[int], hour: int
) -> None:
    hours = [
        {"start": start, "end": start.replace(hour=(start.hour + length) % 24)}
        for start, length in zip(starts, lengths, strict=False)
    ]
    said = wishes(quiet_hours=hours)
    refusal = allows(said, "voice", "service", NOON + timedelta(hours=hour))

    if refusal is not None and refusal.until is not None:
        assert refusal.until > NOON + timedelta(hours=hour)
        assert allows(said, "voice", "service", refusal.until) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"never": ["pigeon"]},
        {"quiet_hours": [{"start": "08:00", "end": "26:00"}]},
        {"quiet_hours": [{"start": "08:00+08:00", "end": "09:00"}]},
        {"quiet_hours": [{"start": "08:00", "end": "09:00", "days": [8]}]},
        {"time_zone": "Mars/Olympus"},
        {"time_zone": "../../etc/passwd"},
        {"colour": "red"},
    ],
)
def test_preferences_that_mean_nothing_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Preferences.model_validate(wrong)
