"""How a wait in a queue ended, where no conversation did: by the contact's own end."""

from typing import Literal

WaitEnd = Literal["abandoned", "exited", "lost", "overflowed", "sent_away", "turned_away"]

OURS = frozenset(
    {
        *("flow-loop", "media-unavailable", "media-lost"),
        *("server-stopped", "server-died", "internal-error"),
    }
)
"""Reasons of a contact's end that are faults of ours (a "server_error" of a call)."""

HUNG_UP = frozenset({"abandoned", "handled"})
"""Outcomes of a contact that left by itself; "handled" had been spoken with before."""

AT_THE_LINE = frozenset({"voice", "chat"})
"""Channels by which somebody waits. What else is in a queue has counts of its own: nobody's
patience is at stake, and a letter's day would be the queue's longest wait."""


_DIVERTED: dict[str, WaitEnd] = {
    "queue": "overflowed",
    "number": "overflowed",
    "call_back": "exited",
}


def end_by_diversion(to: str, *, waited: bool) -> WaitEnd:
    """
    ``to``: whereto a contact was diverted, as its event says.

    Who stood in the line was let in once: "sent_away" from there is not "turned_away" before it.
    """
    if to == "hang_up":
        return "sent_away" if waited else "turned_away"
    return _DIVERTED.get(to, "exited")


def end_of_wait(outcome: str, reason: str) -> WaitEnd:
    """``outcome`` and ``reason`` of the contact that ended while it waited."""
    if reason in OURS:
        return "lost"
    return "abandoned" if outcome in HUNG_UP else "exited"
