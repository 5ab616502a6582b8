"""Advice: which rules hold, in which order, and which rules cannot be."""

from typing import Any

import pytest

from crm.errors import InvalidField
from crm.next_action import MOST, ActionRule, Condition, Fact, advise, check

FACTS: dict[str, Fact] = {
    "tier": "gold",
    "tags": ["roaming", "5G"],
    "open_tickets": 2,
    "last_outcome": None,
    "attributes.churn_score": 0.8,
}


def condition(field: str, comparison: Any, value: Any) -> Condition:
    return Condition(field=field, comparison=comparison, value=value)


@pytest.mark.parametrize(
    ("field", "comparison", "value", "holds"),
    [
        ("tier", "is", "gold", True),
        ("tier", "is", ["gold", "vip"], True),
        ("tier", "is", "vip", False),
        ("tier", "is_not", "vip", True),
        ("tier", "is_not", ["gold"], False),
        ("tags", "has", "roaming", True),
        ("tags", "has", ["landline", "5G"], True),
        ("tags", "has", "landline", False),
        ("open_tickets", "at_least", 2, True),
        ("open_tickets", "at_least", 3, False),
        ("open_tickets", "at_most", 2, True),
        ("attributes.churn_score", "at_least", 0.7, True),
        ("attributes.unknown", "at_least", 0, False),
        ("attributes.unknown", "at_most", 0, False),
        ("last_outcome", "is", "handled", False),
        ("last_outcome", "is_not", "handled", True),
    ],
)
def test_a_condition_holds_or_does_not(
    field: str, comparison: str, value: Any, holds: bool
) -> None:
    assert condition(field, comparison, value).holds(FACTS) is holds


def rule(rule_id: str, action: str, *conditions: Condition) -> ActionRule:
    return ActionRule(id=rule_id, action=action, labels={}, conditions=conditions)


def test_advice_comes_in_the_rules_order_each_once_and_not_too_much_of_it() -> None:
    rules = [
        rule("never", "upgrade", condition("tier", "is", "vip")),
        rule("one", "apologise", condition("open_tickets", "at_least", 1)),
        rule("again", "apologise"),
        *(rule(f"r{number}", f"a{number}") for number in range(5)),
    ]

    advice = advise(rules, FACTS)

    assert [one.rule_id for one in advice] == ["one", "r0", "r1"]
    assert len(advice) == MOST


def test_all_conditions_of_a_rule_have_to_hold() -> None:
    both = rule("r", "a", condition("tier", "is", "gold"), condition("tags", "has", "landline"))

    assert advise([both], FACTS) == []


@pytest.mark.parametrize(
    ("bad", "at_fault"),
    [
        (condition("teir", "is", "gold"), "conditions.1.field"),
        (condition("open_tickets", "at_least", "many"), "conditions.1.value"),
        (condition("open_tickets", "at_least", True), "conditions.1.value"),
        (condition("tier", "at_least", 3), "conditions.1.comparison"),
        (condition("tags", "is", "roaming"), "conditions.1.comparison"),
        (condition("tier", "has", "gold"), "conditions.1.comparison"),
    ],
)
def test_a_condition_that_could_never_hold_is_refused_by_name(
    bad: Condition, at_fault: str
) -> None:
    with pytest.raises(InvalidField) as refused:
        check([bad])

    assert refused.value.field == at_fault


def test_a_field_of_the_centres_own_may_be_compared_in_every_way() -> None:
    check([condition("attributes.interests", "has", "golf")])
    check([condition("attributes.churn_score", "at_most", 0.5)])
