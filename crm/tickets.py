"""What may happen to a ticket, and what its number looks like. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from .errors import InvalidField, NotNow
from .sla import Pace, Turn
from .ticket_types import Definition, Flow

FIRST_SERIAL = 10_001
"""So that the first customer does not hear that they are the first; six digits with the check."""

_DAMM = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)
"""Damm's quasigroup of order 10 (thesis, Marburg 2004): finds each wrong or swapped digit."""


class IllegalMove(NotNow):
    """The flow of the ticket's type does not lead from its state to that one."""

    def __init__(self, state: str, to: str) -> None:
        super().__init__(f"a ticket that is {state!r} cannot become {to!r}")


class CallBackMissing(NotNow):
    """The complainant has not been called back since the ticket was resolved."""

    def __init__(self) -> None:
        super().__init__("the complainant has to be called back before the ticket is closed")


def _check(digits: str) -> int:
    interim = 0
    for digit in digits:
        interim = _DAMM[interim][int(digit)]
    return interim


def number_of(prefix: str, serial: int) -> str:
    """What people say: "F-100016". The digits alone name the ticket, by the keys of a phone too."""
    return f"{prefix}-{serial}{_check(str(serial))}"


def serial_of(text: str) -> int | None:
    """The ticket that is meant, by its number with or without the letters; None for a typo."""
    digits = text.strip().upper().lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ").lstrip("- ")
    if not (digits.isascii() and digits.isdigit() and 2 <= len(digits) <= 18) or _check(digits):
        return None
    return int(digits[:-1])


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a ticket is on its way."""

    state: str
    state_since: datetime
    responded_at: datetime | None = None
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    reopened: int = 0


def opened(flow: Flow, now: datetime) -> Standing:
    responded = flow.states[flow.initial].responded
    return Standing(flow.initial, now, responded_at=now if responded else None)


def moved(flow: Flow, standing: Standing, to: str, now: datetime) -> Standing:
    """The ticket in its next state; from a solution back to work it is re-opened."""
    if to not in flow.states:
        raise InvalidField("state", f"there is no state {to!r}")
    if to not in flow.moves.get(standing.state, ()):
        raise IllegalMove(standing.state, to)
    state = flow.states[to]
    responded_at = standing.responded_at or (now if state.responded else None)
    if state.pace is not Pace.STOPPED:
        again = standing.resolved_at is not None
        return Standing(to, now, responded_at, reopened=standing.reopened + again)
    return replace(
        standing,
        state=to,
        state_since=now,
        # A solution is an answer, if it is the first that the customer gets.
        responded_at=responded_at or now,
        resolved_at=standing.resolved_at or now,
        closed_at=now if state.ends else None,
    )


@dataclass(frozen=True, slots=True)
class CallBack:
    at: datetime
    reached: bool


def check_closing(
    definition: Definition,
    standing: Standing,
    *,
    reason_id: str | None,
    cause_id: str | None,
    call_backs: Sequence[CallBack],
) -> None:
    """Raises InvalidField or CallBackMissing for what has to be there when a ticket ends."""
    if definition.needs_reason and reason_id is None:
        raise InvalidField("reason_id", "is needed to close a ticket of this type")
    if definition.needs_cause and cause_id is None:
        raise InvalidField("cause_id", "is needed to close a ticket of this type")
    if definition.call_back is not None:
        resolved_at = standing.resolved_at
        since = [one for one in call_backs if resolved_at is not None and one.at >= resolved_at]
        heard = any(one.reached for one in since)
        if not heard and len(since) < definition.call_back.attempts:
            raise CallBackMissing


def turns(flow: Flow, moves: Sequence[tuple[datetime, str]]) -> list[Turn]:
    """The clocks' turns by a ticket's moves; in a state that is gone by now they ran."""
    return [
        Turn(at, flow.states[state].pace if state in flow.states else Pace.RUNS)
        for at, state in moves
    ]
