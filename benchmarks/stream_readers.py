"""A process whose desktops read their streams as pages do, and count what comes."""

import asyncio
import multiprocessing
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, Self

import aiohttp
import uvloop

START_WITHIN = 60.0  # s
AT_ONCE = 16  # streams that are opened side by side


@dataclass(frozen=True, slots=True)
class Heard:
    """What came since the streams were opened; ``open``: how many still are."""

    open: int
    messages: int
    bytes: int


class StreamReaders:
    """Streams with these hellos, all open within the ``with`` block."""

    def __init__(self, api: str, hellos: Sequence[dict[str, Any]]) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_main, args=(theirs, api, hellos), daemon=True)

    def __enter__(self) -> Self:
        self._process.start()
        if not self._pipe.poll(START_WITHIN):
            self._process.kill()
            raise TimeoutError(f"the streams were not open within {START_WITHIN:g} s")
        self._pipe.recv()
        return self

    def heard(self) -> Heard:
        self._pipe.send("heard")
        found: Heard = self._pipe.recv()
        return found

    def __exit__(self, *exc: object) -> None:
        self._pipe.send(None)
        self._process.join(10)
        if self._process.is_alive():
            self._process.kill()


def _main(pipe: Connection, api: str, hellos: Sequence[dict[str, Any]]) -> None:
    uvloop.run(_read(pipe, api, hellos))


async def _read(pipe: Connection, api: str, hellos: Sequence[dict[str, Any]]) -> None:
    loop, orders = asyncio.get_running_loop(), asyncio.Queue[str | None]()
    loop.add_reader(pipe.fileno(), lambda: orders.put_nowait(pipe.recv()))
    count, gate = _Count(), asyncio.Semaphore(AT_ONCE)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        streams = [asyncio.create_task(count.follow(session, api, hello, gate)) for hello in hellos]
        while count.open < len(hellos):
            await count.opened.wait()
            count.opened.clear()
        pipe.send("open")
        while await orders.get() is not None:
            pipe.send(Heard(count.open, count.messages, count.bytes))
        for stream in streams:
            stream.cancel()
        await asyncio.gather(*streams, return_exceptions=True)


class _Count:
    def __init__(self) -> None:
        self.open = self.messages = self.bytes = 0
        self.opened = asyncio.Event()

    async def follow(
        self, session: aiohttp.ClientSession, api: str, hello: dict[str, Any], gate: Any
    ) -> None:
        async with gate:  # compressed where the server wants that: a browser always offers it
            socket = await session.ws_connect(f"{api}/api/v1/stream", compress=15, max_msg_size=0)
            await socket.send_json(hello)
            await socket.receive_str()
        self.open += 1
        self.opened.set()
        try:
            async for message in socket:
                self.messages += 1
                self.bytes += len(message.data)
        finally:
            self.open -= 1
            await socket.close()
