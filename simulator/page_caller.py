"""A customer who calls from a page: the page's socket, and a WebRTC phone for the browser's."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator
from typing import Any, Final

import aiohttp

from .audio import Sound
from .changes import Changes
from .heard import Heard
from .web_phone import WebPhone

SOCKET: Final = "/api/v1/web-calls/socket"
WITHIN: Final = 40.0  # seconds until something that must come counts as missing


class PageCaller:
    """
    One socket, and the call that comes of it.

    What waits raises TimeoutError, or ConnectionError if the socket has closed instead.
    """

    def __init__(self, stream: aiohttp.ClientWebSocketResponse) -> None:
        self.phone = WebPhone()
        self.told: list[dict[str, Any]] = []
        self._stream = stream
        self._changes = Changes()
        self._closed = False

    async def read(self) -> None:
        """Take in what comes, until the socket closes."""
        async for message in self._stream:
            self.told.append(json.loads(message.data))
            self._changes.happened()
        self._closed = True
        self._changes.happened()

    @property
    def heard(self) -> Heard:
        return self.phone.heard

    async def says(self, **message: Any) -> None:
        await self._stream.send_json(message)

    async def dials(self, number: str) -> str:
        """The contact's id, when the audio is there."""
        await self.says(type="call", number=number, sdp=self.phone.offer())
        answer = await self.hears_of("answer")
        self.phone.begin(answer["sdp"])
        await self.hears_of("connected")
        return str(answer["contact_id"])

    def say(self, sound: Sound | None) -> None:
        self.phone.say(sound)

    async def hears_of(self, kind: str, within: float = WITHIN) -> dict[str, Any]:
        """The first message of that type, if need be when it comes."""

        def found() -> dict[str, Any] | None:
            return next((one for one in self.told if one["type"] == kind), None)

        async with asyncio.timeout(within):
            await self._changes.until(lambda: found() is not None or self._closed)
        if (message := found()) is None:
            raise ConnectionError(f"closed ({self._stream.close_code}) before {kind}: {self.told}")
        return message

    async def ended(self, within: float = WITHIN) -> str:
        """Wait until it is over; the reason."""
        return str((await self.hears_of("ended", within))["reason"])

    async def closed(self) -> int | None:
        """Wait for the socket's end; its code."""
        async with asyncio.timeout(WITHIN):
            await self._changes.until(lambda: self._closed)
        return self._stream.close_code

    def loses_its_socket(self) -> None:
        """The connection breaks, without a word of farewell."""
        self._stream.get_extra_info("socket").shutdown(socket.SHUT_RDWR)


@contextlib.asynccontextmanager
async def page_caller(api: str) -> AsyncIterator[PageCaller]:
    """Open the page."""
    async with aiohttp.ClientSession(api) as session, session.ws_connect(SOCKET) as stream:
        it = PageCaller(stream)
        reading = asyncio.create_task(it.read())
        try:
            yield it
        finally:
            it.phone.close()
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
