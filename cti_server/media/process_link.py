"""The connection to one process of ours: frames of msgpack, both ways, as long as it lives."""

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar, cast

import msgspec
import structlog

from .errors import BadFrame
from .frames import Frames, frame

log = structlog.get_logger()

Told = TypeVar("Told")
_encode = msgspec.msgpack.Encoder().encode


class ProcessLink(asyncio.Protocol, Generic[Told]):
    """
    ``connected`` is done when the process has connected, ``lost`` when it is gone.

    ``decode`` reads one report; what is none ends the connection.
    """

    def __init__(self, decode: Callable[[bytes], Told], name: str) -> None:
        loop = asyncio.get_running_loop()
        self.connected: asyncio.Future[None] = loop.create_future()
        self.lost: asyncio.Future[None] = loop.create_future()
        self._decode = decode
        self._name = name
        self._frames = Frames()
        self._unsent: list[bytes] = []
        self._transport: asyncio.Transport | None = None

    @property
    def alive(self) -> bool:
        return self.connected.done() and not self.lost.done()

    def receive(self, report: Told) -> None:
        """For whoever knows what is reported."""
        raise NotImplementedError

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # loops' own types do not inherit it
        if not self.connected.done():
            self.connected.set_result(None)

    def data_received(self, data: bytes) -> None:
        try:
            reports = [self._decode(body) for body in self._frames.receive(data)]
        except (BadFrame, msgspec.DecodeError) as error:
            log.error("server.process_garbled", process=self._name, error=str(error))  # noqa: TRY400
            self.abort()
            return
        for report in reports:
            self.receive(report)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.lost.done():
            self.lost.set_result(None)

    def send(self, command: object) -> None:
        """What is asked together arrives together: each write would wake the process."""
        if self._transport is None or not self.alive:
            return
        if not self._unsent:
            loop = asyncio.get_running_loop()
            loop.call_soon(loop.call_soon, self._flush)  # after what this step has set off
        self._unsent.append(frame(_encode(command)))

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def _flush(self) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(b"".join(self._unsent))
        self._unsent.clear()
