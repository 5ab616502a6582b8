"""What is done about a disk's space: which step at which reading, and how long it lasts."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from config.disk import DiskSettings
from recording.budget import (
    Filling,
    Reading,
    Room,
    Stage,
    begun,
    ended,
    is_wanted,
    room_at,
    stage_of,
)

SETTINGS = DiskSettings(
    warn=20, move=10, spare=5, refuse=1, margin=2, warn_within=timedelta(hours=10)
)


def stage(free: float, before: Stage = Stage.OK, *, left: float | None = None) -> Stage:
    """At so many per cent of free space."""
    return stage_of(SETTINGS, before, Reading(0.0, 1000, round(free * 10)), left)


@pytest.mark.parametrize(
    ("free", "reached"),
    [
        (100, Stage.OK),
        (20, Stage.OK),
        (19.9, Stage.WARN),
        (10, Stage.WARN),
        (9.9, Stage.MOVE),
        (4.9, Stage.SPARE),
        (1, Stage.SPARE),
        (0.9, Stage.REFUSE),
        (0, Stage.REFUSE),
    ],
)
def test_each_step_begins_below_its_share(free: float, reached: Stage) -> None:
    assert stage(free) == reached


@pytest.mark.parametrize(
    ("free", "before", "stays"),
    [
        (11.9, Stage.MOVE, Stage.MOVE),
        (12, Stage.MOVE, Stage.WARN),
        (21.9, Stage.WARN, Stage.WARN),
        (22, Stage.WARN, Stage.OK),
        (6.9, Stage.REFUSE, Stage.SPARE),
        (50, Stage.REFUSE, Stage.OK),
        (0.5, Stage.WARN, Stage.REFUSE),
    ],
)
def test_it_ends_a_margin_later(free: float, before: Stage, stays: Stage) -> None:
    assert stage(free, before) == stays


def test_a_disk_that_is_full_soon_is_warned_of_however_much_is_free() -> None:
    hour = 3600.0

    assert stage(80, left=10 * hour) is Stage.OK
    assert stage(80, left=9.9 * hour) is Stage.WARN
    assert stage(80, Stage.WARN, left=12 * hour) is Stage.WARN
    assert stage(80, Stage.WARN, left=12.5 * hour) is Stage.OK


def test_a_step_of_no_share_is_never_taken() -> None:
    never = DiskSettings(warn=10, move=0, spare=0, refuse=0)

    assert stage_of(never, Stage.OK, Reading(0.0, 1000, 0), None) is Stage.WARN


@given(
    st.integers(0, 1000),
    st.integers(0, 1000),
    st.sampled_from(Stage),
    st.none() | st.floats(0, 1e6),
)
def test_less_space_never_means_less_is_done(
    one: int, other: int, before: Stage, left: float | None
) -> None:
    more, less = max(one, other), min(one, other)

    at_more = stage_of(SETTINGS, before, Reading(0.0, 1000, more), left)
    at_less = stage_of(SETTINGS, before, Reading(0.0, 1000, less), left)

    assert at_less >= at_more
    assert stage_of(SETTINGS, at_more, Reading(0.0, 1000, more), left) == at_more  # it settles


@given(st.sampled_from(Stage), st.sampled_from(Stage))
def test_every_step_that_began_ends(before: Stage, now: Stage) -> None:
    assert begun(before, now) == ended(now, before)[::-1]
    assert not (begun(before, now) and ended(before, now))
    assert Stage.OK not in begun(before, now)


def test_what_can_be_recorded_follows_from_the_stage() -> None:
    assert [room_at(stage) for stage in Stage] == [Room.ALL] * 4 + [Room.NEEDED, Room.NONE]


def test_the_rate_is_what_stays_written() -> None:
    filling = Filling()
    for minute in range(21):
        filling.take(Reading(60.0 * minute, 10**9, 10**9 - minute * 60_000))

    assert filling.rate == pytest.approx(1000)
    assert filling.seconds_left == pytest.approx((10**9 - 1_200_000) / 1000)


def test_what_was_cleared_on_purpose_was_written_all_the_same() -> None:
    filling = Filling()
    filling.take(Reading(0.0, 1000, 500))
    filling.take(Reading(1000.0, 1000, 600, cleared=300))

    assert filling.rate == pytest.approx(0.2)


def test_of_less_than_a_quarter_of_an_hour_nothing_is_foretold() -> None:
    filling = Filling()
    assert (filling.rate, filling.seconds_left) == (None, None)
    filling.take(Reading(0.0, 1000, 500))
    filling.take(Reading(899.0, 1000, 0))

    assert (filling.rate, filling.seconds_left) == (None, None)


def test_a_disk_that_empties_is_never_full() -> None:
    filling = Filling()
    filling.take(Reading(0.0, 1000, 500))
    filling.take(Reading(1000.0, 1000, 700))

    assert (filling.rate, filling.seconds_left) == (0.0, None)


def test_what_was_more_than_an_hour_ago_counts_no_more() -> None:
    filling = Filling()
    filling.take(Reading(0.0, 10**6, 10**6))
    for second in range(1000, 10_000, 10):  # a jump long ago, and then nothing
        filling.take(Reading(float(second), 10**6, 5000))

    assert filling.rate == 0.0


@pytest.mark.parametrize(
    ("said", "rule"),
    [
        ({"warn": 5, "move": 10}, "move: must not be more than warn"),
        ({"spare": 1, "refuse": 2}, "refuse: must not be more than spare"),
        ({"move": 0, "warn": 3, "spare": 4}, "spare: must not be more than warn"),
        ({"warn": 101}, "warn"),
        ({"margin": -1}, "margin"),
        ({"compress": 1}, "compress"),
    ],
)
def test_steps_that_make_no_sense_are_refused_by_name(said: dict[str, float], rule: str) -> None:
    with pytest.raises(ValidationError, match=rule):
        DiskSettings.model_validate(said)


def test_recordings_become_smaller_before_they_leave_where_that_is_wanted() -> None:
    steps = DiskSettings(warn=20, compress=15, move=10, spare=5, refuse=0)
    reached = [stage_of(steps, Stage.OK, Reading(0.0, 100, free), None) for free in (19, 14, 9, 0)]

    assert reached == [Stage.WARN, Stage.COMPRESS, Stage.MOVE, Stage.SPARE]
    assert begun(Stage.WARN, Stage.MOVE) == [Stage.COMPRESS, Stage.MOVE]
    assert [step for step in Stage if step and is_wanted(steps, step)] == [
        *(Stage.WARN, Stage.COMPRESS, Stage.MOVE, Stage.SPARE),
    ]
    assert not is_wanted(SETTINGS, Stage.COMPRESS)
    assert is_wanted(DiskSettings(warn=0), Stage.WARN)  # by want of time


def test_compressing_has_its_place_between_the_others() -> None:
    with pytest.raises(ValidationError, match="compress: must not be more than warn"):
        DiskSettings(warn=10, compress=12, move=5)
    with pytest.raises(ValidationError, match="move: must not be more than compress"):
        DiskSettings(warn=10, compress=4, move=5)
