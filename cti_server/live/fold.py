"""
The centre's figures, as a fold of its event log. Pure: time comes with the events.

Each event counts once, by its number, and everything is in :class:`.state.State`: whoever takes up
a stored one goes on where it was.
"""

from collections.abc import Callable, Mapping
from typing import Any

from cti_server.wire.events import Logged

from . import handlings, lines, presence, waits
from .ledger import Ledger
from .periods import SLOT, Periods, in_ms

_Fold = Callable[[Ledger, Any, int], None]


class Fold(Ledger):
    """Takes events in the order of their numbers."""

    def take(self, logged: Logged) -> None:
        """Count what happened, unless it was counted before."""
        state = self.state
        if logged.sequence <= state.sequence:
            return
        state.sequence = logged.sequence
        folds = _FOLDS.get(type(logged.event))
        if folds is not None:
            self.advance(in_ms(logged.at))
            for fold in folds:
                fold(self, logged.event, state.at)

    def advance(self, now: int) -> None:
        """Let time pass; it never goes back. What is over is put away."""
        state, periods = self.state, self.state.periods
        now = max(now, state.at)
        while now >= periods.end:
            self._end_interval(periods, now)
        if now // SLOT != state.at // SLOT:
            self._slide(now // SLOT)
        state.at = now

    def _end_interval(self, periods: Periods, now: int) -> None:
        """Everybody's time up to here belongs to the interval, and to the day."""
        end = periods.end
        for agent in self.state.agents.values():
            presence.settle(agent, end)
        for trunk in (self.state.calls, *self.state.trunks.values()):
            lines.settle(trunk, end)
        for windows in self.windows():
            windows.turn()
        self.touched.queues |= self.state.queues.keys()
        self.touched.lines = True
        if end < periods.day_end:
            periods.start = end
        else:
            self._begin_day(periods, now)
        for trunk in (self.state.calls, *self.state.trunks.values()):
            for counts in trunk.windows.open():
                counts.peak = max(counts.peak, trunk.busy)

    def _begin_day(self, periods: Periods, now: int) -> None:
        """It begins with those who are there; a day on which nothing was heard is passed over."""
        periods.begin_day(now)
        agents = self.state.agents
        for agent_id in [one for one, agent in agents.items() if agent.state == "logged_out"]:
            del agents[agent_id]
        for name in [name for name, queue in self.state.queues.items() if queue.idle]:
            del self.state.queues[name]  # who is defined comes again, who was removed does not
        for windows in self.windows():
            windows.new_day()
        for agent in agents.values():
            agent.queues.clear()
            agent.settled = max(agent.settled, periods.day)
        for trunk in (self.state.calls, *self.state.trunks.values()):
            trunk.settled = max(trunk.settled, periods.day)
        self.touched.everything = True

    def _slide(self, slot: int) -> None:
        for name, queue in self.state.queues.items():
            if queue.recent.slide(slot):
                self.touched.queues.add(name)
        if self.state.centre.recent.slide(slot):
            self.touched.lines = True


def _all_folds() -> Mapping[type, tuple[_Fold, ...]]:
    """Of each event what every noun makes of it: the wait's before the agent's."""
    found: dict[type, tuple[_Fold, ...]] = {}
    for noun in (waits, handlings, presence, lines):
        for event, fold in noun.FOLDS.items():
            found[event] = (*found.get(event, ()), fold)
    return found


_FOLDS = _all_folds()
