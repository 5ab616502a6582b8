"""The server side of an INVITE transaction (RFC 3261 §17.2.1, RFC 6026 §7.1)."""

import enum

from .errors import IllegalStep
from .message import Request, Response
from .transaction import DEFAULT_TIMERS, AckTimedOut, Deliver, Effect, Send, Timers


class State(enum.Enum):
    PROCEEDING = "proceeding"
    ACCEPTED = "accepted"  # a 2xx was sent; the session retransmits it, not we
    COMPLETED = "completed"  # a 3xx-6xx was sent; its ACK is awaited
    CONFIRMED = "confirmed"  # the ACK came; copies of it are absorbed
    TERMINATED = "terminated"


class Timer(enum.Enum):
    RESEND = "G"
    GIVE_UP_ON_ACK = "H"
    FORGET_ACK = "I"
    FORGET_INVITE = "L"


class InviteServerTransaction:
    """From an INVITE to its ACK, or to the end of the 2xx's retransmissions."""

    __slots__ = ("_due", "_last", "_reliable", "_resend_gap", "_timers", "state")

    def __init__(self, *, reliable: bool, timers: Timers = DEFAULT_TIMERS) -> None:
        self.state = State.PROCEEDING
        self._reliable = reliable
        self._timers = timers
        self._resend_gap = timers.t1
        self._last: bytes | None = None
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
        return self.state in (State.ACCEPTED, State.CONFIRMED)

    def respond(self, response: Response, now: float) -> list[Effect]:
        """Answer the INVITE, on behalf of the session above."""
        the_end = now + self._timers.patience
        match self.state, response.status // 100:
            case (State.PROCEEDING, 1) | (State.ACCEPTED, 2):
                pass
            case State.PROCEEDING, 2:
                self._enter(State.ACCEPTED, {Timer.FORGET_INVITE: the_end})
            case State.PROCEEDING, _:
                self._enter(State.COMPLETED, {Timer.GIVE_UP_ON_ACK: the_end})
                if not self._reliable:
                    self._due[Timer.RESEND] = now + self._resend_gap
            case _:
                raise IllegalStep(f"{response.status} in state {self.state.value}")
        self._last = bytes(response)
        return [Send(self._last)]

    def receive(self, request: Request, now: float) -> list[Effect]:
        """Take in an INVITE or ACK that matched this transaction."""
        match self.state, request.method:
            case State.PROCEEDING | State.COMPLETED, "INVITE":
                return self._resend()
            case State.COMPLETED, "ACK":
                linger = 0.0 if self._reliable else self._timers.t4
                self._enter(State.CONFIRMED, {Timer.FORGET_ACK: now + linger})
                return []
            case State.ACCEPTED, "ACK":
                return [Deliver(request)]
            case _:
                return []  # a copy of what was already dealt with

    def handle_timer(self, now: float) -> list[Effect]:
        """Fire the earliest timer, if it is due."""
        if not self._due:
            return []
        timer = min(self._due, key=lambda each: self._due[each])
        if now < self._due[timer]:
            return []
        if timer is Timer.RESEND:
            self._resend_gap = min(2 * self._resend_gap, self._timers.t2)
            self._due[Timer.RESEND] = now + self._resend_gap
            return self._resend()
        self._enter(State.TERMINATED)
        return [AckTimedOut()] if timer is Timer.GIVE_UP_ON_ACK else []

    def _enter(self, state: State, due: dict[Timer, float] | None = None) -> None:
        self.state = state
        self._due = due or {}

    def _resend(self) -> list[Effect]:
        return [Send(self._last)] if self._last else []
