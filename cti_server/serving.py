"""The control process around the server: its place among others, signals, descriptors, the end."""

import asyncio
import contextlib
import faulthandler
import gc
import os
import resource
import signal

import structlog
import uvloop

from config.settings import Settings

from . import pid_file
from .app import Hotline
from .lease import TurnNews
from .notices import Notices
from .store.database import UNAVAILABLE
from .store.writer import Turn

log = structlog.get_logger()

COLLECT_AFTER = 10_000, 10, 10
"""Objects of the youngest generation, and collections of it and of the next, before one more."""

SUPERSEDED = os.EX_TEMPFAIL
"""Exit code of a server from which another one has taken over: started again, it stands by."""


class _Reloads:
    """Reads the definitions again when asked to, one reading at a time."""

    def __init__(self, hotline: Hotline, notices: Notices) -> None:
        self._hotline = hotline
        self._notices = notices
        self._running: asyncio.Task[None] | None = None
        self._stopping = False

    def stop(self) -> None:
        """Who stops is not ready again, and reads nothing any more."""
        self._stopping = True

    def start(self) -> None:
        if self._stopping:
            return
        self._running = asyncio.create_task(self._reload(self._running))

    async def _reload(self, previous: asyncio.Task[None] | None) -> None:
        if previous is not None:
            await previous
        if self._stopping:
            return
        self._notices.reloading()
        try:
            await self._hotline.reload()
        except UNAVAILABLE as error:
            log.warning("server.not_reloaded", reason=str(error))
        except Exception:  # the next reading must not fail of this one
            log.exception("server.reload_failed")
        else:
            log.info("server.reloaded")
        finally:
            if not self._stopping:
                self._notices.ready("serving")


def serve(settings: Settings) -> int:
    """
    Run a server until SIGTERM or SIGINT; a second signal ends the draining. Returns the exit code.

    Raises DataFolderInUse and StartFailed.
    """
    faulthandler.enable()  # who watches ends a hung loop by SIGABRT: it says where it hangs
    _take_all_descriptors()
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # from the note of this process to its handler
    with (
        pid_file.serving(settings.data) as died,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        return runner.run(Life(settings, died).live())


def _take_all_descriptors() -> None:
    """Up to the hard limit: a desktop is one, and so is a phone that comes by TCP."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _spare_the_collector() -> None:
    """
    Have the cyclic collector look at what calls leave behind, seldom, and at nothing else.

    What was made by now stays; without this it is gone through again and again, for some ms each.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)
    gc.enable()


class Life:
    """One server, from its start to its end."""

    def __init__(self, settings: Settings, died: int | None) -> None:
        self._drain_for = settings.drain_for.total_seconds()
        self._notices = Notices.of(os.environ)
        news = TurnNews(standing_by=self._stands_by, lost=self._lost)
        self._hotline = Hotline(settings, news, died=died)
        self._reloads = _Reloads(self._hotline, self._notices)
        self._reload_wanted = False
        self._superseded = False
        self._asked, self._again = asyncio.Event(), asyncio.Event()

    async def live(self) -> int:
        """The exit code. Raises StartFailed."""
        self._heed_signals()
        self._notices.start()
        try:
            if await self._start():
                await self._asked.wait()
                await self._stop()
        finally:
            self._notices.close()
        return SUPERSEDED if self._superseded else 0

    def _heed_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._ask)
        loop.add_signal_handler(signal.SIGHUP, self._want_reload)

    def _ask(self) -> None:
        (self._again if self._asked.is_set() else self._asked).set()

    def _want_reload(self) -> None:
        self._reload_wanted = True

    def _stands_by(self, other: Turn) -> None:
        self._notices.ready(f"standing by for {other.holder}")

    def _lost(self) -> None:
        self._superseded = True
        self._asked.set()
        self._again.set()  # also if it lets its calls finish already: see _stop

    async def _start(self) -> bool:
        """Whether it serves; it does not if it was asked to stop meanwhile."""
        starting = asyncio.create_task(self._hotline.start())
        asked = asyncio.create_task(self._asked.wait())
        await asyncio.wait({starting, asked}, return_when=asyncio.FIRST_COMPLETED)
        asked.cancel()
        if not starting.done():
            self._notices.stopping("not started")
            self._heed_no_signals()
            starting.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await starting
            log.info("server.start_given_up")
            return False
        starting.result()
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, self._reloads.start)
        if self._reload_wanted:
            self._reloads.start()
        _spare_the_collector()
        self._notices.ready("serving")
        return True

    def _heed_no_signals(self) -> None:
        """From here on a signal does what it does to any process."""
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().remove_signal_handler(number)

    async def _stop(self) -> None:
        """
        Let the calls finish, or not.

        A server from which another one has taken over cuts them: its agents have been given to
        the other one's callers, and nothing of what happens here is kept.
        """
        reason = "superseded" if self._superseded else "signal"
        drain_for = 0.0 if self._superseded else self._drain_for
        self._reloads.stop()
        self._notices.stopping("draining")
        stopping = asyncio.create_task(self._hotline.stop(reason, drain_for=drain_for))
        hurry = asyncio.create_task(self._again.wait())
        await asyncio.wait({stopping, hurry}, return_when=asyncio.FIRST_COMPLETED)
        if not stopping.done():
            await self._hotline.switchboard.close()
        hurry.cancel()
        await stopping
