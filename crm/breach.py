"""
How likely it is that a promise will be broken: of a ticket's clock, of a wait in a queue. Pure.

*Tickets.* Of the tickets of the same kind, S(t) is the share that was not solved within t of
opening hours, by the product-limit estimator (Kaplan and Meier 1958, JASA 53:457): those that are
still open count as not solved for as long as they are known. One that has taken s already breaks
its target T with the probability S(T) / S(s).

*Queues.* Somebody is served after as many others as are ahead have been. Who is served in a queue
under load is a Poisson stream (Burke 1956, Operations Research 4:699), whose rate is known from n
served in the last w seconds: by Jeffreys' prior it is Gamma(n + ½, w). So the number served within
the t that are left is negative binomial, and P(broken) = P(ahead or fewer are served within t).
"""

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

FEWEST = 20
"""Solved tickets without which a kind's history says nothing."""

AT_RISK = 0.5
"""From this probability on somebody is told: it is more likely than not."""

USED_UP = 0.8
"""Of a target, where no history says how likely a breach is."""

_LEAST, _NEAR = 1e-300, 1e-12
_MOST_STEPS = 10_000  # enough for a million ahead


@dataclass(frozen=True, slots=True)
class Lived:
    """How long a ticket took, in seconds of opening hours; not ``solved``: has taken so far."""

    seconds: float
    solved: bool


@dataclass(frozen=True, slots=True)
class Curve:
    """S(t): constant from each of the ``times`` (ascending) to the next; 1 before the first."""

    times: Sequence[float]
    shares: Sequence[float]

    def __call__(self, seconds: float) -> float:
        place = bisect_right(self.times, seconds)
        return self.shares[place - 1] if place else 1.0


def curve(lives: Iterable[Lived]) -> Curve | None:
    """
    None where too few were solved.

    One that took longer than all before it is not taken to be solved for sure: S keeps, at its
    end, the share of half a ticket.
    """
    ordered = sorted(lives, key=lambda one: one.seconds)
    if sum(one.solved for one in ordered) < FEWEST:
        return None
    least = 0.5 / len(ordered)
    left, share = len(ordered), 1.0
    times, shares = [], []
    for seconds, group in groupby(ordered, key=lambda one: one.seconds):
        ended = list(group)
        solved = sum(one.solved for one in ended)
        if solved:
            share *= 1 - solved / left
            times.append(seconds)
            shares.append(max(share, least))
        left -= len(ended)
    return Curve(times, shares)


def thinned(whole: Curve, points: int) -> Curve:
    """The same by so many points at most, evenly of the shares; the first and the last stay."""
    if len(whole.times) <= points:
        return whole
    last = len(whole.times) - 1
    places = sorted({round(place * last / (points - 1)) for place in range(points)})
    return Curve([whole.times[i] for i in places], [whole.shares[i] for i in places])


def of_ticket(history: Curve | None, spent: float, target: float) -> float | None:
    """The probability that the target is missed; None where nothing is known of such tickets."""
    if spent >= target:
        return 1.0
    return None if history is None else history(target) / history(spent)


def at_risk_after(history: Curve | None, target: float) -> float:
    """
    When, in seconds spent of the target, a breach becomes more likely than not.

    0 for one that is at risk from its beginning; the target itself where it is not before.
    """
    if history is None:
        return USED_UP * target
    wanted = history(target) / AT_RISK
    if wanted >= 1:
        return 0.0
    for seconds, share in zip(history.times, history.shares, strict=True):
        if share <= wanted:
            return min(seconds, target)
    return target


def of_wait(ahead: int, served: int, window: float, left: float) -> float:
    """
    The probability that whoever has ``ahead`` others before them is not served in the seconds left.

    ``served``: how many of this queue were in the last ``window`` seconds.
    """
    if left <= 0:
        return 1.0
    whole = window + left
    return _beta(served + 0.5, ahead + 1.0, window / whole, left / whole)


def _beta(a: float, b: float, x: float, rest: float) -> float:
    """
    The regularised incomplete beta function I_x(a, b); ``rest`` is 1 - x, but exact near 0.

    It sums the negative binomial's probabilities in about √max(a, b) steps instead of b (Press et
    al., Numerical Recipes, 3rd edition, 6.4: a continued fraction, by the method of Lentz).
    """
    if rest <= 0 or x <= 0:
        return 1.0 if rest <= 0 else 0.0
    if x > (a + 1) / (a + b + 2):  # it converges quickly on the other side only
        return 1 - _beta(b, a, rest, x)
    front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    front += a * math.log(x) + b * math.log(rest)
    return min(math.exp(front) * _fraction(a, b, x) / a, 1.0)


def _fraction(a: float, b: float, x: float) -> float:
    c, d = 1.0, 1 / _not_zero(1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, _MOST_STEPS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for each in (even, odd):
            d = 1 / _not_zero(1 + each * d)
            c = _not_zero(1 + each / c)
            value *= c * d
        if abs(c * d - 1) < _NEAR:
            break
    return value


def _not_zero(value: float) -> float:
    return value if abs(value) > _LEAST else _LEAST


def wait_at_risk_in(ahead: int, served: int, window: float, left: float) -> float:
    """
    In how many seconds a wait will be at risk if nobody is served until then, to the second.

    0 if it is now. Each second of silence makes the rate look slower, and leaves less time.
    """
    low, high = 0.0, max(left, 0.0)
    if of_wait(ahead, served, window, high) >= AT_RISK:
        return 0.0
    while high - low > 1:
        middle = (low + high) / 2
        if of_wait(ahead, served, window + middle, left - middle) >= AT_RISK:
            high = middle
        else:
            low = middle
    return high
