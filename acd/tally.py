"""What an agent has done since they logged in, as far as routing goes by it."""

from dataclasses import dataclass
from datetime import datetime, timedelta


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

    def log_in(self, now: datetime) -> None:
        """A new shift: open work stays, the rest begins at nothing."""
        self.since = now
        self.offered_at = None
        self.handled = 0
        self.busy = timedelta(0)
