"""Snapshots of a fold: only the rows of whom something happened to are made anew. Pure."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from .estimated_waits import NOTHING, EstimatedWaits
from .fold import Fold
from .ledger import Touched
from .periods import moment_of
from .rows import (
    Row,
    agent_row,
    all_queues_row,
    calls_row,
    fairness_of,
    fairness_of_all,
    queue_row,
    trunk_row,
)
from .snapshot import Snapshot
from .staff import Staff
from .state import TrunkState

_TODAY = ("today",)
_IDLE = TrunkState()


TrunkHealth = Callable[[str], Mapping[str, Any]]
"""Its state, since when, and its round trip: :meth:`cti_server.trunks.watch.TrunkWatch.row`."""


def unwatched(name: str) -> Row:
    """Of a trunk whose health nobody looks at."""
    return {"state": "unknown", "state_since": None, "round_trip": None}


class Shots:
    """``lines``: how many each trunk has, None where nobody said; ``health``: how it is now."""

    def __init__(
        self,
        fold: Fold,
        staff: Staff,
        estimated: EstimatedWaits,
        lines: Mapping[str, int | None],
        health: TrunkHealth = unwatched,
    ) -> None:
        self._fold = fold
        self._staff = staff
        self._estimated = estimated
        self._lines = lines
        self._health = health
        self._fairness: dict[str, Row] = {}
        self._last: Snapshot | None = None

    def take(self) -> Snapshot:
        """The figures up to the fold's last event and moment."""
        fold, before = self._fold, self._last
        state, touched = fold.state, fold.touched
        everything = self._staff.refresh() or touched.everything or before is None
        if everything or before is None:
            self._fairness.clear()
            queues, agents = self._queue_rows(self._all_queues()), self._agent_rows(state.agents)
        else:
            changed = touched.queues | self._served_by(touched.agents)
            for name in touched.served | self._served_by(touched.came):
                self._fairness.pop(name, None)
            queues = {**before.queues, **self._queue_rows(changed)}
            agents = {**before.agents, **self._agent_rows(touched.agents)}
        self._estimated.waits_over_in(touched.left)
        fold.touched = Touched()
        self._last = Snapshot(
            sequence=state.sequence,
            at=moment_of(state.at),
            day=moment_of(state.periods.day),
            interval_from=moment_of(state.periods.start),
            queues={name: self._with_estimates(name, row) for name, row in queues.items()},
            agents=agents,
            centre=self._centre_row(queues.values()),
        )
        return self._last

    def _all_queues(self) -> list[str]:
        return [*dict.fromkeys((*self._staff.titles, *self._fold.state.queues))]

    def _served_by(self, agents: Iterable[str]) -> set[str]:
        return {queue for agent_id in agents for queue in self._staff.serves.get(agent_id, ())}

    def _queue_rows(self, names: Iterable[str]) -> dict[str, Row]:
        return {name: self._queue_row(name) for name in names}

    def _queue_row(self, name: str) -> Row:
        agents = self._fold.state.agents
        who = [agents[each] for each in self._staff.of.get(name, ()) if each in agents]
        if name not in self._fairness:
            self._fairness[name] = fairness_of(name, who, self._fold.state.at)
        states = Counter(agent.state for agent in who)
        title = self._staff.titles.get(name, name)
        return queue_row(name, title, self._fold.queue(name), states, self._fairness[name])

    def _with_estimates(self, name: str, row: Row) -> Row:
        """The same row if they are."""
        estimated = self._estimated.of(name)
        return row if estimated.items() <= row.items() else {**row, **estimated}

    def _agent_rows(self, agents: Iterable[str]) -> dict[str, Row]:
        state = self._fold.state
        return {
            each: agent_row(each, state.agents[each], state.at, _TODAY)
            for each in agents
            if each in state.agents
        }

    def _centre_row(self, queues: Collection[Row]) -> Row:
        state = self._fold.state
        at, periods, agents = state.at, state.periods, state.agents.values()
        states = Counter(agent.state for agent in agents)
        lines = self._lines.values()
        known = [each for each in lines if each is not None]
        total = sum(known) if known and len(known) == len(lines) else None
        return {
            "queues": {
                **all_queues_row(queues, state.centre, states, fairness_of_all(agents, at)),
                **NOTHING,
            },
            "calls": calls_row(total, state.calls, state.centre, periods, at),
            "trunks": [
                {**trunk_row(name, count, fold, periods, at), **self._health(name)}
                for name, count in self._lines.items()
                for fold in (state.trunks.get(name, _IDLE),)
            ],
        }
