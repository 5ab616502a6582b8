"""Whether the queues to which flows lead callers are there."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Protocol

from acd.invariants import Breach
from ivr.flow import Flow

from .calls import CallFault


class Queues(Collection[str], Protocol):
    """Those that there are at the moment."""

    def named_by(self, name: str) -> Collection[str]:
        """What leads callers to that queue, in words."""


class Destinations:
    """Whoever deletes a queue over REST is refused that; who changes a file is told here."""

    def __init__(self, flows: Mapping[str, Flow], queues: Queues) -> None:
        """Both as they are at any moment."""
        self._flows = flows
        self._queues = queues

    @property
    def named(self) -> list[str]:
        """By the flows in which calls begin now."""
        wholes = (one for flow in self._flows.values() for one in flow.whole())
        nodes = (node for one in wholes for node in one.nodes.values())
        return sorted({queue for node in nodes for _, queue in node.queues()})

    def check(self, queue: str, _: datetime) -> Iterator[Breach]:
        if queue not in self._queues:
            users = ", ".join(self._queues.named_by(queue))
            yield Breach(CallFault.QUEUE_GONE, queue, detail=users)
