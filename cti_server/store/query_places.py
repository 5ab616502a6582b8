"""
The few places of queries that may be slow: a thread each, so that they keep nobody else from one.

Whoever waits for a place spends the query's own time.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import TypeVar

from crm.queries import QueryTooSlow

T = TypeVar("T")


class QueryPlaces:
    """``grace``: seconds for the database to end by itself a statement whose time is over."""

    def __init__(self, count: int, name: str, *, grace: float = 1.0) -> None:
        self._threads = ThreadPoolExecutor(count, name)
        self._free = asyncio.Semaphore(count)
        self._grace = grace

    async def in_thread(self, seconds: float, work: Callable[[float], T]) -> T:
        """Do the work in a thread; it is told how many seconds are left. Raises QueryTooSlow."""
        until = time.monotonic() + seconds

        def within() -> T:
            left = until - time.monotonic()
            if left <= 0:
                raise QueryTooSlow(seconds)
            try:
                return work(left)
            except QueryTooSlow:
                raise QueryTooSlow(seconds) from None

        threads = asyncio.get_running_loop().run_in_executor(self._threads, within)
        try:
            async with asyncio.timeout(seconds + self._grace):
                return await threads
        except TimeoutError:
            raise QueryTooSlow(seconds) from None

    @asynccontextmanager
    async def taken(self, seconds: float) -> AsyncIterator[float]:
        """A place for work that needs no thread: the seconds that are left. Raises QueryTooSlow."""
        until = time.monotonic() + seconds
        try:
            async with asyncio.timeout(seconds):
                await self._free.acquire()
        except TimeoutError:
            raise QueryTooSlow(seconds) from None
        try:
            yield until - time.monotonic()
        except QueryTooSlow:
            raise QueryTooSlow(seconds) from None
        finally:
            self._free.release()

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
