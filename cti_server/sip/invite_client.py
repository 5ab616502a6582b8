"""The client side of an INVITE transaction (RFC 3261 §17.1.1, RFC 6026 §7.2)."""

import enum

from .message import Headers, Request, Response
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
    CALLING = "calling"
    PROCEEDING = "proceeding"  # a provisional response came; nothing is resent any more
    ACCEPTED = "accepted"  # a 2xx came; copies and other forks' 2xx go up to be ACKed
    COMPLETED = "completed"  # a 3xx-6xx came and was ACKed; copies are ACKed again
    TERMINATED = "terminated"


class Timer(enum.Enum):
    RESEND = "A"
    GIVE_UP = "B"
    FORGET_FINAL = "D"
    FORGET_INVITE = "M"


class InviteClientTransaction:
    """From an INVITE to the moment when none of its responses can arrive any more."""

    __slots__ = (
        "_ack",
        "_due",
        "_invite",
        "_reliable",
        "_request",
        "_resend_gap",
        "_timers",
        "state",
    )

    def __init__(
        self,
        request: Request,
        *,
        reliable: bool,
        timers: Timers = DEFAULT_TIMERS,
        data: bytes | None = None,
    ) -> None:
        """``data`` is the request as it goes on the wire, if it was written already."""
        self.state = State.CALLING
        self._request: Request | None = request
        self._invite = bytes(request) if data is None else data
        self._ack = b""
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
        return self.state in (State.ACCEPTED, State.COMPLETED)

    def start(self, now: float) -> list[Effect]:
        """Send the INVITE for the first time."""
        self._due = {Timer.GIVE_UP: now + self._timers.patience}
        if not self._reliable:
            self._due[Timer.RESEND] = now + self._resend_gap
        return [Send(self._invite)]

    def receive(self, response: Response, now: float) -> list[Effect]:
        """Take in a response that matched this transaction."""
        match self.state, response.status // 100:
            case State.CALLING | State.PROCEEDING, 1:
                self._enter(State.PROCEEDING)
                return [Deliver(response)]
            case State.CALLING | State.PROCEEDING, 2:
                self._enter(State.ACCEPTED, {Timer.FORGET_INVITE: now + self._timers.patience})
                return [Deliver(response)]
            case State.CALLING | State.PROCEEDING, _:
                return self._complete(response, now)
            case State.ACCEPTED, 2:
                return [Deliver(response)]
            case State.COMPLETED, status if status > 2:
                return [Send(self._ack)]
            case _:
                return []  # too late to matter

    def handle_timer(self, now: float) -> list[Effect]:
        """Fire the earliest timer, if it is due."""
        if not self._due:
            return []
        timer = min(self._due, key=lambda each: self._due[each])
        if now < self._due[timer]:
            return []
        if timer is Timer.RESEND:
            self._resend_gap *= 2
            self._due[Timer.RESEND] = now + self._resend_gap
            return [Send(self._invite)]
        self._enter(State.TERMINATED)
        return [TimedOut()] if timer is Timer.GIVE_UP else []

    def give_up_after(self, now: float) -> None:
        """A CANCEL was sent: 64*T1 from now a final response is not hoped for (§9.1)."""
        if self.state is State.PROCEEDING:
            self._due = {Timer.GIVE_UP: now + self._timers.patience}

    def fail(self) -> list[Effect]:
        """The transport can't carry the request (RFC 3261 §17.1.4)."""
        if self.state not in (State.CALLING, State.PROCEEDING):
            return []
        self._enter(State.TERMINATED)
        return [TransportFailed()]

    def _complete(self, response: Response, now: float) -> list[Effect]:
        assert self._request is not None  # noqa: S101 - dropped only here
        self._ack = bytes(acknowledgement(self._request, response))
        if self._reliable:
            self._enter(State.TERMINATED)
        else:
            # §17.1.1.2: timer D is at least 32 s, which is 64*T1 with the default T1.
            self._enter(State.COMPLETED, {Timer.FORGET_FINAL: now + self._timers.patience})
        return [Send(self._ack), Deliver(response)]

    def _enter(self, state: State, due: dict[Timer, float] | None = None) -> None:
        self.state = state
        self._due = due or {}
        if state not in (State.CALLING, State.PROCEEDING):
            self._request = None  # what lingers is small
            self._invite = b""


def acknowledgement(invite: Request, response: Response) -> Request:
    """The ACK for a 3xx-6xx, which belongs to the INVITE's transaction (RFC 3261 §17.1.1.3)."""
    return _beside(invite, "ACK", response.headers.get("To") or "")


def cancellation(invite: Request) -> Request:
    """The CANCEL of an INVITE (RFC 3261 §9.1)."""
    return _beside(invite, "CANCEL", invite.headers.get("To") or "")


def _beside(invite: Request, method: str, to: str) -> Request:
    """A request that goes the INVITE's way, with the INVITE's branch."""
    headers = Headers()
    headers.add("Via", invite.headers.get("Via") or "")
    for route in invite.headers.get_all("Route"):
        headers.add("Route", route)
    headers.add("Max-Forwards", "70")
    headers.add("From", invite.headers.get("From") or "")
    headers.add("To", to)
    headers.add("Call-ID", invite.headers.get("Call-ID") or "")
    headers.add("CSeq", f"{invite.cseq.number} {method}")
    return Request(method, invite.uri, headers)
