"""The steps of a type's workflow: which comes next, and whose it is. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from .ticket_types import Step


def next_step(steps: Sequence[Step], after: str | None, facts: Mapping[str, Any]) -> Step | None:
    """
    The first step behind the one named whose conditions all hold; None at the end.

    A step that is gone from the type has none behind it: what it led to is not known any more.
    """
    names = [step.name for step in steps]
    if after is not None and after not in names:
        return None
    start = names.index(after) + 1 if after is not None else 0
    fitting = (s for s in steps[start:] if all(one.holds(facts) for one in s.when))
    return next(fitting, None)


def in_turn(members: Sequence[str], last: str | None) -> str | None:
    """Who comes after the last one, by name and around; None of nobody."""
    ordered = sorted(members)
    if last is not None:
        ordered = [one for one in ordered if one > last] + ordered
    return ordered[0] if ordered else None
