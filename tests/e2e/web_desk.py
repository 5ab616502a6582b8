"""A desktop whose browser is the phone: the stream's messages, and a WebRTC phone for the audio."""

import contextlib
import itertools
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp

from simulator.web_phone import WebPhone
from tests.running_server import Desktop


class WebDesk:
    """One connected desktop that has the audio."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._requests = itertools.count(1)
        self.phone = WebPhone()

    async def says(self, kind: str, **what: Any) -> None:
        """Say it, and have it done."""
        request = next(self._requests)
        await self._socket.send_json({"type": kind, "request": request, **what})
        answered = await self.told(request=request)
        assert answered["type"] == "done", answered

    async def told(self, **fields: Any) -> dict[str, Any]:
        """The next message with these fields."""
        while True:
            message: dict[str, Any] = json.loads(await self._socket.receive_str(timeout=10))
            if fields.items() <= message.items():
                return message

    async def is_rung(self) -> str:
        """Have the audio ready for what rings next; the id of the line."""
        ring = await self.told(type="ring")
        offer = self.phone.offer()
        await self._socket.send_json(
            {"type": "media", "request": 0, "id": ring["id"], "attempt": 1, "sdp": offer}
        )
        self.phone.begin((await self.told(type="answer", id=ring["id"]))["sdp"])
        return str(ring["id"])

    async def picks_up(self) -> None:
        """Answer what rings next, and wait until the audio is there."""
        line = await self.is_rung()
        await self.says("accept", id=line)
        await self.told(type="connected", id=line)


@contextlib.asynccontextmanager
async def web_desk(desk: Desktop) -> AsyncIterator[WebDesk]:
    """Log in to the stream as the agent's phone."""
    async with (
        aiohttp.ClientSession(desk.api) as session,
        session.ws_connect("/api/v1/stream") as socket,
    ):
        await socket.send_json({"type": "hello", "token": desk.token, "desk": "the-only-one"})
        it = WebDesk(socket)
        await it.told(type="snapshot")
        try:
            yield it
        finally:
            it.phone.close()
