"""An event loop for tests without real IO: sleeping an hour takes no time, and exactly an hour."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class _JumpingSelector(selectors.SelectSelector):
    time = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(None if timeout is None else 0)
        if not ready and timeout:
            self.time += timeout
        return ready


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """Its clock jumps to the next timer whenever there is nothing to do."""

    def __init__(self) -> None:
        self._virtual = _JumpingSelector()
        super().__init__(self._virtual)

    def time(self) -> float:
        return self._virtual.time

    def stall(self, seconds: float) -> None:
        """What is done in this turn takes so long; nothing else has its turn meanwhile."""
        self._virtual.time += seconds


def run(scenario: Coroutine[Any, Any, T]) -> T:
    """Run a scenario in virtual time, beginning at 0."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(scenario)
