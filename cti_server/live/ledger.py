"""Where what happened is written down: whom it counts for, and in which windows of time."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from acd.service_level import ServiceLevel

from .counts import QueueCounts
from .periods import SLOT, Periods
from .state import AgentState, QueueState, State, TrunkState


@dataclass(slots=True)
class Touched:
    """Whose figures are others than before."""

    queues: set[str] = field(default_factory=set)
    left: set[str] = field(default_factory=set)  # queues that somebody left
    served: set[str] = field(default_factory=set)  # queues for which somebody did something
    agents: set[str] = field(default_factory=set)
    came: set[str] = field(default_factory=set)  # agents who logged in
    lines: bool = False
    everything: bool = False

    def __bool__(self) -> bool:
        return bool(self.queues or self.agents or self.lines or self.everything)


@dataclass(frozen=True, slots=True)
class Terms:
    """
    By what some of it is counted.

    ``service_level``: the target of a queue, which also says who left too soon to count.
    ``trunks``: those by name.
    """

    service_level: Callable[[str], ServiceLevel]
    trunks: frozenset[str]


class Ledger:
    """The state, as those who fold events into it reach it."""

    def __init__(self, periods: Periods, terms: Terms) -> None:
        self.state = State(periods)
        self.terms = terms
        self.touched = Touched()

    def queue(self, name: str) -> QueueState:
        self.touched.queues.add(name)
        found = self.state.queues.get(name)
        if found is None:
            found = self.state.queues[name] = QueueState()
        return found

    def counts(self, queue: str) -> Iterator[QueueCounts]:
        """All that count what happens in this queue now."""
        slot = self.state.at // SLOT
        for each in (self.queue(queue), self.state.centre):
            yield from each.windows.open()
            yield from each.recent.open(slot)

    def agent(self, agent_id: str) -> AgentState:
        self.touched.agents.add(agent_id)
        found = self.state.agents.get(agent_id)
        if found is None:
            at = self.state.at
            found = self.state.agents[agent_id] = AgentState(since=at, settled=at)
        return found

    def trunks(self, name: str) -> list[TrunkState]:
        """All calls, and the trunk of this name if it is one."""
        self.touched.lines = True
        if name not in self.terms.trunks:
            return [self.state.calls]
        if name not in self.state.trunks:
            self.state.trunks[name] = TrunkState(settled=self.state.at)
        return [self.state.calls, self.state.trunks[name]]

    def windows(self) -> Iterator[Any]:
        """Everybody's."""
        state = self.state
        for each in (state.centre, *state.queues.values()):
            yield each.windows
        for agent in state.agents.values():
            yield agent.windows
        for trunk in (state.calls, *state.trunks.values()):
            yield trunk.windows
