"""Tasks: what may happen to one, and when it has to be looked at. Pure."""

from datetime import datetime

from .errors import InvalidField, NotNow

TABLE: dict[str, frozenset[str]] = {
    "open": frozenset({"done", "cancelled"}),
    "done": frozenset({"open"}),
    "cancelled": frozenset({"open"}),
}


class IllegalTaskStep(NotNow):
    def __init__(self, state: str, to: str) -> None:
        super().__init__(f"a task that is {state} cannot become {to}")


def moved(state: str, to: str) -> str:
    """Raises IllegalTaskStep."""
    if to not in TABLE[state]:
        raise IllegalTaskStep(state, to)
    return to


def check_times(
    starts_at: datetime | None, due_at: datetime | None, remind_at: datetime | None
) -> None:
    """Raises InvalidField."""
    if starts_at is not None and (due_at is None or due_at < starts_at):
        raise InvalidField("due_at", "an appointment ends, and not before it starts")
    if remind_at is not None and due_at is not None and remind_at > due_at:
        raise InvalidField("remind_at", "must not be after due_at")


def wake_at(state: str, *moments: datetime | None) -> datetime | None:
    """When to look at it next: the earliest of what is still to come; None for what is over."""
    if state != "open":
        return None
    return min((at for at in moments if at is not None), default=None)
