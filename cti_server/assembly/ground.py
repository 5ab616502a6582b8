"""What every part stands on: settings, time, records, the log, edits, figures, due work."""

import uuid
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Protocol

from config.settings import Settings
from cti_server.api.seal import Seal
from cti_server.api.tokens import secret_of
from cti_server.clock import Clock, SystemClock
from cti_server.due import DueTimer
from cti_server.lease import Lease, TurnNews
from cti_server.metrics import Metrics
from cti_server.store.changes import Changes
from cti_server.store.database import Database
from cti_server.store.journal_aside import Aside, take_up
from cti_server.store.log import EventLog

PRODUCT = "hotline-cti"


class Running(Protocol):
    """A part that works by itself from its start until it is closed."""

    def start(self) -> None: ...
    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    settings: Settings
    opening: AsyncExitStack  # closes what was opened, the newest first
    clock: Clock
    database: Database
    log: EventLog
    changes: Changes
    metrics: Metrics
    due: DueTimer
    seal: Seal
    new_id: Callable[[], str]
    version: str  # of the product
    lease: Lease
    aside: Aside | None  # events of this folder's last server that are no part of the log

    @property
    def data(self) -> Path:
        return self.settings.data

    @property
    def region(self) -> str:
        """Where national numbers are from."""
        return self.settings.crm.default_region

    @property
    def time_zone(self) -> str:
        return self.settings.crm.time_zone

    def run(self, part: Running) -> None:
        part.start()
        self.opening.push_async_callback(part.close)


async def open_ground(settings: Settings, opening: AsyncExitStack, news: TurnNews) -> Ground:
    settings.data.mkdir(parents=True, exist_ok=True)
    clock = SystemClock()
    database = Database(settings.database)
    opening.push_async_callback(database.close)
    lease = await _turn(settings, database, opening, news)
    journal = settings.data / "journal"
    aside = await take_up(database, journal, lease.epoch, lease.folder_id)
    log = EventLog(database, journal, clock)
    await log.start()
    opening.push_async_callback(log.close)
    await log.stored()  # what a crash left in the journal is in the records now
    changes = Changes(database, log.append, now=clock.now, new_id=_new_id)
    await changes.recover()
    return Ground(
        settings=settings,
        opening=opening,
        clock=clock,
        database=database,
        log=log,
        changes=changes,
        metrics=Metrics(),
        due=DueTimer(clock),
        seal=Seal(secret_of(settings.data / "seal.key")),
        new_id=_new_id,
        version=version(PRODUCT),
        lease=lease,
        aside=aside,
    )


async def _turn(
    settings: Settings, database: Database, opening: AsyncExitStack, news: TurnNews
) -> Lease:
    """
    Whoever stands by changes nothing, the tables neither: another release may be at work.

    A database that knows no turns yet had no server of this release.
    """
    if not await database.has_turns():
        await database.upgrade()
    lasts = settings.life.lease.total_seconds()
    lease = Lease(database, settings.data, lasts, news)
    await lease.take()
    opening.push_async_callback(lease.close)
    await database.upgrade()
    lease.start()
    return lease


def _new_id() -> str:
    return uuid.uuid4().hex
