"""
The server's turn to write: waited for, kept by beats, given back.

A server that is told to start while another one has its turn stands by: it looks at the other's
beats, and takes over when they have not moved for as long as the lease lasts by its own
monotonic clock. Nobody's clock is compared with anybody else's. Whoever serves the same data folder
need not wait: its lock (:mod:`cti_server.pid_file`) says that the one before is gone. That
the one before may be alive after all is no matter for the records: what it writes is refused from
then on (:mod:`cti_server.store.writer`); it learns so here, at its next beat.
"""

import asyncio
import contextlib
import os
import socket
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import structlog

from .store import writer
from .store.database import UNAVAILABLE, Database
from .store.errors import Superseded
from .store.writer import Turn

log = structlog.get_logger()

BEATS = 3  # to a lease's length: two may be late
FOLDER_ID = "folder.id"


def folder_id(data: Path) -> str:
    """The data folder's own name, the same for as long as it is there; a copy has another."""
    file = data / FOLDER_ID
    name = file.read_text(encoding="ascii").strip() if file.exists() else ""
    if not name:
        name = uuid.uuid4().hex
        file.write_text(f"{name}\n", encoding="ascii")
    return f"{name}-{data.stat().st_ino}"


@dataclass(frozen=True, slots=True)
class TurnNews:
    """Who is told that the server stands by for another's turn, and that it has lost its own."""

    standing_by: Callable[[Turn], None] = lambda turn: None
    lost: Callable[[], None] = lambda: None


class Lease:
    """One server's turn. ``lasts``: seconds without a beat after which others may take over."""

    def __init__(self, database: Database, data: Path, lasts: float, news: TurnNews) -> None:
        self.before: Turn | None = None
        """The turn before this one, once it is taken."""
        self._database = database
        self.folder_id = folder_id(data)
        self._lasts = lasts
        self._news = news
        self.holder = f"{socket.gethostname()} {os.getpid()}"
        self._keeping: asyncio.Task[None] | None = None

    @property
    def epoch(self) -> int:
        """Of this turn, once it is taken."""
        assert self._database.epoch is not None  # noqa: S101 - Lease.take has set it
        return self._database.epoch

    @property
    def taken_over(self) -> bool:
        """Whether another data folder's server had the turn before, and did not give it back."""
        before = self.before
        return before is not None and not before.over and before.folder_id != self.folder_id

    async def take(self) -> None:
        """
        Wait for the turn and take it.

        It has to be asked again and again: that somebody does nothing any more is told by nobody.
        """
        seen, since = await self._database.in_one_look(writer.look), time.monotonic()
        told = False
        while True:
            may = seen.over or seen.folder_id == self.folder_id
            if may or time.monotonic() - since >= self._lasts:
                if (epoch := await self._taken(seen)) is not None:
                    self.before, self._database.epoch = seen, epoch
                    log.info("server.turn_taken", epoch=epoch, before=seen.holder or None)
                    return
            elif not told:
                told = True
                log.info("server.standing_by", epoch=seen.epoch, holder=seen.holder)
                self._news.standing_by(seen)
            if not may:
                await asyncio.sleep(self._lasts / BEATS / 2)
            seen, since = await self._look(seen, since)

    def start(self) -> None:
        """Beat from now on."""
        self._keeping = asyncio.create_task(self._keep(), name="lease")

    async def close(self) -> None:
        """Give the turn back, if the database answers: who waits for it need not."""
        if self._keeping is not None:
            self._keeping.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._keeping
        with contextlib.suppress(*UNAVAILABLE):
            await self._database.in_transaction(writer.give_back)

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(self._lasts / BEATS)
            try:
                await self._database.in_transaction(writer.beat)
            except Superseded as error:
                log.critical("server.superseded", epoch=error.epoch, now=error.now)
                self._news.lost()
                return
            except UNAVAILABLE as error:
                log.warning("server.beat_missed", reason=type(error).__name__)

    async def _taken(self, seen: Turn) -> int | None:
        with contextlib.suppress(*UNAVAILABLE):  # a transaction of a frozen server is in the way
            return await self._database.in_transaction(
                lambda it: writer.take(it, seen, self.holder, self.folder_id)
            )
        return None

    async def _look(self, seen: Turn, since: float) -> tuple[Turn, float]:
        """Whose turn it is now, and the moment from which that did not change."""
        try:
            now = await self._database.in_one_look(writer.look)
        except UNAVAILABLE:
            return seen, time.monotonic()  # nothing is known of anybody's beats
        return (seen, since) if now == seen else (now, time.monotonic())
