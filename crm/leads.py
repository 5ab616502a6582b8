"""
Leads: who may become a customer, how promising that is, whose it is, and what may happen. Pure.

Rules are data, tried in their order: all that give points and hold add up; the first that assigns
and holds does so.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from .errors import NotNow
from .next_action import Condition, Fact
from .ticket_types import InTurn, Named

State = Literal["new", "contacted", "qualified", "disqualified", "converted"]

TABLE: Mapping[str, tuple[State, ...]] = {
    "new": ("contacted", "qualified", "disqualified"),
    "contacted": ("qualified", "disqualified"),
    "qualified": ("contacted", "disqualified"),
    "disqualified": ("new",),
    "converted": (),
}
"""Where a lead may be moved; to be converted is more than a move (:func:`check_convertible`)."""

FACTS: Mapping[str, type] = {
    "source": str,
    "kind": str,
    "language": str,
    "company": str,
    "campaign_id": str,
    "has_number": bool,
    "has_mail": bool,
    "score": int,
}
"""What the rules may ask for; the score only when a lead is assigned."""

SCORES = (0, 100)


class IllegalLeadStep(NotNow):
    def __init__(self, state: str, to: str) -> None:
        super().__init__(f"a lead that is {state!r} cannot become {to!r}")


class LikelyKnown(NotNow):
    """Who is to become a customer may be one already; say which, or that they are two."""

    def __init__(self, customer_ids: Iterable[str]) -> None:
        super().__init__(f"may be a customer already: {', '.join(customer_ids)}")


class _Rule(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Points(_Rule):
    """What is added to, or taken from, the score."""

    rule: Literal["points"]
    points: Annotated[int, Field(ge=-100, le=100)]


class AssignTo(_Rule):
    """Who gets the lead: the next of a team, or one agent."""

    rule: Literal["assign"]
    to: Annotated[InTurn | Named, Field(discriminator="rule")]


Definition = Annotated[Points | AssignTo, Field(discriminator="rule")]


@dataclass(frozen=True, slots=True)
class Rule:
    definition: Points | AssignTo
    conditions: tuple[Condition, ...] = ()

    def holds(self, facts: Mapping[str, Fact]) -> bool:
        return all(one.holds(facts) for one in self.conditions)


def moved(state: str, to: str) -> str:
    """Raises IllegalLeadStep."""
    if to not in TABLE[state]:
        raise IllegalLeadStep(state, to)
    return to


def check_convertible(state: str) -> None:
    """Raises IllegalLeadStep."""
    if state not in {"new", "contacted", "qualified"}:
        raise IllegalLeadStep(state, "converted")


def scored(rules: Iterable[Rule], facts: Mapping[str, Fact]) -> int:
    """The points of all rules that hold, from 0 to 100."""
    points = sum(
        rule.definition.points
        for rule in rules
        if isinstance(rule.definition, Points) and rule.holds(facts)
    )
    lowest, highest = SCORES
    return min(max(points, lowest), highest)


def assignee(rules: Iterable[Rule], facts: Mapping[str, Fact]) -> InTurn | Named | None:
    """Whom the first assigning rule that holds means; None if there is none."""
    for rule in rules:
        if isinstance(rule.definition, AssignTo) and rule.holds(facts):
            return rule.definition.to
    return None
