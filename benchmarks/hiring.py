"""
Defines the people of a benchmark's server: ``python -m benchmarks.hiring CONFIG <PEOPLE.json``.

In a process of its own, for what it imports every process of the load generator would import, too.
"""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher

from config.settings import Settings, load
from cti_server.administration import NewAgent, add_agent, administer
from cti_server.store.database import Database

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""A log-in checks as its hash says, and hundreds log in before anything is measured."""


async def hire(settings: Settings, people: list[dict[str, Any]]) -> None:
    settings.data.mkdir(parents=True, exist_ok=True)

    async def work(database: Database) -> None:
        for one in people:
            await add_agent(database, settings, NewAgent(**one), CHEAP)

    await administer(settings, work)


if __name__ == "__main__":
    asyncio.run(hire(load(Path(sys.argv[1])), json.load(sys.stdin)))
