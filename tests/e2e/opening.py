"""When the hotline is open: what an administrator says, and how callers notice."""

import asyncio
from typing import Any

from .centre import Centre
from .people import Caller, Hire

BOSS = Hire("boss", "8000", skills=(), roles=("admin",))


async def hours_are(it: Centre, **changes: Any) -> None:
    """What BOSS, who is there, makes of the calendar "hotline"."""
    boss = it.agents[BOSS.id].desk
    calendars = await boss.get("/api/v1/working-calendars")
    [calendar] = [one for one in calendars if one["id"] == "hotline"]
    hours = {**calendar["hours"], **changes}
    path = "/api/v1/working-calendars/hotline"
    await boss.put(path, hours=hours, version=calendar["version"])


async def comes_to(it: Centre, number: str, node: str) -> Caller:
    """A caller who comes there, as soon as the calendar is read."""
    async with asyncio.timeout(30):
        while True:
            caller = it.caller()
            await caller.dial(number)
            try:
                await caller.happens("contact.node_entered", node=node, within=3)
            except AssertionError:
                caller.leave()
                await caller.over()
                continue
            return caller
