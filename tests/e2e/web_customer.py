"""A customer who calls from a page: the page's socket, and a WebRTC phone for the browser's."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator
from typing import Any

import aiohttp

from simulator.audio import Sound
from simulator.changes import Changes
from simulator.heard import Heard
from simulator.web_phone import WebPhone

from .book import WITHIN

SOCKET = "/api/v1/web-calls/socket"


class WebCustomer:
    """One socket, and the call that comes of it; a call as :class:`.people.Lasting` is one."""

    def __init__(self, stream: aiohttp.ClientWebSocketResponse) -> None:
        self.phone = WebPhone()
        self.told: list[dict[str, Any]] = []
        self._socket = stream
        self._changes = Changes()
        self._closed = False

    async def read(self) -> None:
        """Take in what comes, until the socket closes."""
        async for message in self._socket:
            self.told.append(json.loads(message.data))
            self._changes.happened()
        self._closed = True
        self._changes.happened()

    @property
    def heard(self) -> Heard:
        return self.phone.heard

    async def says(self, **message: Any) -> None:
        await self._socket.send_json(message)

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
        found: list[dict[str, Any]] = []

        def came() -> bool:
            found[:] = [one for one in self.told if one["type"] == kind]
            return bool(found) or self._closed

        async with asyncio.timeout(within):
            await self._changes.until(came)
        assert found, (kind, self.told, self._socket.close_code)
        return found[0]

    async def ended(self, within: float = WITHIN) -> str:
        """Wait until it is over; the reason. Raises TimeoutError."""
        return str((await self.hears_of("ended", within))["reason"])

    async def closed(self) -> int | None:
        """Wait for the socket's end; its code."""
        async with asyncio.timeout(WITHIN):
            await self._changes.until(lambda: self._closed)
        return self._socket.close_code

    def loses_its_socket(self) -> None:
        """The connection breaks, without a word of farewell."""
        self._socket.get_extra_info("socket").shutdown(socket.SHUT_RDWR)


@contextlib.asynccontextmanager
async def web_customer(api: str) -> AsyncIterator[WebCustomer]:
    """Open the page."""
    async with aiohttp.ClientSession(api) as session, session.ws_connect(SOCKET) as stream:
        it = WebCustomer(stream)
        reading = asyncio.create_task(it.read())
        try:
            yield it
        finally:
            it.phone.close()
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
