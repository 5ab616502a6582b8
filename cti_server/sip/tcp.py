"""SIP over TCP (RFC 3261 §18): connections used again, bounded in number, size and idleness."""

import asyncio
from collections import Counter
from dataclasses import dataclass
from typing import cast

from .errors import SipParseError
from .framing import PONG, Framed, KeepAlive, StreamFramer
from .limits import Limits
from .transport import Flow, Listen, Receiver


@dataclass(frozen=True, slots=True)
class TcpLimits:
    """What peers may hold of us. Times in seconds."""

    connections: int = 4000
    connections_per_source: int = 200
    message_timeout: float = 10.0
    """How long a message may take to arrive whole, and a new connection to bring its first."""
    idle_timeout: float = 900.0
    connect_timeout: float = 4.0
    unsent: int = 1 << 20
    """Bytes that may wait for a peer who does not read."""


DEFAULT_TCP_LIMITS = TcpLimits()


class TcpConnection(asyncio.Protocol):
    """One connection: its framing, its patience, and what waits until it is open."""

    def __init__(self, owner: "TcpTransport", flow: Flow | None) -> None:
        self._owner = owner
        self._flow = flow
        self._framer = StreamFramer(owner.limits)
        self._stream: asyncio.Transport | None = None
        self._waiting: list[bytes] = []
        self._partial_since: float | None = None
        self._active_at = owner.loop.time()
        self._timer: asyncio.TimerHandle | None = None

    @property
    def flow(self) -> Flow:
        if self._flow is None:
            raise RuntimeError("a connection has no flow before it is made")
        return self._flow

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # Not checked by isinstance: uvloop's are not derived from asyncio's.
        self._stream = stream = cast(asyncio.Transport, transport)
        peer = transport.get_extra_info("peername")
        accepted = self._flow is None
        if self._flow is None:
            self._flow = Flow("tcp", peer[0], peer[1], self._owner.address)
        if not self._owner.admit(self, accepted=accepted):
            self._flow = None
            stream.abort()
            return
        if accepted:
            self._partial_since = self._owner.loop.time()
        for data in self._waiting:
            self.send(data)
        self._waiting.clear()
        self._watch()

    def data_received(self, data: bytes) -> None:
        now = self._active_at = self._owner.loop.time()
        framed = self._framer.receive(data)
        if framed:
            self._partial_since = None
        if self._partial_since is None and self._framer.buffered:
            self._partial_since = now
        for item in framed:
            self._take(item)

    def _take(self, item: Framed) -> None:
        match item:
            case KeepAlive():
                self.send(PONG)
            case SipParseError():
                self._owner.receiver.rejected(item, self.flow)
                if item.fatal and self._stream is not None:
                    self._stream.close()
            case _:
                self._owner.receiver.received(item, self.flow)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._flow is not None:
            self._owner.forget(self)
            self._owner.receiver.failed(self._flow)

    def send(self, data: bytes) -> None:
        if self._stream is None:
            self._waiting.append(data)
            return
        self._active_at = self._owner.loop.time()
        self._stream.write(data)
        if self._stream.get_write_buffer_size() > self._owner.bounds.unsent:
            self._stream.abort()

    def abort(self) -> None:
        if self._stream is not None:
            self._stream.abort()

    def _watch(self) -> None:
        """Look again when the first patience can be over; end what is over now."""
        loop, bounds = self._owner.loop, self._owner.bounds
        due = self._active_at + bounds.idle_timeout
        if self._partial_since is not None:
            due = min(due, self._partial_since + bounds.message_timeout)
        if due <= loop.time():
            self.abort()
            return
        self._timer = loop.call_at(min(due, loop.time() + bounds.message_timeout), self._watch)


class TcpTransport:
    """A listening socket, and all connections through it in both directions."""

    name = "tcp"

    def __init__(self, receiver: Receiver, limits: Limits, bounds: TcpLimits) -> None:
        self.loop = asyncio.get_running_loop()
        self.receiver = receiver
        self.limits = limits
        self.bounds = bounds
        self.address: tuple[str, int] = ("", 0)
        self.refused = 0
        """Connections that were closed at once because there were too many."""
        self._server: asyncio.Server | None = None
        self._connections: dict[Flow, TcpConnection] = {}
        self._per_source: Counter[str] = Counter()
        self._connecting: set[asyncio.Task[None]] = set()

    @property
    def connections(self) -> int:
        return len(self._connections)

    async def open(self, host: str, port: int) -> None:
        """Listen. Raises OSError."""
        self._server = await self.loop.create_server(
            lambda: TcpConnection(self, None), host, port, backlog=1024
        )
        name = self._server.sockets[0].getsockname()
        self.address = (name[0], name[1])

    def send(self, data: bytes, flow: Flow) -> None:
        connection = self._connections.get(flow)
        if connection is None:
            connection = self._connect(flow)
        connection.send(data)

    def has(self, flow: Flow) -> bool:
        return flow in self._connections

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        for task in self._connecting:
            task.cancel()
        for connection in list(self._connections.values()):
            connection.abort()
        await asyncio.gather(*self._connecting, return_exceptions=True)
        if self._server is not None:
            await self._server.wait_closed()

    def admit(self, connection: TcpConnection, *, accepted: bool) -> bool:
        """Take a new connection in, unless there are too many, of its source or at all."""
        flow, bounds = connection.flow, self.bounds
        if accepted and (
            len(self._connections) >= bounds.connections
            or self._per_source[flow.host] >= bounds.connections_per_source
        ):
            self.refused += 1
            return False
        if accepted:
            self._connections[flow] = connection
        self._per_source[flow.host] += 1
        return True

    def forget(self, connection: TcpConnection) -> None:
        flow = connection.flow
        if self._connections.get(flow) is connection:
            del self._connections[flow]
        self._per_source[flow.host] -= 1
        if self._per_source[flow.host] <= 0:
            del self._per_source[flow.host]

    def _connect(self, flow: Flow) -> TcpConnection:
        connection = TcpConnection(self, flow)
        self._connections[flow] = connection
        task = self.loop.create_task(self._open_to(flow, connection))
        self._connecting.add(task)
        task.add_done_callback(self._connecting.discard)
        return connection

    async def _open_to(self, flow: Flow, connection: TcpConnection) -> None:
        try:
            async with asyncio.timeout(self.bounds.connect_timeout):
                await self.loop.create_connection(lambda: connection, flow.host, flow.port)
        except (OSError, TimeoutError):
            if self._connections.get(flow) is connection:
                del self._connections[flow]
            self.receiver.failed(flow)


async def open_tcp(
    listen: Listen, receiver: Receiver, limits: Limits, bounds: TcpLimits = DEFAULT_TCP_LIMITS
) -> TcpTransport:
    """Listen. Raises OSError."""
    transport = TcpTransport(receiver, limits, bounds)
    await transport.open(listen.host, listen.port)
    return transport
