"""What a run shall do: arrivals that can be repeated, and refusals in words."""

import dataclasses
import itertools
import statistics

import pytest

from simulator.errors import PlanInvalid
from simulator.load.plan import LoadPlan, arrival_times

GOOD = LoadPlan(calls=1)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"target": "sip:1000@192.0.2.1"}, "on loopback"),
        ({"target": "tel:1000"}, "on loopback"),
        ({"target": "sip:"}, "on loopback"),
        ({"agents_at": (("10.0.0.1", 5080),)}, "only loopback"),
        ({"agents_at": (("127.0.0.1", 70_000),)}, "no such port"),
        ({"agents_at": ()}, "at least one address"),
        ({"calls": None}, "how many calls or how long"),
        ({"calls": 0}, "calls: 1 to"),
        ({"duration": 1e9}, "duration: 0.1 to"),
        ({"rate": 0}, "rate: 0.01 to"),
        ({"concurrent": 10_000}, "concurrent: 1 to"),
        ({"hold": -1}, "hold: 0 to"),
        ({"digit": "12"}, "digit 12: one of"),
        ({"rtp_processes": 0}, "RTP processes: 1 to"),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused_with_the_reason(
    change: dict[str, object], words: str
) -> None:
    with pytest.raises(PlanInvalid, match=words):
        dataclasses.replace(GOOD, **change).check()  # type: ignore[arg-type]


def test_even_arrivals_come_at_the_rate_until_all_calls_are_placed() -> None:
    plan = LoadPlan(calls=4, rate=2)

    assert list(arrival_times(plan)) == [0.0, 0.5, 1.0, 1.5]


def test_arrivals_end_with_the_duration() -> None:
    assert len(list(arrival_times(LoadPlan(duration=3, rate=10)))) == 30


def test_poisson_arrivals_are_the_same_for_the_same_seed_and_keep_the_rate() -> None:
    plan = LoadPlan(calls=5000, rate=20, arrivals="poisson", seed=7)
    times = list(arrival_times(plan))
    gaps = [later - earlier for earlier, later in itertools.pairwise(times)]

    assert times == list(arrival_times(plan))
    assert times != list(arrival_times(dataclasses.replace(plan, seed=8)))
    assert statistics.mean(gaps) == pytest.approx(1 / 20, rel=0.05)
    assert statistics.stdev(gaps) == pytest.approx(1 / 20, rel=0.1)
