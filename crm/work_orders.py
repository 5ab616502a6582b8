"""Field repairs: the states that an outside crew reports. Pure."""

from .errors import NotNow

TABLE: dict[str, frozenset[str]] = {
    "sent": frozenset({"accepted", "refused", "en_route", "working", "done", "failed"}),
    "accepted": frozenset({"en_route", "working", "done", "failed"}),
    "en_route": frozenset({"working", "done", "failed"}),
    "working": frozenset({"done", "failed"}),
    "done": frozenset(),
    "failed": frozenset(),
    "refused": frozenset(),
    "cancelled": frozenset(),
}
"""What may be reported in which state. Messages get lost: a crew may skip what it did not say."""

ENDED = frozenset(state for state, following in TABLE.items() if not following)


class OrderEnded(NotNow):
    def __init__(self, state: str) -> None:
        super().__init__(f"the work order is {state} already")


def reported(state: str, report: str) -> str | None:
    """The order's next state; None for a message that was overtaken by a later one."""
    return report if report in TABLE[state] else None


def cancelled(state: str) -> str:
    """We take the order back."""
    if state in ENDED:
        raise OrderEnded(state)
    return "cancelled"
