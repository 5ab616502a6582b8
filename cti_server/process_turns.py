"""Work of people that is too much for the control process: by processes, one after the other."""

import asyncio
import contextlib
import multiprocessing
from collections.abc import Awaitable, Callable
from multiprocessing.process import BaseProcess
from typing import TypeVar

T = TypeVar("T")


class ProcessTurns:
    """Of one kind of work one process at a time, whoever asked for it."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._running: set[asyncio.Task[None]] = set()
        self._process: BaseProcess | None = None

    def start(self, work: Callable[[str], Awaitable[None]], work_id: str) -> None:
        """Have it done in its turn; ``work`` calls :meth:`run`."""
        task = asyncio.create_task(self._in_turn(work, work_id), name=f"turn-{work_id}")
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def run(self, target: Callable[[T], None], order: T) -> None:
        """
        A process that does this and nothing else; how it ended is for its work to tell.

        Spawned: a fork would copy the server's sockets. No daemon, for it may have a child.
        """
        process = multiprocessing.get_context("spawn").Process(target=target, args=(order,))
        self._process = process
        try:
            await asyncio.to_thread(process.start)
            await asyncio.to_thread(process.join)
        finally:
            self._process = None

    async def close(self) -> None:
        """End what runs, and begin nothing more."""
        for task in list(self._running):
            task.cancel()
        if self._process is not None:
            self._process.terminate()
        for task in list(self._running):
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _in_turn(self, work: Callable[[str], Awaitable[None]], work_id: str) -> None:
        async with self._turn:
            await work(work_id)
