"""An event log for a test: opened and closed in order, on a clock that counts seconds."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

from cti_server.store.database import Database
from cti_server.store.journal import Journal
from cti_server.store.log import BOUND, RING, EventLog
from cti_server.wire.events import Event, NodeEntered

from .stories import NINE


class CountingClock:
    """Every look at it is a second later."""

    def __init__(self) -> None:
        self._now = NINE

    def now(self) -> datetime:
        self._now += timedelta(seconds=1)
        return self._now


@asynccontextmanager
async def open_log(
    database: Database,
    journal: Path | Journal,
    *,
    move_every: float = 0.02,
    ring: int = RING,
    bound: int = BOUND,
) -> AsyncIterator[EventLog]:
    log = EventLog(
        database, journal, CountingClock(), move_every=move_every, ring=ring, bound=bound
    )
    await log.start()
    try:
        yield log
    finally:
        await log.close()


async def until(condition: Callable[[], bool]) -> None:
    """Wait, a minute at most, for what another thread or process brings about."""
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(60):
        while not condition():
            later = loop.create_future()
            loop.call_later(0.005, later.set_result, None)
            await later


def node(n: int) -> Event:
    """A small event that can be told from others."""
    return NodeEntered(contact_id="contact1", flow="main", node=str(n))
