"""Calendars, held against a walk through every minute."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from crm.calendars import WEEKDAYS, Calendar, Hours
from tests.sizes import examples

MINUTE = timedelta(minutes=1)
ZONES = {
    "Asia/Shanghai": datetime(2026, 9, 28, tzinfo=UTC),  # no clock changes; a holiday week
    "Europe/Berlin": datetime(2026, 3, 28, tzinfo=UTC),  # 02:00 becomes 03:00 on the 29th
    "America/New_York": datetime(2026, 10, 31, tzinfo=UTC),  # 02:00 becomes 01:00 on 1 November
    "America/Santiago": datetime(2026, 4, 4, tzinfo=UTC),  # midnight becomes 23:00 the day before
    "Australia/Lord_Howe": datetime(2026, 10, 3, tzinfo=UTC),  # by half an hour
    "America/St_Johns": datetime(2006, 10, 28, tzinfo=UTC),  # 00:01 became 23:01 the day before
    "Pacific/Apia": datetime(2011, 12, 29, tzinfo=UTC),  # 30 December did not exist
}
"""Three days from here on something happens to the clocks."""


def hours(zone: str = "Asia/Shanghai", **given: Any) -> Hours:
    week = {day: [["09:00", "18:00"]] for day in WEEKDAYS[:5]}
    labels = {"zh": "办公时间", "en": "Office hours"}
    return Hours.model_validate({"labels": labels, "time_zone": zone, "week": week, **given})


def shanghai(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai"))


def text_of(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


@st.composite
def spans(draw: st.DrawFn) -> list[list[str]]:
    bounds = sorted(draw(st.sets(st.integers(0, 1440), max_size=6)))
    pairs = zip(bounds[::2], bounds[1::2], strict=False)
    return [[text_of(opens), text_of(closes)] for opens, closes in pairs]


@st.composite
def calendars(draw: st.DrawFn) -> tuple[Hours, datetime]:
    """Hours with exceptions around a moment when the clocks may change, and a minute near it."""
    zone = draw(st.sampled_from(sorted(ZONES)))
    near = ZONES[zone]
    days = st.integers(-1, 4).map(lambda n: str((near + timedelta(days=n)).date()))
    written = hours(
        zone,
        week=draw(st.dictionaries(st.sampled_from(WEEKDAYS), spans(), min_size=2)),
        holidays=[
            {"date": day, "labels": {"zh": "假日", "en": "Holiday"}}
            for day in draw(st.sets(days, max_size=2))
        ],
        overrides=[
            {"date": day, "hours": draw(spans())} for day in draw(st.sets(days, max_size=2))
        ],
    )
    return written, near + draw(st.integers(0, 2 * 1440)) * MINUTE


def works_at(written: Hours, at: datetime) -> bool:
    """The rule in the fewest words: what the clock on the wall shows lies in the day's hours."""
    wall = at.astimezone(ZoneInfo(written.time_zone))
    day = written.week.get(WEEKDAYS[wall.weekday()], ())
    if wall.date() in {holiday.date for holiday in written.holidays}:
        day = ()
    for override in written.overrides:
        if wall.date() == override.date:
            day = override.hours
    shown = wall.strftime("%H:%M")
    return any(opens <= shown < closes for opens, closes in day)


@settings(max_examples=examples(40))
@given(calendars(), st.integers(0, 2 * 1440))
def test_time_between_is_the_count_of_open_minutes(
    calendar: tuple[Hours, datetime], minutes: int
) -> None:
    written, start = calendar
    walked = [works_at(written, start + n * MINUTE) for n in range(minutes)]

    found = Calendar(written).between(start, start + minutes * MINUTE)

    assert found == sum(walked) * MINUTE


@settings(max_examples=examples(40))
@given(calendars(), st.integers(1, 300))
def test_the_moment_after_some_work_is_where_a_walk_through_the_minutes_has_counted_it(
    calendar: tuple[Hours, datetime], work: int
) -> None:
    written, start = calendar
    at, left = start, work
    while left and at < start + timedelta(days=3):
        left -= works_at(written, at)
        at += MINUTE

    found = Calendar(written).after(start, work * MINUTE)

    if left == 0:
        assert found == at
    else:
        assert found is None or found > start + timedelta(days=3)


