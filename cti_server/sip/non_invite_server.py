"""The server side of any other transaction (RFC 3261 §17.2.2)."""

import enum

from .errors import IllegalStep
from .message import Request, Response
from .transaction import DEFAULT_TIMERS, Effect, Send, Timers


class State(enum.Enum):
    TRYING = "trying"
    PROCEEDING = "proceeding"
    COMPLETED = "completed"  # the final response was sent; copies of the request get it again
    TERMINATED = "terminated"


class NonInviteServerTransaction:
    """From a request to the moment (timer J) when no copy of it can arrive any more."""

    __slots__ = ("_last", "_reliable", "_timers", "deadline", "state")

    def __init__(self, *, reliable: bool, timers: Timers = DEFAULT_TIMERS) -> None:
        self.state = State.TRYING
        self.deadline: float | None = None
        self._reliable = reliable
        self._timers = timers
        self._last: bytes | None = None

    @property
    def terminated(self) -> bool:
        return self.state is State.TERMINATED

    @property
    def lingering(self) -> bool:
        return self.state is State.COMPLETED

    def respond(self, response: Response, now: float) -> list[Effect]:
        """Answer the request, on behalf of the core above."""
        if self.state not in (State.TRYING, State.PROCEEDING):
            raise IllegalStep(f"{response.status} in state {self.state.value}")
        self._last = bytes(response)
        if response.status < 200:
            self.state = State.PROCEEDING
        elif self._reliable:
            self.state = State.TERMINATED
        else:
            self.state = State.COMPLETED
            self.deadline = now + self._timers.patience
        return [Send(self._last)]

    def receive(self, request: Request, now: float) -> list[Effect]:
        """Take in a copy of the request: it gets the answer that was given."""
        return [Send(self._last)] if self._last and not self.terminated else []

    def handle_timer(self, now: float) -> list[Effect]:
        """Fire timer J, if it is due."""
        if self.deadline is not None and now >= self.deadline:
            self.state = State.TERMINATED
            self.deadline = None
        return []
