"""Surges: what is usual, how rare a count is, simulated days without and with one."""

import math
from collections.abc import Iterator

import numpy as np
import pytest

from cti_server.alerts.breakdown import broken_down
from cti_server.alerts.surge import (
    LEAST_SPREAD,
    WINDOWS,
    Arrivals,
    Forecast,
    at_least,
    forecast,
    is_over,
    surging,
)

AROUND = 75.0  # minutes of each week
DAY = 24 * 60


def shape(minute: int) -> float:
    """Of a usual day: little at night, most before noon."""
    return 0.1 + max(0.0, math.sin((minute - 360) / 960 * math.pi))


class Centre:
    """Simulated arrivals: each day has a level of its own, and chance beside that."""

    def __init__(self, busiest: float, seed: int) -> None:
        self._chance = np.random.default_rng(seed)
        self._busiest = busiest  # a minute

    def day(self, *, times: float = 1.0, since: int = DAY) -> np.ndarray:
        level = self._chance.lognormal(0, 0.08)
        means = [
            self._busiest * shape(minute) * level * (times if minute >= since else 1.0)
            for minute in range(DAY)
        ]
        return self._chance.poisson(means)

    def history(self, weeks: int = 6) -> list[np.ndarray]:
        return [self.day() for _ in range(weeks)]


def looks(day: np.ndarray, history: list[np.ndarray], first: int = 0) -> Iterator[tuple[int, bool]]:
    """Each minute of the day, and whether that is a surge, as the watch looks at it."""
    arrivals, usual = Arrivals(), None
    total = 0
    for minute in range(first, DAY):
        if usual is None or minute % 15 == 0:
            begin, end = max(0, minute - 30), min(DAY, minute + 45)
            usual = forecast([int(past[begin:end].sum()) for past in history], end - begin)
        arrivals.note(minute, total)
        assert usual is not None
        yield minute, surging(arrivals.counts(minute), usual) is not None
        total += int(day[minute])


@pytest.mark.parametrize("busiest", [0.3, 2.0, 10.0])
def test_quiet_days_raise_an_alarm_once_a_month_at_most(busiest: float) -> None:
    centre = Centre(busiest, seed=8)
    false = sum(any(surge for _, surge in looks(centre.day(), centre.history())) for _ in range(15))

    assert false <= 1


@pytest.mark.parametrize(
    ("busiest", "times", "half", "most"),
    [(2.0, 3.0, 10, 20), (8.0, 2.0, 12, 40), (20.0, 2.0, 8, 20), (8.0, 4.0, 4, 6)],
)
def test_a_surge_is_seen_within_minutes(busiest: float, times: float, half: int, most: int) -> None:
    """``busiest``: calls a minute; ``half`` of the surges are seen so soon, and nine of ten."""
    centre, begins, after = Centre(busiest, seed=4), 10 * 60, list[int]()
    for _ in range(20):
        day = centre.day(times=times, since=begins)
        look = looks(day, centre.history(), begins - 60)
        after.append(next((minute for minute, surge in look if surge), DAY) - begins)

    after.sort()
    assert after[0] >= 0
    assert after[9] <= half
    assert after[17] <= most


def test_a_surge_is_over_when_what_comes_is_usual_again() -> None:
    usual = Forecast(per_minute=2.0, spread=0.15, weeks=6)
    assert not is_over({5: 10, 15: 60}, usual)
    assert is_over({5: 10, 15: 36}, usual)
    assert not is_over({5: 30, 15: 36}, usual)
    assert not is_over({5: 10}, usual)  # too little is known


def test_a_surge_that_is_over_is_none_in_half_an_hour_that_still_has_it() -> None:
    usual = Forecast(per_minute=2.0, spread=0.15, weeks=6)
    assert surging({5: 10, 15: 60, 30: 140}, usual) is not None
    assert surging({5: 10, 15: 36, 30: 140}, usual) is None
    last = surging({5: 30, 15: 36, 30: 140}, usual)  # and then the next one
    assert last is not None
    assert (last.window, last.count) == (5, 30)


def test_of_too_few_weeks_nothing_is_said_and_one_odd_week_changes_nothing() -> None:
    assert forecast([50, 50], AROUND) is None
    calm, odd = forecast([50, 52, 48, 51, 49], AROUND), forecast([50, 52, 48, 51, 900], AROUND)
    assert calm is not None
    assert odd is not None
    assert odd.per_minute == pytest.approx(calm.per_minute, rel=0.05)
    assert odd.spread == LEAST_SPREAD


def test_where_nobody_ever_came_a_few_are_nothing_and_many_are_a_surge() -> None:
    night = forecast([0, 0, 0, 0], AROUND)
    assert night is not None
    assert surging({5: 3}, night) is None
    assert surging({5: 12}, night) is not None


@pytest.mark.parametrize("mean", [0.5, 10.0, 200.0])
def test_the_chance_is_that_of_a_negative_binomial_distribution(mean: float) -> None:
    spread, chance = 0.3, np.random.default_rng(1)
    draws = chance.poisson(mean * chance.gamma(1 / spread**2, spread**2, 200_000))
    for count in {math.ceil(mean), math.ceil(mean * 1.5) + 1}:
        drawn = float((draws >= count).mean())
        assert at_least(count, mean, spread) == pytest.approx(drawn, abs=0.005)
    assert at_least(0, mean, spread) == pytest.approx(1.0)


def test_arrivals_go_on_over_midnight_and_windows_that_are_not_known_whole_are_left_out() -> None:
    arrivals = Arrivals()
    for minute in range(20):
        arrivals.note(minute, 100 + minute if minute < 10 else minute - 10)
    assert arrivals.counts(19) == {5: 5, 15: (109 - 104) + 9}
    assert set(WINDOWS) - set(arrivals.counts(19)) == {30}


def test_what_was_before_the_first_look_is_known_when_it_is_told() -> None:
    arrivals = Arrivals()
    arrivals.note(100, 7)
    assert arrivals.counts(100) == {}

    arrivals.recall({100: 1, 99: 3, 95: 2, 94: 40, 69: 500})
    assert arrivals.counts(100) == {5: 6, 15: 46, 30: 46}
    arrivals.note(101, 9)
    assert arrivals.counts(101) == {5: 6, 15: 48, 30: 48}


def test_where_nobody_had_arrived_the_first_ones_count_at_once() -> None:
    arrivals = Arrivals(nobody=range(85, 100))
    arrivals.note(100, 12)
    assert arrivals.counts(100) == {5: 12, 15: 12}


def test_the_breakdown_shows_what_has_more_than_its_usual_share_first() -> None:
    usual = [{"number": "95555", "reason": "balance"}] * 8 + [{"number": "95500"}] * 2
    now = [{"number": "95555", "reason": "interest", "region": "上海市"}] * 9 + [
        {"number": "95500"}
    ]
    parts = broken_down(now, usual)

    [reason] = [part for part in parts if part.dimension == "reason"]
    assert (reason.name, reason.count, reason.share, reason.share_before) == ("interest", 9, 1, 0)
    numbers = [
        (part.name, part.share, part.share_before) for part in parts if part.dimension == "number"
    ]
    assert numbers == [("95555", 0.9, 0.8), ("95500", 0.1, 0.2)]