@settings(max_examples=examples(50))
@given(calendars(), st.timedeltas(timedelta(seconds=1), timedelta(hours=40)), st.integers(0, 59))
def test_what_was_worked_until_the_moment_after_some_work_is_that_work(
    calendar: tuple[Hours, datetime], work: timedelta, seconds: int
) -> None:
    written, start = calendar
    start += timedelta(seconds=seconds, microseconds=1)
    exact = Calendar(written)

    at = exact.after(start, work)

    if at is not None:
        assert exact.between(start, at) == work
        assert not exact.is_open(at - timedelta(microseconds=1)) or (
            exact.between(start, at - timedelta(microseconds=1)) < work
        )


@settings(max_examples=examples(50))
@given(calendars())
def test_a_moment_is_open_when_the_minute_on_the_wall_is(calendar: tuple[Hours, datetime]) -> None:
    written, at = calendar

    assert Calendar(written).is_open(at) == works_at(written, at)


@settings(max_examples=examples(40))
@given(calendars())
def test_it_opens_and_closes_where_a_walk_through_the_minutes_says(
    calendar: tuple[Hours, datetime],
) -> None:
    written, at = calendar
    walked = [works_at(written, at + n * MINUTE) for n in range(2 * 1440)]
    exact, end = Calendar(written), at + len(walked) * MINUTE

    for found, sought in ((exact.opens(at), True), (exact.closes(at), False)):
        if sought in walked:
            assert found == at + walked.index(sought) * MINUTE
        else:
            assert found is None or found >= end


def test_work_of_a_friday_afternoon_ends_on_monday() -> None:
    friday = shanghai("2026-11-20T17:00")

    assert Calendar(hours()).after(friday, timedelta(hours=4)) == shanghai("2026-11-23T12:00")


def test_a_holiday_is_no_working_day_and_a_saturday_made_up_for_is_one() -> None:
    calendar = Calendar(
        hours(
            holidays=[{"date": "2026-10-01", "labels": {"zh": "国庆节", "en": "National Day"}}],
            overrides=[{"date": "2026-10-10", "hours": [["10:00", "12:00"]]}],
        )
    )

    thursday, saturday = shanghai("2026-10-01T08:00"), shanghai("2026-10-10T08:00")
    assert calendar.after(thursday, timedelta(hours=1)) == shanghai("2026-10-02T10:00")
    assert calendar.between(saturday, saturday + timedelta(days=1)) == timedelta(hours=2)


def test_round_the_clock_a_day_on_which_the_clocks_go_forward_has_23_hours() -> None:
    always = Calendar(hours("Europe/Berlin", week={day: [["00:00", "24:00"]] for day in WEEKDAYS}))
    berlin = ZoneInfo("Europe/Berlin")
    sunday = datetime.combine(date(2026, 3, 29), time(), berlin)

    assert always.between(sunday, datetime.combine(date(2026, 3, 30), time(), berlin)) == timedelta(
        hours=23
    )


def test_a_calendar_without_hours_never_reaches_anything() -> None:
    never = Calendar(hours(week={}))
    start = datetime(2026, 1, 1, tzinfo=UTC)

    assert never.after(start, MINUTE) is None
    assert never.after(start, timedelta(0)) == start


@given(st.integers(0, 5000))
def test_a_week_is_the_one_on_the_wall(days: int) -> None:
    at = datetime(2020, 1, 1, 15, 59, tzinfo=UTC) + timedelta(days=days)  # 23:59 in Shanghai
    calendar = Calendar(hours())

    for moment in (at, at + MINUTE):
        shown = moment.astimezone(ZoneInfo("Asia/Shanghai"))
        assert calendar.week_of(moment) == shown.strftime("%G-W%V")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("time_zone", "Middle/Earth"),
        ("time_zone", "../../etc/passwd"),
        ("time_zone", "Asia/Shang\0hai"),
        ("week", {"mon": [["18:00", "09:00"]]}),
        ("week", {"mon": [["09:00", "12:00"], ["11:00", "13:00"]]}),
        ("week", {"mon": [["09:00", "24:01"]]}),
        ("week", {"monday": []}),
        ("holidays", [{"date": "2026-02-30", "labels": {"zh": "无", "en": "none"}}]),
    ],
)
def test_what_is_no_calendar_is_refused_by_its_field(field: str, value: object) -> None:
    written = {**hours().model_dump(mode="json"), field: value}

    with pytest.raises(ValidationError, match=field):
        Hours.model_validate(written)
