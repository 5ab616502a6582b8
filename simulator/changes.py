"""Waiting for something to become true, without looking again and again."""

import asyncio
from collections.abc import Callable


class Changes:
    """Wakes whoever waits whenever something happened. No change is missed, none is polled for."""

    def __init__(self) -> None:
        self._next = asyncio.Event()

    def happened(self) -> None:
        self._next.set()
        self._next = asyncio.Event()

    async def until(self, true: Callable[[], bool]) -> None:
        """Return as soon as it is true; bound it with ``asyncio.timeout``."""
        while not true():
            await self._next.wait()
