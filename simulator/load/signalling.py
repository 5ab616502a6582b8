"""What callers' and agents' processes have in common: the run's pipe, progress, their own cost."""

import asyncio
import contextlib
import gc
import os
import signal
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Final, Literal

from cti_server.sip.offer_answer import LocalMedia
from simulator.line import PhoneLine
from simulator.logs import quiet

from .records import Progress, Ready, Results, Work

PROGRESS: Final = 0.2  # seconds
HOST: Final = "127.0.0.1"
CODECS: Final = ("PCMU",)  # one law on both sides: the stamps pass as they are

Order = Literal["stop", "finish"]
"""``stop``: begin nothing new and end what runs. ``finish``: report and exit."""


class Conductor:
    """The run, as one of its processes sees it."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._loop = asyncio.get_running_loop()
        self._finished = asyncio.Event()
        self._cpu = self._began = 0.0
        self._timer: asyncio.TimerHandle | None = None

    async def ready(self) -> float:
        """Say so, and wait for the moment (CLOCK_MONOTONIC) at which the run begins."""
        gc.collect()
        gc.freeze()
        arrived: asyncio.Future[float] = self._loop.create_future()
        self._loop.add_reader(self._pipe.fileno(), lambda: arrived.set_result(self._pipe.recv()))
        self._pipe.send(Ready())
        try:
            start = await arrived
        finally:
            self._loop.remove_reader(self._pipe.fileno())
        self._cpu, self._began = time.process_time(), time.monotonic()
        return start

    async def follow(self, stop: Callable[[], None], progress: Callable[[], Progress]) -> None:
        """Tell progress and obey until the run is finished, or gone."""
        self._loop.add_reader(self._pipe.fileno(), self._obey, stop)
        self._tell(progress)
        try:
            await self._finished.wait()
        finally:
            self._loop.remove_reader(self._pipe.fileno())
            if self._timer is not None:
                self._timer.cancel()

    def work(self, name: str, line: PhoneLine, *, late: int, done: int) -> Work:
        return Work(
            name,
            cpu=time.process_time() - self._cpu,
            wall=time.monotonic() - self._began,
            late=late,
            done=done,
            retransmissions=line.statistics.retransmissions,
        )

    def _tell(self, progress: Callable[[], Progress]) -> None:
        with contextlib.suppress(BlockingIOError):  # the run does not listen now: the next will do
            self._pipe.send(progress())
        self._timer = self._loop.call_later(PROGRESS, self._tell, progress)

    def _obey(self, stop: Callable[[], None]) -> None:
        try:
            order: Order = self._pipe.recv()
        except (EOFError, OSError):
            order = "finish"
        stop()
        if order == "finish":
            self._finished.set()


def local_media(port: int, session_id: int) -> LocalMedia:
    return LocalMedia(HOST, port, session_id, codecs=CODECS)


def begin_process() -> None:
    """A child of the run, which decides on an interrupt; it says nothing unless it goes wrong."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    quiet()


def tell(run: Connection, results: Results) -> None:
    """
    Nobody may be there any more to hear it.

    What an hour leaves is more than a pipe holds at once, and libuv leaves a pipe that it has
    listened to in a mode in which such a message is torn.
    """
    os.set_blocking(run.fileno(), True)
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        run.send(results)
