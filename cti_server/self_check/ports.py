"""Whether the media workers have given back what nobody has any more: their legs, and so ports."""

import asyncio
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Protocol

from acd.invariants import Breach

from .calls import CallFault

ASKED_EVERY = 10.0  # s


class Workers(Protocol):
    """The media plane."""

    async def surplus(self) -> Mapping[int, int]:
        """How many legs each worker has, by its number, that nobody here knows of."""


class WorkerPorts:
    """Asks the workers now and then; a look takes the last answer."""

    def __init__(self, workers: Workers) -> None:
        self._workers = workers
        self._surplus: Mapping[int, int] = {}
        self._asking: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(ASKED_EVERY, self._due)

    async def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.gather(self._asking, return_exceptions=True)

    @property
    def workers(self) -> list[int]:
        """Who answered."""
        return list(self._surplus)

    def check(self, worker: int, now: datetime) -> Iterator[Breach]:
        if (legs := self._surplus.get(worker, 0)) > 0:
            kind = CallFault.PORTS_NOT_GIVEN_BACK
            yield Breach(kind, f"worker {worker}", detail=f"{legs} legs")

    def _due(self) -> None:
        self.start()
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask())

    async def _ask(self) -> None:
        self._surplus = await self._workers.surplus()
