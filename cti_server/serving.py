"""The control process around the server: signals, descriptors, the garbage collector."""

import asyncio
import gc
import resource
import signal

import structlog

from config.settings import Settings

from . import pid_file
from .app import Hotline
from .store.database import UNAVAILABLE

log = structlog.get_logger()

COLLECT_AFTER = 10_000, 10, 10
"""Objects of the youngest generation, and collections of it and of the next, before one more."""


class _Reloads:
    """Reads the definitions again when asked to, one reading at a time."""

    def __init__(self, hotline: Hotline) -> None:
        self._hotline = hotline
        self._running: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._running = asyncio.create_task(self._reload(self._running))

    async def _reload(self, previous: asyncio.Task[None] | None) -> None:
        if previous is not None:
            await previous
        try:
            await self._hotline.reload()
        except UNAVAILABLE as error:
            log.warning("server.not_reloaded", reason=str(error))
        else:
            log.info("server.reloaded")


def _take_all_descriptors() -> None:
    """Up to the hard limit: a desktop is one, and so is a phone that comes by TCP."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


async def serve(settings: Settings) -> None:
    """Run a server until SIGTERM or SIGINT; a second signal ends the draining."""
    _take_all_descriptors()
    hotline = Hotline(settings)
    await hotline.start()
    loop = asyncio.get_running_loop()
    with pid_file.serving(settings.data):
        await _serve(hotline, loop)


def _spare_the_collector() -> None:
    """
    Have the cyclic collector look at what calls leave behind, seldom, and at nothing else.

    What was made by now stays; without this it is gone through again and again, for some ms each.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)
    gc.enable()


async def _serve(hotline: Hotline, loop: asyncio.AbstractEventLoop) -> None:
    asked, again = asyncio.Event(), asyncio.Event()

    def stop() -> None:
        (again if asked.is_set() else asked).set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    reloads = _Reloads(hotline)
    loop.add_signal_handler(signal.SIGHUP, reloads.start)
    _spare_the_collector()
    await asked.wait()
    stopping = asyncio.create_task(
        hotline.stop("signal", drain_for=hotline.settings.drain_for.total_seconds())
    )
    hurry = asyncio.create_task(again.wait())
    await asyncio.wait({stopping, hurry}, return_when=asyncio.FIRST_COMPLETED)
    if not stopping.done():
        await hotline.switchboard.close()
    hurry.cancel()
    await stopping
