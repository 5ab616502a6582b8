"""What becomes of a review, step by step, and who takes each step. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from crm.errors import NotNow

from .errors import NotYours

State = Literal["draft", "submitted", "acknowledged", "objected", "settled", "withdrawn"]
Step = Literal["save", "submit", "acknowledge", "object", "settle", "assign", "withdraw"]

STATES: tuple[State, ...] = (
    "draft",
    "submitted",
    "acknowledged",
    "objected",
    "settled",
    "withdrawn",
)
HIDDEN: tuple[State, ...] = ("draft", "withdrawn")
"""In which a review is nobody's business but the reviewer's and the managers'."""

_AFTER: Mapping[tuple[State, Step], State] = {
    ("draft", "save"): "draft",
    ("draft", "assign"): "draft",
    ("draft", "submit"): "submitted",
    ("draft", "withdraw"): "withdrawn",
    ("submitted", "acknowledge"): "acknowledged",
    ("submitted", "object"): "objected",
    ("objected", "settle"): "settled",
}
_OF_CALIBRATIONS = {"save", "submit"}
_OF_MANAGERS = {"assign", "withdraw", "settle"}


@dataclass(frozen=True, slots=True)
class Judged:
    """Who a review is by and about; ``calibrates``: it compares judges, and is about nobody."""

    reviewer_id: str
    agent_id: str
    calibrates: bool = False


def after(state: State, step: Step, of: Judged) -> State:
    """Raises NotNow."""
    if of.calibrates and step not in _OF_CALIBRATIONS:
        raise NotNow("the review is of a calibration: it is saved and submitted, no more")
    following = _AFTER.get((state, step))
    if following is None:
        raise NotNow(f"the review is {state}")
    return following


def check_who(step: Step, by: str, of: Judged, *, manages: bool) -> None:
    """
    Raises NotYours.

    Nobody judges themselves, and whoever judged does not settle what is said against it.
    """
    if step in {"save", "submit"}:
        if by != of.reviewer_id:
            raise NotYours("the review is another reviewer's")
    elif step in {"acknowledge", "object"}:
        if by != of.agent_id:
            raise NotYours("the review is about another agent")
    elif step in _OF_MANAGERS:
        if by == of.agent_id:
            raise NotYours("the review is about yourself")
        if step == "settle" and by == of.reviewer_id:
            raise NotYours("the review is your own: somebody else settles it")
        if not manages:
            raise NotYours("this is for who manages quality")
