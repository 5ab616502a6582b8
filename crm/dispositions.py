"""What became of a contact: codes in two levels, and when one may or must be recorded. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from .errors import InvalidField, NotNow

OWED_FOR = timedelta(days=1)
"""So long after a conversation its outcome can still be handed in where the queue needs it."""


class NotWorkedOn(NotNow):
    """A disposition is recorded while the agent talks, or in the wrap-up."""

    def __init__(self) -> None:
        super().__init__("the agent is neither talking in this interaction nor wrapping it up")


class DispositionMissing(NotNow):
    def __init__(self, queue: str) -> None:
        super().__init__(f"queue {queue!r} needs a disposition before the wrap-up is ended")


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """``queues``: those that have it, all if empty. ``form_id``: what is filled in with it."""

    id: str
    parent_id: str | None = None
    queues: Collection[str] = ()
    form_id: str | None = None
    active: bool = True
    has_children: bool = False


def check_parent(parent: Code | None) -> None:
    """Raises InvalidField: a parent is there, and has none itself."""
    if parent is None:
        raise InvalidField("parent_id", "there is no such code")
    if parent.parent_id is not None:
        raise InvalidField("parent_id", "codes have two levels")
    if parent.form_id is not None:
        raise InvalidField("parent_id", "has a form itself")


def check_choice(code: Code | None, queue: str, *, filled: bool) -> None:
    """Raises InvalidField for a code that is not of this queue, or whose form is missing."""
    if code is None or not code.active:
        raise InvalidField("code", "there is no such code")
    if code.queues and queue not in code.queues:
        raise InvalidField("code", f"is not for contacts of the queue {queue!r}")
    if code.has_children:
        raise InvalidField("code", "is a group; choose one of its codes")
    if code.form_id is not None and not filled:
        raise InvalidField("form", f"the form {code.form_id!r} is needed with this code")
    if code.form_id is None and filled:
        raise InvalidField("form", "this code has none")


def check_moment(
    *, started_at: datetime | None, ended_at: datetime | None, wrapping_up: bool, owed: bool
) -> None:
    """
    Raises NotWorkedOn unless the agent talks or wraps up.

    What is ``owed`` still, as the wrap-up ran out or the server restarted in it, may be made good.
    """
    if started_at is None or (ended_at is not None and not wrapping_up and not owed):
        raise NotWorkedOn
