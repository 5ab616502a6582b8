"""The clocks of tickets, held against a walk through every minute."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from crm.calendars import Calendar, Hours
from crm.sla import Pace, Turn, reached, read, solved_at
from tests.sizes import examples

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
MONDAY = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # 09:00 in Shanghai
OFFICE = Calendar(
    Hours.model_validate(
        {
            "labels": {"zh": "办公时间", "en": "Office hours"},
            "time_zone": "Asia/Shanghai",
            "week": {day: [["09:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
        }
    )
)


def turn(hours: float, pace: Pace) -> Turn:
    return Turn(MONDAY + hours * HOUR, pace)


@st.composite
def histories(draw: st.DrawFn) -> list[Turn]:
    minutes = sorted(draw(st.sets(st.integers(0, 3000), min_size=1, max_size=6)))
    return [Turn(MONDAY + n * MINUTE, draw(st.sampled_from(Pace))) for n in minutes]


@settings(max_examples=examples(60))
@given(histories(), st.integers(1, 900), st.integers(0, 3000), st.none() | st.integers(0, 3000))
def test_a_clock_shows_the_open_minutes_in_which_it_ran(
    turns: list[Turn], target: int, now: int, met: int | None
) -> None:
    met_at = None if met is None else MONDAY + met * MINUTE
    end = MONDAY + now * MINUTE if met_at is None else met_at
    turns = [each for each in turns if each.at <= end] or [Turn(MONDAY, Pace.RUNS)]
    spent, due = 0, None
    at = turns[0].at
    while at < end:
        pace = [each.pace for each in turns if each.at <= at][-1]
        spent += pace is Pace.RUNS and OFFICE.is_open(at)
        at += MINUTE
        if spent == target and due is None:
            due = at

    reading = read(turns, target * MINUTE, OFFICE, end, met_at=met_at)

    assert reading.spent == spent * MINUTE
    if due is not None:
        assert reading.due_at == due
    assert reading.breached == (spent > target or (spent == target and met is None))


def test_a_clock_that_stands_still_is_not_due_and_goes_on_where_it_stood() -> None:
    turns = [turn(0, Pace.RUNS), turn(2, Pace.PAUSED)]

    assert read(turns, 4 * HOUR, OFFICE, MONDAY + 7 * HOUR, met_at=None).due_at is None
    assert (
        reached([*turns, turn(24, Pace.RUNS)], 4 * HOUR, OFFICE, met_at=None) == MONDAY + 26 * HOUR
    )


def test_a_clock_that_was_overrun_before_it_paused_stays_so() -> None:
    turns = [turn(0, Pace.RUNS), turn(5, Pace.PAUSED)]

    reading = read(turns, 4 * HOUR, OFFICE, MONDAY + 7 * HOUR, met_at=None)

    assert (reading.due_at, reading.breached) == (MONDAY + 4 * HOUR, True)


def test_an_answer_at_the_last_moment_is_in_time_and_one_after_it_is_not() -> None:
    turns = [turn(0, Pace.RUNS)]

    for late in (timedelta(0), timedelta(microseconds=1)):
        met_at = MONDAY + HOUR + late
        reading = read(turns, HOUR, OFFICE, met_at, met_at=met_at)
        assert reading.breached == bool(late)


def test_re_opening_does_not_give_more_time() -> None:
    turns = [turn(0, Pace.RUNS), turn(3, Pace.STOPPED), turn(5, Pace.RUNS)]

    assert solved_at(turns[:2]) == MONDAY + 3 * HOUR
    assert solved_at(turns) is None
    assert reached(turns, 4 * HOUR, OFFICE, met_at=None) == MONDAY + 6 * HOUR


def test_closing_what_is_solved_does_not_move_the_moment_of_its_solution() -> None:
    turns = [turn(0, Pace.RUNS), turn(3, Pace.STOPPED), turn(5, Pace.STOPPED)]

    assert solved_at(turns) == MONDAY + 3 * HOUR
