"""Ways to the server that a test can cut and mend: one for the stream, one for the audio."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

Address = tuple[str, int]


class StreamRelay:
    """
    TCP, byte for byte. While it is cut, connections are broken and new ones refused.

    ``delay``: seconds that what the browser says takes at least.
    """

    def __init__(self, target: Address) -> None:
        self.delay = 0.0
        self._target = target
        self._ways: set[asyncio.StreamWriter] = set()
        self._cut = False
        self.port = 0

    def cut(self) -> None:
        self._cut = True
        for writer in self._ways:
            writer.transport.abort()

    def mend(self) -> None:
        self._cut = False

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._cut:
            writer.transport.abort()
            return
        server_reader, server_writer = await asyncio.open_connection(*self._target)
        both = {writer, server_writer}
        self._ways |= both
        try:
            await asyncio.gather(
                _pump(reader, server_writer, lambda: self.delay), _pump(server_reader, writer)
            )
        finally:
            self._ways -= both
            for each in both:
                each.close()


async def _pump(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    delay: Callable[[], float] = lambda: 0.0,
) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(65536):
            await asyncio.sleep(delay())
            writer.write(data)
            await writer.drain()
    writer.close()


@contextlib.asynccontextmanager
async def stream_relay(target: Address) -> AsyncIterator[StreamRelay]:
    relay = StreamRelay(target)
    server = await asyncio.start_server(relay.serve, "127.0.0.1", 0)
    relay.port = server.sockets[0].getsockname()[1]
    try:
        yield relay
    finally:
        server.close()
        relay.cut()


class AudioRelay:
    """UDP between browsers and a worker's port; while it is cut, nothing passes either way."""

    def __init__(self, host: str) -> None:
        self.host = host
        self.is_cut = False
        self.dropped = 0  # packets of browsers, for being cut or without a target
        self.target: Address | None = None
        self._front: asyncio.DatagramTransport | None = None
        self._backs: dict[Address, asyncio.DatagramTransport] = {}

    @property
    def port(self) -> int:
        assert self._front is not None
        return int(self._front.get_extra_info("sockname")[1])

    async def open(self) -> None:
        loop = asyncio.get_running_loop()
        self._front, _ = await loop.create_datagram_endpoint(
            lambda: _Front(self), local_addr=(self.host, 0)
        )

    def close(self) -> None:
        for transport in (self._front, *self._backs.values()):
            if transport is not None:
                transport.close()

    async def forward(self, data: bytes, browser: Address) -> None:
        if self.is_cut or self.target is None:
            self.dropped += 1
            return
        if browser not in self._backs:
            loop = asyncio.get_running_loop()
            self._backs[browser], _ = await loop.create_datagram_endpoint(
                lambda: _Back(self, browser), local_addr=(self.host, 0)
            )
        self._backs[browser].sendto(data, self.target)

    def back(self, data: bytes, browser: Address) -> None:
        if not self.is_cut and self._front is not None:
            self._front.sendto(data, browser)


class _Front(asyncio.DatagramProtocol):
    def __init__(self, relay: AudioRelay) -> None:
        self._relay = relay
        self._waiting: asyncio.Queue[tuple[bytes, Address]] = asyncio.Queue()
        self._task = asyncio.get_running_loop().create_task(self._forward())

    def datagram_received(self, data: bytes, addr: Address) -> None:
        self._waiting.put_nowait((data, addr))

    def connection_lost(self, exc: Exception | None) -> None:
        self._task.cancel()

    async def _forward(self) -> None:
        while True:
            await self._relay.forward(*await self._waiting.get())


class _Back(asyncio.DatagramProtocol):
    def __init__(self, relay: AudioRelay, browser: Address) -> None:
        self._relay = relay
        self._browser = browser

    def datagram_received(self, data: bytes, addr: Address) -> None:
        self._relay.back(data, self._browser)


@contextlib.asynccontextmanager
async def audio_relay(host: str = "127.0.0.1") -> AsyncIterator[AudioRelay]:
    relay = AudioRelay(host)
    await relay.open()
    try:
        yield relay
    finally:
        relay.close()
