"""
What the four transactions of RFC 3261 §17 share: their base timers and their effects.

Transactions are pure. A method takes the time (seconds of one monotonic clock), moves the state
and returns what to do; whoever drives a transaction calls ``handle_timer`` at its ``deadline``.
"""

from dataclasses import dataclass
from typing import Protocol

from .message import Request, Response


@dataclass(frozen=True, slots=True)
class Timers:
    """The base timers of RFC 3261 §17, in seconds."""

    t1: float = 0.5  # round-trip estimate
    t2: float = 4.0  # longest gap between retransmissions
    t4: float = 5.0  # longest a message stays in the network

    @property
    def patience(self) -> float:
        """64*T1: how long an answer or an ACK is waited for."""
        return 64 * self.t1


DEFAULT_TIMERS = Timers()


@dataclass(frozen=True, slots=True)
class Send:
    """Put these bytes on the wire. They are kept, so that a retransmission costs no building."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Deliver:
    """Hand this message up to the transaction's user."""

    message: Request | Response


@dataclass(frozen=True, slots=True)
class TimedOut:
    """Tell the user that no final response came in time."""


@dataclass(frozen=True, slots=True)
class AckTimedOut:
    """Tell the user that nobody acknowledged the final response."""


@dataclass(frozen=True, slots=True)
class TransportFailed:
    """Tell the user that the request can't be carried to its destination."""


Effect = Send | Deliver | TimedOut | AckTimedOut | TransportFailed


class Machine(Protocol):
    """What a driver needs of any of the four."""

    @property
    def deadline(self) -> float | None:
        """When to call :meth:`handle_timer`; None if no timer runs."""
        ...

    @property
    def terminated(self) -> bool: ...

    @property
    def lingering(self) -> bool:
        """Whether it only waits to be forgotten, so that its deadline need not be exact."""
        ...

    def handle_timer(self, now: float) -> list[Effect]: ...
