"""A process that appends every few ms and says what the journal has: to be killed."""

import asyncio
import sys
from pathlib import Path

from cti_server.clock import SystemClock
from cti_server.store.database import Database
from cti_server.store.log import EventLog

from .logs import node

EVERY = 0.005  # seconds
AT_ONCE = 10


def append_again(log: EventLog, said: int) -> None:
    """Append some, acknowledge what is journalled, and come back."""
    for _ in range(AT_ONCE):
        log.append(node(log.last_sequence + 1))
    if (journalled := log.figures().journalled) > said:
        print(journalled, flush=True)  # noqa: T201
    asyncio.get_running_loop().call_later(EVERY, append_again, log, journalled)


async def append_until_killed(url: str, journal: Path) -> None:
    log = EventLog(Database(url), journal, SystemClock(), move_every=0.05)
    await log.start()
    append_again(log, log.last_sequence)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(append_until_killed(sys.argv[1], Path(sys.argv[2])))
