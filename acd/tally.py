"""What an agent has done since they logged in, as far as routing goes by it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from .model import AgentState

BUSY = (AgentState.RINGING, AgentState.TALKING, AgentState.WRAP_UP)


@dataclass(frozen=True, slots=True)
class Shift:
    """An agent's shift as far as it is on record, for a tally to go on with after a restart."""

    since: datetime  # the log-in
    idle_since: datetime
    offered_at: datetime | None = None
    handled: int = 0
    busy: timedelta = timedelta(0)

    @classmethod
    def of(
        cls, states: Iterable[tuple[AgentState, datetime]], until: datetime, handled: int
    ) -> Self | None:
        """
        By the states since the log-in, each with its first moment; the last one held ``until``.

        ``handled``: contacts since then. None where no state is known.
        """
        states = list(states)
        if not states:
            return None
        before, (_, since) = states[0][0], states[0]
        idle_since, offered_at, busy = since, None, timedelta(0)
        ends = [*(begun for _, begun in states[1:]), until]
        for (state, begun), end in zip(states, ends, strict=True):
            if AgentState.RINGING not in (before, state):
                idle_since = begun
            if state is AgentState.RINGING:
                offered_at = begun
            if state in BUSY:
                busy += max(end - begun, timedelta(0))
            before = state
        return cls(since, idle_since, offered_at, handled, busy)


@dataclass(slots=True)
class Tally:
    """
    ``open_work`` is told from outside (tickets, tasks); all else the router counts itself.

    While an agent stands among the ready nothing of it changes but ``open_work``.
    """

    since: datetime  # the log-in
    idle_since: datetime
    offered_at: datetime | None = None  # the last time
    handled: int = 0  # contacts served to their end
    in_hand: int = 0  # contacts that leave room for others
    busy: timedelta = timedelta(0)  # ringing, talking, wrap-up, and with something in hand
    open_work: int = 0
    counted_to: datetime | None = None  # all that was done until then is in it

    def occupancy(self) -> float:
        """Busy time by staffed time up to when they last became idle, 0 to 1; 0 for nothing."""
        staffed = self.idle_since - self.since
        return self.busy / staffed if staffed > timedelta(0) else 0.0

    def count(self, now: datetime, *, busy: bool) -> None:
        """How the time since the last change was spent."""
        if busy and self.counted_to is not None:
            self.busy += now - self.counted_to
        self.counted_to = now

    def go_on(self, shift: Shift) -> None:
        """The shift went on meanwhile; open work stays."""
        self.since, self.idle_since = shift.since, shift.idle_since
        self.offered_at, self.handled, self.busy = shift.offered_at, shift.handled, shift.busy

    def log_in(self, now: datetime) -> None:
        """A new shift: open work stays, the rest begins at nothing."""
        self.since = now
        self.offered_at = None
        self.handled = 0
        self.busy = timedelta(0)
