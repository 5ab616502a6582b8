"""
A floor's life as long as one likes: :class:`.FloorLife` with dice instead of Hypothesis.

Hypothesis looks for short stories that go wrong and tells the shortest; it begins anew after 60
steps. What goes wrong only after a thousand steps is found here: each rule is a face of the dice,
its arguments are taken from some that Hypothesis has drawn, and the same promises are kept.
"""

import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, TypeVar

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import Rule

from acd.model import ContactId

from .test_floor_life import FloorLife

T = TypeVar("T")

CROWD = 25  # contacts who wait at once, before the last ones leave
EXAMPLES = 80  # of each rule's arguments
_OFTEN = {
    "accepts": 8,
    "works": 10,
    "finishes": 8,
    "time_passes": 6,
    "put": 2,
    "the_server_restarts": 0.05,
}
"""How often, where it is not once: an ordinary day is more than changes of queues."""

TIDE = 300  # events, then more callers come, or fewer
_CALLS = (1, 3, 12)
FLURRY = 100  # contacts who come and leave in one moment

_STATE = FloorLife.setup_state()


class Dice:
    """What ``st.data()`` gives a rule to draw from."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance

    def draw(self, strategy: Any) -> Any:
        return self._chance.choice(strategy.elements)


class RandomLife:
    """The same life for the same seed."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._dice = Dice(self._chance)
        self.happened: Counter[str] = Counter()
        self.life = FloorLife()
        for rule in _STATE.initializers:
            self._let_happen(rule)

    def live(self, events: int) -> None:
        """Raises AssertionError for a promise that is broken."""
        while events > 0:
            calls = self._chance.choice(_CALLS)
            often = _OFTEN | {"calls": calls}
            if calls == min(_CALLS):
                self._leave([*self.life.ledger.contacts])
            self._flurry()
            weights = [often.get(_name(rule), 1) for rule in _STATE.rules]
            for rule in self._chance.choices(_STATE.rules, weights, k=min(events, TIDE)):
                self._let_happen(rule)
                for invariant in _STATE.invariants:
                    invariant.function(self.life)
                if len(self.life.ledger.contacts) > CROWD:
                    self._leave(sorted(self.life.ledger.contacts)[: CROWD // 2])
            events -= TIDE

    def end(self) -> None:
        self.life.teardown()

    def _let_happen(self, rule: Rule) -> None:
        name = _name(rule)
        arguments = dict(self._chance.choice(_arguments()[name]))
        for each in rule.arguments.keys() - arguments.keys():
            arguments[each] = self._dice
        rule.function(self.life, **arguments)
        self.happened[name] += 1

    def _leave(self, names: Iterable[str]) -> None:
        """They are tired of waiting."""
        life = self.life
        for name in names:
            life.happens(life.router.withdraw(ContactId(name), life.now))
            life.ledger.left(name)

    def _flurry(self) -> None:
        """Somebody's dialler hangs up at once, again and again: all that was set is called off."""
        calls = next(rule for rule in _STATE.rules if _name(rule) == "calls")
        for _ in range(FLURRY):
            before = set(self.life.ledger.contacts)
            self._let_happen(calls)
            self._leave(self.life.ledger.contacts.keys() - before)


@cache
def _arguments() -> Mapping[str, Sequence[dict[str, Any]]]:
    """Of each rule, some that Hypothesis would have tried; but for those that are dice."""
    rules = (*_STATE.rules, *_STATE.initializers)
    drawn: dict[str, list[dict[str, Any]]] = {_name(rule): [] for rule in rules}
    every = st.fixed_dictionaries(
        {_name(rule): st.fixed_dictionaries(_without_data(rule)) for rule in rules}
    )

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),  # a busy machine is slow, and nothing is wrong
    )
    @given(every)
    def draw(together: dict[str, dict[str, Any]]) -> None:
        for name, arguments in together.items():
            drawn[name].append(arguments)

    draw()
    return drawn


def _without_data(rule: Rule) -> dict[str, Any]:
    data = type(st.data())
    return {name: one for name, one in rule.arguments.items() if not isinstance(one, data)}


def _name(rule: Rule) -> str:
    name: str = rule.function.__name__
    return name
