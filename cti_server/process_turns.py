"""Work of people that is too much for the control process: by processes, one after the other."""

import asyncio
import contextlib
import multiprocessing
import os
from collections.abc import Awaitable, Callable
from concurrent.futures import BrokenExecutor, ThreadPoolExecutor
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import TypeVar

import structlog

from .job_processes import end_with_the_server
from .store.database import UNAVAILABLE

log = structlog.get_logger()

T = TypeVar("T")
R = TypeVar("R")

NICENESS = 10  # calls and their audio come first on a machine whose cores are all at work
RETRY = 10.0  # seconds until work is begun again that the database broke off
_SPAWN = multiprocessing.get_context("spawn")  # a fork would copy the server's sockets


class ProcessTurns:
    """Of one kind of work one process at a time, whoever asked for it."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._running: set[asyncio.Task[None]] = set()
        self._process: BaseProcess | None = None

    def start(self, work: Callable[[str], Awaitable[None]], work_id: str) -> None:
        """
        Have it done in its turn; ``work`` calls :meth:`run`.

        It is done again if the database does not answer meanwhile: nobody else would end it.
        """
        task = asyncio.create_task(self._in_turn(work, work_id), name=f"turn-{work_id}")
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def run(self, target: Callable[[T], None], order: T) -> None:
        """
        A process that does this and nothing else; how it ended is for its work to tell.

        No daemon, for it may have a child.
        """
        process = _SPAWN.Process(target=target, args=(order,))
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
            while True:
                try:
                    return await work(work_id)
                except UNAVAILABLE as error:
                    log.warning("turn.postponed", work=work_id, reason=type(error).__name__)
                await asyncio.sleep(RETRY)


async def answer_of(target: Callable[[T], R], order: T) -> R:
    """
    What a function returns, of a process that does this and nothing else, after all others.

    Raises BrokenExecutor if it dies, of whatever cause. It ends with who waits for it.
    """
    receiver, sender = _SPAWN.Pipe(duplex=False)
    # A daemon is ended with the server also when it was being started as nobody waited any more.
    process = _SPAWN.Process(target=_send_answer, args=(target, order, sender), daemon=True)
    # The loop's own threads are few: nobody else is to wait until a process has ended.
    thread = ThreadPoolExecutor(1, "answer")
    loop = asyncio.get_running_loop()
    try:
        return await loop.run_in_executor(thread, _received, process, sender, receiver)
    except asyncio.CancelledError:
        if process.pid is not None:
            process.terminate()
        raise
    finally:
        thread.shutdown(wait=False)


def _send_answer(target: Callable[[T], R], order: T, sender: "Connection[R, None]") -> None:
    end_with_the_server()
    os.nice(NICENESS)
    sender.send(target(order))


def _received(
    process: BaseProcess, sender: "Connection[R, None]", receiver: "Connection[None, R]"
) -> R:
    with receiver:
        with sender:  # the process has its own: when that is closed, too, there is nothing to come
            process.start()
        try:
            return receiver.recv()
        except EOFError:
            raise BrokenExecutor("its process died") from None
        finally:
            process.join()
