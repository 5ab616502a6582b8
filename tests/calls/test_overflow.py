"""Which rule leads a contact out of a queue, and when they are to be looked at again."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from config.floor import QueueSettings
from config.overflows import misled
from config.waiting import OverflowSettings
from cti_server.calls.overflow import Situation, looked_at, next_look, overflowing
from tests.acd.build import span

OUT = "queue:others"


def rule(when: str, **settings: Any) -> OverflowSettings:
    return OverflowSettings.model_validate({"when": when, "then": OUT, **settings})


def situation(**facts: Any) -> Situation:
    usual: dict[str, Any] = {"open": True, "there": 3, "place": 5, "expected": span(100)}
    return Situation(**{**usual, **facts})


def holds(one: OverflowSettings, **facts: Any) -> bool:
    return list(overflowing([one], situation(**facts))) == [one]


@pytest.mark.parametrize(
    ("one", "holding", "not_holding"),
    [
        (rule("closed"), {"open": False}, {}),
        (rule("nobody_there"), {"there": 0}, {"there": 1}),
        (rule("size", size=4), {"place": 5}, {"place": 4}),
        (rule("expected_wait", time=99), {"expected": span(100)}, {"expected": None}),
        (rule("expected_wait", time=99), {"expected": span(100)}, {"expected": span(99)}),
    ],
)
def test_each_rule_goes_by_its_own_fact(
    one: OverflowSettings, holding: dict[str, Any], not_holding: dict[str, Any]
) -> None:
    assert holds(one, **holding)
    assert not holds(one, **not_holding)


def test_when_rules_are_looked_at_is_theirs_to_say() -> None:
    """A queue that closes or grows sends nobody away who waits, unless its rule says so."""
    facts = {"open": False, "waited": span(1)}
    assert not holds(rule("closed"), **facts)
    assert holds(rule("closed", looked_at="always"), **facts)
    assert not holds(rule("size", size=1), waited=span(1))
    assert holds(rule("nobody_there"), there=0, waited=span(1))
    assert not holds(rule("nobody_there", looked_at="while_waiting"), there=0)
    assert holds(rule("waited", time=1), waited=span(1))
    assert not holds(rule("waited", time=1))


def test_a_rule_that_waits_for_its_time_needs_no_look_at_the_queues() -> None:
    after_a_minute = rule("waited", time=60)

    assert [looked_at(after_a_minute, span(waited)) for waited in (59, 60)] == [False, True]
    assert not looked_at(after_a_minute, None)
    assert looked_at(rule("size", size=1), None)
    assert not looked_at(rule("size", size=1), span(99))


def test_rules_that_hold_come_in_their_order() -> None:
    rules = [rule("size", size=9), rule("expected_wait", time=30), rule("size", size=1)]

    assert list(overflowing(rules, situation())) == rules[1:]


def test_the_next_look_is_when_somebody_will_have_waited_or_soon_for_what_others_do() -> None:
    every = span(5)
    assert next_look([], span(0), every) is None
    assert next_look([rule("size", size=1), rule("closed")], span(0), every) is None
    assert next_look([rule("waited", time=60)], span(50), every) == span(10)
    assert next_look([rule("waited", time=60)], span(60), every) is None
    assert next_look([rule("waited", time=3), rule("nobody_there")], span(1), every) == span(2)
    assert next_look([rule("nobody_there")], span(1), every) == every


@pytest.mark.parametrize(
    "wrong",
    [
        {"when": "size"},
        {"when": "waited"},
        {"when": "expected_wait", "size": 3},
        {"when": "closed", "time": 3},
        {"when": "waited", "time": 3, "looked_at": "on_arrival"},
        {"when": "closed", "then": "somewhere"},
    ],
)
def test_a_rule_that_says_too_little_or_too_much_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        OverflowSettings.model_validate({"then": OUT, **wrong})


def queue(name: str, *rules: OverflowSettings, **exits: str) -> QueueSettings:
    keys = {key.removeprefix("key"): {"then": then} for key, then in exits.items()}
    return QueueSettings.model_validate({"name": name, "overflow": rules, "exits": keys})


def test_ways_to_nowhere_and_rings_are_found_with_the_fields_name() -> None:
    def to(name: str) -> OverflowSettings:
        return rule("waited", time=timedelta(minutes=1), then=f"queue:{name}")

    assert misled([queue("a", to("b")), queue("b", to("c")), queue("c")]) == []
    assert [(one.queue, one.field) for one in misled([queue("a", to("x"), key1="queue:y")])] == [
        ("a", "overflow.0.then"),
        ("a", "exits.1.then"),
    ]
    ring = misled([queue("a", rule("closed", then="hang_up"), to("b")), queue("b", to("a"))])
    assert [(one.queue, one.field) for one in ring] == [
        ("a", "overflow.1.then"),
        ("b", "overflow.0.then"),
    ]
    assert [one.field for one in misled([queue("a", to("a"))])] == ["overflow.0.then"]


def test_a_key_may_lead_back_to_where_a_rule_has_led_from() -> None:
    """By the caller's own wish, and at the place that was kept."""
    there = rule("waited", time=60, then="queue:b")

    assert misled([queue("a", there), queue("b", key0="queue:a")]) == []
