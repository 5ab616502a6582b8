"""An erasure that a server is killed in is carried on to its end, whichever commit was its last."""

import asyncio
import os
import signal
from pathlib import Path

from sqlalchemy import event, select

from cti_server.store.audit_trail import AuditTrail
from cti_server.store.customers import Customer
from cti_server.store.database import Database
from cti_server.store.erasures import Erasure, Erasures
from tests.fakes.databases import new_sqlite

from .lives import lived
from .office import (
    PERSON,
    TRACES,
    files_with,
    found_in,
    office,
)


def killed_at(folder: Path, nth: int) -> bool:
    """Erase in a process that dies at its nth commit; whether it died."""
    pid = os.fork()
    if pid == 0:
        try:
            asyncio.run(_erase_and_die(folder, nth))
        finally:
            os._exit(0)
    _, status = os.waitpid(pid, 0)
    return os.WIFSIGNALED(status)


async def _erase_and_die(folder: Path, nth: int) -> None:
    database = Database(f"sqlite+aiosqlite:///{folder / 'hotline.db'}")
    commits = 0

    def die(*_: object) -> None:
        nonlocal commits
        commits += 1
        if commits == nth:
            os.kill(os.getpid(), signal.SIGKILL)

    async with office(database, folder) as here:
        async with database.readers() as session:
            running = await Erasures(session).running()
        event.listen(database.engine.sync_engine, "commit", die)
        if not running and await _is_whole(database):
            await here.erasures.accept(PERSON, None, "asked", "sun")
        async with database.readers() as session:
            running = await Erasures(session).running()
        for each in running:
            await here.erasures.carry_on(each)
        event.remove(database.engine.sync_engine, "commit", die)
    await database.close()


async def _is_whole(database: Database) -> bool:
    async with database.readers() as session:
        return (await session.get_one(Customer, PERSON)).erased_at is None


def test_killed_at_any_commit_it_is_carried_on_to_its_end(tmp_path: Path) -> None:
    """Each life of the server gets a commit further than the one before, then one is left alone."""
    database = new_sqlite(tmp_path)

    async def begin() -> None:
        async with office(database, tmp_path) as here:
            await lived(here)
        await database.close()

    asyncio.run(begin())
    deaths = sum(killed_at(tmp_path, nth) for nth in (1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 4, 5))
    killed_at(tmp_path, 1000)

    async def look() -> tuple[dict[str, list[str]], int, str]:
        again = Database(f"sqlite+aiosqlite:///{tmp_path / 'hotline.db'}")
        left = await found_in(again, *TRACES)
        async with again.readers() as session:
            all_of_them = (await session.scalars(select(Erasure))).all()
            faults = (await AuditTrail(session).verify()).faults
        await again.close()
        assert faults == []
        return left, len(all_of_them), all_of_them[0].state

    assert asyncio.run(look()) == ({}, 1, "done")
    assert files_with(tmp_path, *TRACES) == []
    assert deaths >= 6
