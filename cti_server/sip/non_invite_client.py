"""The client side of any transaction but INVITE (RFC 3261 §17.1.2)."""

import enum

from .message import Response
from .transaction import (
    DEFAULT_TIMERS,
    Deliver,
    Effect,
    Send,
    TimedOut,
    Timers,
    TransportFailed,
)


class State(enum.Enum):
    TRYING = "trying"
    PROCEEDING = "proceeding"
    COMPLETED = "completed"  # the final response came; copies of it are absorbed
    TERMINATED = "terminated"


class Timer(enum.Enum):
    RESEND = "E"
    GIVE_UP = "F"
    FORGET = "K"


class NonInviteClientTransaction:
    """Sends one request until a final response comes or 64*T1 is over."""

    __slots__ = ("_due", "_reliable", "_request", "_resend_gap", "_timers", "state")

    def __init__(self, request: bytes, *, reliable: bool, timers: Timers = DEFAULT_TIMERS) -> None:
        self.state = State.TRYING
        self._request = request
        self._reliable = reliable
        self._timers = timers
        self._resend_gap = timers.t1
        self._due: dict[Timer, float] = {}

    @property
    def deadline(self) -> float | None:
        """When to call :meth:`handle_timer`; None if no timer runs."""
        return min(self._due.values(), default=None)

    @property
    def terminated(self) -> bool:
        return self.state is State.TERMINATED

    @property
    def lingering(self) -> bool:
        return self.state is State.COMPLETED

    def start(self, now: float) -> list[Effect]:
        """Send the request for the first time."""
        self._due = {Timer.GIVE_UP: now + self._timers.patience}
        if not self._reliable:
            self._due[Timer.RESEND] = now + self._resend_gap
        return [Send(self._request)]

    def receive(self, response: Response, now: float) -> list[Effect]:
        """Take in a response that matched this transaction."""
        if self.state in (State.COMPLETED, State.TERMINATED):
            return []
        if response.status < 200:
            if self.state is State.TRYING and not self._reliable:
                self._resend_gap = self._timers.t2  # §17.1.2.2: from now on every T2
            self.state = State.PROCEEDING
        elif self._reliable:
            self._enter(State.TERMINATED)
        else:
            self._enter(State.COMPLETED, {Timer.FORGET: now + self._timers.t4})
        return [Deliver(response)]

    def handle_timer(self, now: float) -> list[Effect]:
        """Fire the earliest timer, if it is due."""
        if not self._due:
            return []
        timer = min(self._due, key=lambda each: self._due[each])
        if now < self._due[timer]:
            return []
        if timer is Timer.RESEND:
            if self.state is State.TRYING:
                self._resend_gap = min(2 * self._resend_gap, self._timers.t2)
            self._due[Timer.RESEND] = now + self._resend_gap
            return [Send(self._request)]
        self._enter(State.TERMINATED)
        return [TimedOut()] if timer is Timer.GIVE_UP else []

    def fail(self) -> list[Effect]:
        """The transport can't carry the request (RFC 3261 §17.1.4)."""
        if self.state in (State.COMPLETED, State.TERMINATED):
            return []
        self._enter(State.TERMINATED)
        return [TransportFailed()]

    def _enter(self, state: State, due: dict[Timer, float] | None = None) -> None:
        self.state = state
        self._due = due or {}
