"""
Work that a caller waits for, and no longer than that is bearable.

It goes on to its end all the same, whether the time is over or the caller has hung up.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

import structlog

log = structlog.get_logger()
T = TypeVar("T")

IN_TIME: Final = 3.0
"""Seconds that a caller waits for the database."""
LAST_MOMENT: Final = 5.0
"""Seconds that a stop of the server leaves to what is under way."""


class WorkInTime:
    """Whatever of one kind is under way."""

    def __init__(self, within: float = IN_TIME) -> None:
        self._within = within
        self._under_way = set[asyncio.Task[Any]]()

    async def done(self, work: Coroutine[Any, Any, T]) -> T:
        """What comes of it. Raises TimeoutError when it takes longer, and what it raises itself."""
        task = asyncio.create_task(work)
        self._under_way.add(task)
        task.add_done_callback(self._over)
        finished, _ = await asyncio.wait([task], timeout=self._within)
        if not finished:
            raise TimeoutError
        return task.result()

    async def close(self) -> None:
        """For the end of the server, while there still is a database."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=LAST_MOMENT)
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)

    def _over(self, task: asyncio.Task[Any]) -> None:
        self._under_way.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("work.failed", exc_info=error)
