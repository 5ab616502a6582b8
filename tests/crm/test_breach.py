"""How likely a promise is broken: what the formulas say, and how often it was so."""

import math
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from random import Random

import pytest

from crm.breach import (
    AT_RISK,
    FEWEST,
    Lived,
    at_risk_after,
    curve,
    of_ticket,
    of_wait,
    thinned,
    wait_at_risk_in,
)

HOUR = 3600.0


def solved(*hours: float) -> list[Lived]:
    return [Lived(hour * HOUR, solved=True) for hour in hours]


def test_what_is_still_open_counts_as_long_as_it_is_known() -> None:
    """Kaplan and Meier: of 24, one is solved after an hour, one is open, one after two …"""
    lives = [*solved(1, 2), Lived(1.5 * HOUR, solved=False), *solved(*range(3, 24))]
    drawn = curve(lives)

    assert drawn is not None
    assert drawn(0.5 * HOUR) == 1
    assert drawn(1 * HOUR) == pytest.approx(23 / 24)
    assert drawn(2 * HOUR) == pytest.approx(23 / 24 * 21 / 22)
    assert drawn(30 * HOUR) == pytest.approx(0.5 / 24)  # and not zero


def test_too_few_say_nothing_and_then_the_share_of_the_target_does() -> None:
    assert curve(solved(*range(1, FEWEST))) is None
    assert of_ticket(None, HOUR, 2 * HOUR) is None
    assert of_ticket(None, 2 * HOUR, 2 * HOUR) == 1
    assert at_risk_after(None, 10 * HOUR) == 8 * HOUR


def test_a_ticket_is_at_risk_from_the_moment_at_which_a_breach_is_more_likely_than_not() -> None:
    drawn = curve(solved(*range(1, 101)))
    assert drawn is not None

    for target in (10 * HOUR, 50.5 * HOUR, 90 * HOUR):
        since = at_risk_after(drawn, target)
        probability = of_ticket(drawn, since, target)
        assert probability is not None
        assert probability >= AT_RISK
        before = of_ticket(drawn, since - 1, target) if since else 0.0
        assert before is not None
        assert before < AT_RISK or since == 0
    assert at_risk_after(drawn, 10 * HOUR) == 0  # nine of ten take longer


def test_a_curve_of_fewer_points_says_nearly_the_same() -> None:
    drawn = curve(solved(*(each / 10 for each in range(1, 2001))))
    assert drawn is not None
    few = thinned(drawn, 100)

    assert len(few.times) == 100
    assert max(abs(few(hour * HOUR) - drawn(hour * HOUR)) for hour in range(1, 201)) < 0.02


def test_a_wait_is_predicted_by_who_is_ahead_and_how_fast_they_are_served() -> None:
    assert of_wait(0, 600, 36_000, 60) == pytest.approx(math.exp(-1), rel=0.01)  # Poisson
    assert of_wait(3, 10, 600, 0) == 1
    assert of_wait(999, 500, 1800, 60) == pytest.approx(1)
    risks = [of_wait(ahead, 10, 600, 120) for ahead in range(8)]
    assert all(nearer < farther for nearer, farther in pairwise(risks))
    soon = wait_at_risk_in(0, 10, 600, 300)
    assert of_wait(0, 10, 600 + soon, 300 - soon) >= AT_RISK
    assert of_wait(0, 10, 600 + soon - 2, 300 - soon + 2) < AT_RISK
    assert wait_at_risk_in(5, 10, 600, 60) == 0


def held(predicted: Iterable[tuple[float, bool]]) -> list[tuple[float, float, int]]:
    """By fifths of the probability: what was said, how often it was so, of how many."""
    fifths: list[list[tuple[float, bool]]] = [[] for _ in range(5)]
    for probability, broken in predicted:
        fifths[min(int(probability * 5), 4)].append((probability, broken))
    return [
        (sum(p for p, _ in some) / len(some), sum(b for _, b in some) / len(some), len(some))
        for some in fifths
    ]


def later_tickets(random: Random) -> Iterator[tuple[float, bool]]:
    """
    Tickets of a centre whose 600 earlier ones are known: some easy, some hard, a fifth still open.
    """

    def takes() -> float:
        hard = random.random() < 0.3
        return random.lognormvariate(math.log(30 if hard else 5), 0.8) * HOUR

    known = [Lived(takes(), solved=True) for _ in range(480)]
    for _ in range(120):
        whole = takes()
        known.append(Lived(whole * random.random(), solved=False))
    drawn = curve(known)
    assert drawn is not None
    for _ in range(4000):
        whole, target = takes(), random.choice([4, 8, 24, 48]) * HOUR
        spent = random.random() * target
        if whole > spent:
            probability = of_ticket(drawn, spent, target)
            assert probability is not None
            yield probability, whole > target


def later_waits(random: Random) -> Iterator[tuple[float, bool]]:
    """A queue under load, looked at now and then: five agents, who need three minutes each."""
    rate = 5 / 180
    for _ in range(4000):
        window, ahead = random.uniform(300, 1800), random.randrange(12)
        served = sum(1 for _ in _poisson(random, rate, window))
        left = random.uniform(20, 600)
        came = sum(1 for _ in _poisson(random, rate, left))
        yield of_wait(ahead, served, window, left), came <= ahead


def _poisson(random: Random, rate: float, seconds: float) -> Iterator[float]:
    at = random.expovariate(rate)
    while at < seconds:
        yield at
        at += random.expovariate(rate)


@pytest.mark.parametrize("kind", [later_tickets, later_waits])
def test_what_is_said_to_be_likely_is_so_as_often_as_it_is_said(
    kind: Callable[[Random], Iterator[tuple[float, bool]]],
) -> None:
    """Of what had a probability between 20 and 40 %, 20 to 40 % were broken, and so on."""
    for said, was, of in held(kind(Random(4711))):
        assert of > 100
        assert was == pytest.approx(said, abs=0.07), (said, was, of)


@pytest.mark.parametrize(("served", "left"), [(0, 30), (10, 120), (500, 60), (700, 1700)])
def test_the_probability_is_the_sum_over_all_who_may_be_served_first(
    served: int, left: float
) -> None:
    """Of the negative binomial's terms, one by one, by their logarithms."""
    window, shape = 1800.0, served + 0.5
    p, rest = window / (window + left), left / (window + left)
    terms = [
        math.lgamma(shape + n) - math.lgamma(shape) - math.lgamma(n + 1)
        + shape * math.log(p) + n * math.log(rest)
        for n in range(1000)
    ]  # fmt: skip
    for ahead in (0, 1, 7, 150, 999):
        summed = math.fsum(math.exp(term) for term in terms[: ahead + 1])
        assert of_wait(ahead, served, window, left) == pytest.approx(summed, rel=1e-8, abs=1e-12)
