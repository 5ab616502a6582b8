"""A loop on which sleeping an hour takes no time, and exactly an hour; and its wall clock."""

import asyncio
import selectors
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

MORNING = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

T = TypeVar("T")


class _JumpingSelector(selectors.SelectSelector):
    time = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(None if timeout is None else 0)
        if not ready and timeout:
            self.time += timeout
        return ready


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """Only without real IO: it would jump while an answer is still under way."""

    def __init__(self) -> None:
        self._virtual = _JumpingSelector()
        super().__init__(self._virtual)

    def time(self) -> float:
        return self._virtual.time


class LoopClock:
    """The wall clock of a virtual day: it goes as the running loop does, and can be set."""

    def __init__(self) -> None:
        self.step = timedelta(0)

    def now(self) -> datetime:
        return MORNING + timedelta(seconds=asyncio.get_running_loop().time()) + self.step


def run_virtually(scenario: Coroutine[Any, Any, T]) -> T:
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(scenario)
