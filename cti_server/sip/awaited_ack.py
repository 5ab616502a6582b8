"""The UAS core's part of a 2xx: it is sent again until its ACK comes (RFC 3261 §13.3.1.4)."""

from .transaction import DEFAULT_TIMERS, AckTimedOut, Effect, Send, Timers


class AwaitedAck:
    """Retransmits over any transport, T1 doubling up to T2, for 64*T1 at most."""

    __slots__ = ("_end", "_gap", "_response", "_timers", "deadline")

    def __init__(self, response: bytes, now: float, timers: Timers = DEFAULT_TIMERS) -> None:
        self._response = response
        self._timers = timers
        self._gap = timers.t1
        self._end = now + timers.patience
        self.deadline: float | None = now + self._gap

    def acknowledge(self) -> None:
        """The ACK came."""
        self.deadline = None

    def handle_timer(self, now: float) -> list[Effect]:
        """Send the 2xx again, or give up."""
        if self.deadline is None or now < self.deadline:
            return []
        if now >= self._end:
            self.deadline = None
            return [AckTimedOut()]
        self._gap = min(2 * self._gap, self._timers.t2)
        self.deadline = min(now + self._gap, self._end)
        return [Send(self._response)]
