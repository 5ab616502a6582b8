"""How long who comes now will wait, and how often that came true: the floor's word as figures."""

from collections.abc import Iterable
from dataclasses import asdict

from acd.errors import UnknownQueue
from acd.estimate import Estimate
from acd.estimates import Estimates

from .rows import Row

NOTHING: Row = {"expected_wait": None, "estimates_held": None}


class EstimatedWaits:
    """
    Asked for every queue at each snapshot: what happens in another one changes an estimate, too.

    What came true is reckoned over thousands of waits: it is asked for where one was over.
    """

    def __init__(self, estimates: Estimates) -> None:
        self._estimates = estimates
        self._held: dict[str, Row] = {}

    def waits_over_in(self, queues: Iterable[str]) -> None:
        for queue in queues:
            self._held.pop(queue, None)

    def of(self, queue: str) -> Row:
        """As fields of the queue's row."""
        try:
            expected = self._estimates.expected(queue)
        except UnknownQueue:  # there was one today
            return NOTHING
        return {"expected_wait": _seconds(expected), "estimates_held": self._held_of(queue)}

    def _held_of(self, queue: str) -> Row:
        if queue not in self._held:
            shares = asdict(self._estimates.held(queue))
            self._held[queue] = {
                name: None if share is None else round(share, 4) for name, share in shares.items()
            }
        return self._held[queue]


def _seconds(estimate: Estimate | None) -> Row | None:
    if estimate is None:
        return None
    return {name: round(seconds, 3) for name, seconds in estimate._asdict().items()}
