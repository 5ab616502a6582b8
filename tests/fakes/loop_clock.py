"""The wall clock of a virtual day."""

import asyncio
from datetime import UTC, datetime, timedelta

MORNING = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class LoopClock:
    """Goes as the running loop does, from the morning on; ``step`` sets it."""

    def __init__(self) -> None:
        self.step = timedelta(0)

    def now(self) -> datetime:
        return MORNING + timedelta(seconds=asyncio.get_running_loop().time()) + self.step
