"""What goes on while a disk has too little room, whichever way it makes some."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

import structlog

from recording.budget import Stage
from recording.errors import RecordingError

from .background import Background
from .disk_watch import DiskWatch
from .store.database import UNAVAILABLE

log = structlog.get_logger()

PAUSE = 60.0  # seconds after which what could not be done is tried again


class WayOfMakingRoom(Protocol):
    """What it raises of a database, a disk or a recording is logged, and it is asked again."""

    async def begin(self) -> None:
        """What the last process left undone."""

    async def make_some(self) -> bool:
        """Whether there may be more to make at once."""

    def enough(self) -> None:
        """No room is wanted; said at each look."""


class MakingRoom:
    """Asks for more, again and again, from when the watch wants this step until it does not."""

    def __init__(
        self,
        way: WayOfMakingRoom,
        *,
        watch: DiskWatch,
        step: Stage,
        store: str,
        turn: asyncio.Lock,
        pause: float = PAUSE,
    ) -> None:
        """``turn``: who makes room by another way has it, too; one at a time does."""
        self._way = way
        self._watch = watch
        self._step = step
        self._store = store
        self._turn = turn
        self._pause = pause
        self._wanted = asyncio.Event()
        self._running = Background(f"making-room-{step.name.lower()}")
        watch.on_look.append(self._looked)

    def start(self) -> None:
        self._running.start(self._run())

    async def close(self) -> None:
        await self._running.close()

    def _looked(self) -> None:
        if self._watch.takes(self._step, self._store):
            self._wanted.set()
        else:
            self._wanted.clear()
            self._way.enough()

    async def _run(self) -> None:
        await self._tries(self._way.begin)
        while True:
            await self._wanted.wait()
            if await self._tries(self._way.make_some):
                await self._watch.look()
            else:
                await asyncio.sleep(self._pause)

    async def _tries(self, work: Callable[[], Awaitable[bool | None]]) -> bool:
        try:
            async with self._turn:
                return bool(await work())
        except (*UNAVAILABLE, RecordingError, OSError) as error:
            log.warning("disk.no_room_made", step=self._step.name.lower(), reason=str(error))
            return False
