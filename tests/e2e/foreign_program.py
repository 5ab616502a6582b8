"""A program of somebody else's: it has docs/cti_protocol.md, HTTP and a WebSocket, not our code."""

import asyncio
import contextlib
import itertools
import json
from collections.abc import AsyncIterator, Callable
from typing import Any, TypeVar

import aiohttp

from tests.running_server import PASSWORD

PATIENCE = 40.0  # seconds until what must come counts as missing

T = TypeVar("T")
Message = dict[str, Any]


def is_delta(one: Message) -> bool:
    return bool(one["type"] == "delta")


class Stream:
    """One WebSocket: what was told on it, and what is said."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, used: set[str]) -> None:
        self.told: list[Message] = []
        self._socket = socket
        self._used = used
        self._numbers = itertools.count(1)
        self._news = asyncio.Event()

    async def read(self) -> None:
        async for frame in self._socket:
            self.told.append(json.loads(frame.data))
            self._news.set()

    async def snapshot(self) -> Message:
        return await self.until(lambda: self.first(lambda one: one["type"] == "snapshot"))

    async def says(self, kind: str, **what: Any) -> Message:
        """A command; its answer."""
        self._used.add(kind)
        number = next(self._numbers)
        await self._socket.send_json({"type": kind, "request": number, **what})
        return await self.until(lambda: self.first(lambda one: one.get("request") == number))

    async def event(self, name: str, **data: Any) -> Message:
        """The delta of the first event with this data, whether it comes or is here already."""
        wanted = {"event": name, **data}.items()
        return await self.until(
            lambda: self.first(lambda one: wanted <= one.get("data", {}).items())
        )

    async def shown(self, contact_id: str, is_so: Callable[[Message], bool]) -> Message:
        """The pop of a message that has a contact shown anew."""

        def of_it(one: Message) -> bool:
            pop = one.get("pop") if one["type"] == "screen" else None
            return pop is not None and pop["contact_id"] == contact_id and is_so(pop)

        shown: Message = (await self.until(lambda: self.first(of_it)))["pop"]
        return shown

    def names(self) -> set[str]:
        """The events and messages that came."""
        return {one["data"]["event"] if is_delta(one) else one["type"] for one in self.told}

    def first(self, is_it: Callable[[Message], bool]) -> Message | None:
        """The first of what came that is so."""
        return next(filter(is_it, self.told), None)

    def state(self) -> str | None:
        """The agent's, as the last event has it."""
        states = [
            str(one["data"]["state"])
            for one in self.told
            if is_delta(one) and one["data"]["event"] == "agent.state_changed"
        ]
        return states[-1] if states else None

    async def until(self, look: Callable[[], T | None]) -> T:
        """Wait until something is found in what came."""
        try:
            async with asyncio.timeout(PATIENCE):
                while (found := look()) is None:
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"it did not come; last: {self.told[-10:]}") from None
        return found


class Program:
    """One person's, with that person's log-in."""

    def __init__(self, web: aiohttp.ClientSession, name: str) -> None:
        self.name = name
        self.used: set[str] = set()
        """The verbs: requests as the page has them, and commands."""
        self.seen: set[str] = set()
        """The events and messages of streams that are over."""
        self._web = web
        self._token = ""

    async def log_in(self) -> None:
        who = {"agent_id": self.name, "password": PASSWORD}
        self._token = (await self.asks("POST /api/v1/sessions", who))["token"]

    @contextlib.asynccontextmanager
    async def stream(self, **hello: Any) -> AsyncIterator[Stream]:
        async with self._web.ws_connect("/api/v1/stream") as socket:
            await socket.send_json({"type": "hello", "token": self._token, **hello})
            it = Stream(socket, self.used)
            reading = asyncio.create_task(it.read())
            try:
                await it.snapshot()
                yield it
            finally:
                self.seen |= it.names()
                reading.cancel()
                await asyncio.gather(reading, return_exceptions=True)

    async def tries(self, verb: str, body: Any = None, **named: str) -> tuple[int, Any]:
        """``verb`` as the page has it; ``named``: what stands in its path."""
        self.used.add(verb)
        method, path = verb.split()
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        async with self._web.request(
            method, path.format(**named), json=body, headers=headers
        ) as answered:
            return answered.status, await answered.json() if answered.status != 204 else None

    async def asks(self, verb: str, body: Any = None, **named: str) -> Any:
        status, answered = await self.tries(verb, body, **named)
        assert status < 300, (verb, answered)
        return answered

    async def takes_calls(self, *, yes: bool) -> None:
        state = {"state": "ready" if yes else "not_ready"}
        await self.asks("PUT /api/v1/agents/{agent_id}/state", state, agent_id=self.name)
