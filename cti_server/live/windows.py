"""The same figures of several stretches of time: today, an interval, the last five minutes."""

from collections.abc import Iterator
from typing import Generic, TypeVar

import msgspec

from .counts import AgentCounts, QueueCounts, TrunkCounts
from .periods import RECENT

C = TypeVar("C", QueueCounts, AgentCounts, TrunkCounts)


class Windows(msgspec.Struct, Generic[C]):
    """``before`` is the interval before the present one."""

    today: C
    interval: C
    before: C

    def open(self) -> tuple[C, C]:
        """What counts now."""
        return self.today, self.interval

    def turn(self) -> None:
        """The interval is over."""
        self.before, self.interval = self.interval, type(self.interval)()

    def new_day(self) -> None:
        self.today = type(self.today)()


class Slot(msgspec.Struct):
    """A short while; ``number`` grows by one from each to the next."""

    number: int
    counts: QueueCounts


class Recent(msgspec.Struct):
    """The last five minutes, made of slots: only those with something in them."""

    counts: QueueCounts = msgspec.field(default_factory=QueueCounts)
    slots: list[Slot] = msgspec.field(default_factory=list)

    def open(self, number: int) -> Iterator[QueueCounts]:
        """What counts now."""
        if not self.slots or self.slots[-1].number != number:
            self.slots.append(Slot(number, QueueCounts()))
        yield self.counts
        yield self.slots[-1].counts

    def slide(self, number: int) -> bool:
        """Let go what is longer ago than it counts; whether there was something."""
        gone = 0
        for each in self.slots:
            if each.number > number - RECENT:
                break
            self.counts.take_away(each.counts)
            gone += 1
        if gone:
            del self.slots[:gone]
            longest = (each.counts.longest_ms for each in self.slots)
            self.counts.longest_ms = max(longest, default=0)
        return gone > 0


def agent_windows() -> Windows[AgentCounts]:
    return Windows(AgentCounts(), AgentCounts(), AgentCounts())


def queue_windows() -> Windows[QueueCounts]:
    return Windows(QueueCounts(), QueueCounts(), QueueCounts())


def trunk_windows() -> Windows[TrunkCounts]:
    return Windows(TrunkCounts(), TrunkCounts(), TrunkCounts())
