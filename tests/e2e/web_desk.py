"""A desktop on its stream, as the page has it; a WebRTC phone for the audio, where it is one."""

import asyncio
import contextlib
import itertools
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp

from simulator.audio import Sound
from simulator.changes import Changes
from simulator.heard import Heard
from simulator.web_phone import WebPhone
from tests.running_server import Desktop

from .book import WITHIN


class WebDesk:
    """One connected desktop that has the audio."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._requests = itertools.count(1)
        self._unasked: list[dict[str, Any]] = []
        self._changes = Changes()
        self.phone = WebPhone()

    async def read(self) -> None:
        """Take in what comes, until the stream ends."""
        async for message in self._socket:
            self._unasked.append(json.loads(message.data))
            self._changes.happened()

    async def says(self, kind: str, **what: Any) -> dict[str, Any]:
        """Say it, and have it done; the answer."""
        answered = await self.tries(kind, **what)
        assert answered["type"] != "refused", answered
        return answered

    async def tries(self, kind: str, **what: Any) -> dict[str, Any]:
        """Say it; what it is answered by."""
        request = next(self._requests)
        await self._socket.send_json({"type": kind, "request": request, **what})
        return await self.told(request=request)

    async def told(self, *, within: float = WITHIN, **fields: Any) -> dict[str, Any]:
        """The first message with these fields that nobody has asked for yet."""
        found: list[dict[str, Any]] = []

        def came() -> bool:
            found[:] = [one for one in self._unasked if fields.items() <= one.items()][:1]
            return bool(found)

        async with asyncio.timeout(within):
            await self._changes.until(came)
        self._unasked.remove(found[0])
        return found[0]

    async def is_rung(self) -> str:
        """Have the audio ready for what rings next; the id of the line."""
        ring = await self.told(type="ring")
        self.phone.close()
        self.phone = WebPhone()
        request, offer = next(self._requests), self.phone.offer()
        await self._socket.send_json(
            {"type": "media", "request": request, "id": ring["id"], "attempt": 1, "sdp": offer}
        )
        self.phone.begin((await self.told(type="answer", id=ring["id"]))["sdp"])
        return str(ring["id"])

    async def picks_up(self) -> None:
        """Answer what rings next, and wait until the audio is there."""
        line = await self.is_rung()
        await self.says("accept", id=line)
        await self.told(type="connected", id=line)


class WebCall:
    """A call at a desk, as :class:`simulator.phone_call.PhoneCall` is one at a telephone."""

    def __init__(self, desk: WebDesk, line: str) -> None:
        self.desk = desk
        self.line = line
        self._phone = desk.phone
        self._reason: str | None = None

    @property
    def heard(self) -> Heard:
        return self._phone.heard

    def say(self, sound: Sound | None) -> None:
        self._phone.say(sound)

    async def ended(self, within: float = WITHIN) -> str:
        """Wait until it is over; the reason. Raises TimeoutError."""
        if self._reason is None:
            told = await self.desk.told(within=within, type="ended", id=self.line)
            self._reason = str(told["reason"])
        return self._reason


@contextlib.asynccontextmanager
async def web_desk(desk: Desktop) -> AsyncIterator[WebDesk]:
    """Log in to the stream as the agent's phone."""
    async with (
        aiohttp.ClientSession(desk.api) as session,
        session.ws_connect("/api/v1/stream") as socket,
    ):
        await socket.send_json({"type": "hello", "token": desk.token, "desk": "the-only-one"})
        it = WebDesk(socket)
        reading = asyncio.create_task(it.read())
        try:
            await it.told(type="snapshot")
            yield it
        finally:
            it.phone.close()
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
