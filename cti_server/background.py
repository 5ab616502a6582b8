"""Work of the server that goes on until it is closed, and that nobody waits for."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog

log = structlog.get_logger()


class Background:
    """One task, by its name. What ends it before its time is logged: else nobody would know."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._task: asyncio.Task[None] | None = None

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        self._task = asyncio.create_task(work, name=self._name)
        self._task.add_done_callback(_tell_of_failure)

    async def close(self) -> None:
        """Cancel it, and wait for its end. Harmless when it never began, or is over."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])


def _tell_of_failure(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("background.failed", task=task.get_name(), exc_info=error)
