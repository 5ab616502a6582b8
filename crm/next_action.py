"""
What an agent had best do for this customer now: rules as data, judged by what is known.

Pure. A rule is a list of conditions that all have to hold; the rules' order is the advice's order.
"""

import math
from collections.abc import Iterable, Mapping
from typing import Any, Literal

import msgspec

from .errors import InvalidField

Fact = str | int | float | bool | list[str] | None
Comparison = Literal["is", "is_not", "has", "at_least", "at_most"]

MOST = 3
"""Pieces of advice at once: a screen that just opened has no room for more."""

FACTS = {
    "tier": str,
    "kind": str,
    "language": str,
    "tags": list,
    "open_tickets": int,
    "open_ticket_types": list,
    "contacts": int,
    "last_outcome": str,
}
"""What can be asked for, beside ``attributes.<field>``: the fields that the centre has defined."""

_OF_ATTRIBUTES = "attributes."


class Condition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    ``field`` compared with ``value``.

    "is" and "is_not" take one value or a list of them, "has" looks into a list, "at_least" and
    "at_most" compare numbers. What is not known satisfies nothing but "is_not".
    """

    field: str
    comparison: Comparison
    value: str | int | float | bool | list[str]

    def holds(self, facts: Mapping[str, Fact]) -> bool:
        fact = facts.get(self.field)
        match self.comparison:
            case "is":
                return fact is not None and fact in self._values
            case "is_not":
                return fact not in self._values
            case "has":
                return isinstance(fact, list) and any(value in fact for value in self._values)
            case "at_least":
                return _number(fact) >= _number(self.value)
            case "at_most":
                return _number(fact) <= _number(self.value)

    @property
    def _values(self) -> list[Any]:
        return self.value if isinstance(self.value, list) else [self.value]


class ActionRule(msgspec.Struct, frozen=True, kw_only=True):
    """Advice (``action`` is its name for figures, ``labels`` its words), and when it is given."""

    id: str
    action: str
    labels: dict[str, str]
    conditions: tuple[Condition, ...] = ()


class NextAction(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of advice, as the agent sees it."""

    rule_id: str
    action: str
    labels: dict[str, str]


def advise(rules: Iterable[ActionRule], facts: Mapping[str, Fact]) -> list[NextAction]:
    """The first of the rules that hold, each action once."""
    advice: dict[str, NextAction] = {}
    for rule in rules:
        if len(advice) == MOST:
            break
        if rule.action not in advice and all(one.holds(facts) for one in rule.conditions):
            advice[rule.action] = NextAction(
                rule_id=rule.id, action=rule.action, labels=rule.labels
            )
    return list(advice.values())


def check(conditions: Iterable[Condition], facts: Mapping[str, type] = FACTS) -> None:
    """
    Raises InvalidField for what could never hold: an unknown field, a comparison beside it.

    ``facts``: those that can be asked for, by their type, where it is not an agent's advice.
    """
    for number, condition in enumerate(conditions, 1):
        where = f"conditions.{number}"
        kind = facts.get(condition.field)
        if kind is None and not condition.field.startswith(_OF_ATTRIBUTES):
            known = ", ".join([*facts, f"{_OF_ATTRIBUTES}<field>"])
            raise InvalidField(f"{where}.field", f"must be one of {known}")
        if condition.comparison in {"at_least", "at_most"}:
            if math.isnan(_number(condition.value)):
                raise InvalidField(f"{where}.value", "must be a number")
            if kind in {str, list}:
                raise InvalidField(f"{where}.comparison", f"{condition.field} is no number")
        if (condition.comparison == "has") != (kind is list) and kind is not None:
            rule = 'needs "has"' if kind is list else "is no list"
            raise InvalidField(f"{where}.comparison", f"{condition.field} {rule}")


def _number(value: object) -> float:
    """NaN, with which every comparison is false, for what is no number."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return math.nan
    return float(value)
