"""The log of a running server as its stream tells it, event by event."""

import asyncio
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import aiohttp

from simulator.changes import Changes

CUT_OFF = aiohttp.WSCloseCode.ABNORMAL_CLOSURE
WITHIN = 40.0  # seconds until something that must come counts as missing
_IN_NO_STORY = ("contact.customer_matched", "recording.stored", "contact.flow_left")


@dataclass(frozen=True, slots=True)
class Seen:
    """One event as it came over the stream, at a time of the loop's clock; ``at``: the server's."""

    heard_at: float
    at: datetime
    sequence: int
    event: str
    data: dict[str, Any]
    pop: dict[str, Any] | None


class Book:
    """Every event of the centre since the book was opened, in the order of the log."""

    def __init__(self, api: str, token: str) -> None:
        self.seen: list[Seen] = []
        self._api = api
        self._token = token
        self._changes = Changes()
        self._reader: asyncio.Task[None] | None = None
        self._ended: str | None = None
        """How the stream ended, if it has."""
        self._roles: dict[str, str] = {}

    async def open(self) -> None:
        ready = asyncio.Event()
        self._reader = asyncio.create_task(self._read(ready))
        async with asyncio.timeout(WITHIN):
            await ready.wait()

    async def close(self) -> None:
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.gather(self._reader, return_exceptions=True)

    async def _read(self, ready: asyncio.Event) -> None:
        """Until the server says goodbye or is gone; a stream that is cut off is taken up again."""
        async with aiohttp.ClientSession(self._api) as session:
            try:
                while (code := await self._follow(session, ready)) == CUT_OFF:
                    pass
                self._ended = f"closed with {code}"
            except aiohttp.ClientError as error:  # a dead server's: whoever waits is told of it
                self._ended = f"{type(error).__name__}: {error}"

    async def _follow(self, session: aiohttp.ClientSession, ready: asyncio.Event) -> int | None:
        """The code with which the stream ended."""
        hello: dict[str, Any] = {"type": "hello", "token": self._token, "floor": True}
        if self.seen:
            hello["since"] = self.last
        async with session.ws_connect("/api/v1/stream") as socket:
            await socket.send_json(hello)
            async for message in socket:
                self._take(json.loads(message.data))
                ready.set()
            return socket.close_code

    def _take(self, message: dict[str, Any]) -> None:
        if message["type"] != "delta":
            return
        data = message["data"]
        now = asyncio.get_running_loop().time()
        at = datetime.fromisoformat(message["at"])
        seen = Seen(now, at, message["sequence"], data["event"], data, message.get("pop"))
        if seen.event == "leg.started":
            self._roles[data["leg_id"]] = data["agent_id"] or data["role"]
        self.seen.append(seen)
        self._changes.happened()

    def find(self, event: str, *, after: int = 0, **fields: Any) -> Seen | None:
        """The first such event after that sequence number, if it came."""
        for seen in self.seen:
            if (
                seen.event == event
                and seen.sequence > after
                and fields.items() <= seen.data.items()
            ):
                return seen
        return None

    async def when(
        self, event: str, *, after: int = 0, within: float = WITHIN, **fields: Any
    ) -> Seen:
        """Wait for such an event; one that came already is as good."""
        found: Seen | None = None

        def came() -> bool:
            nonlocal found
            found = self.find(event, after=after, **fields)
            return found is not None

        try:
            async with asyncio.timeout(within):
                await self._changes.until(came)
        except TimeoutError:
            story = [self._told(seen) for seen in self.seen if seen.sequence > after][-40:]
            ended = f"; the stream: {self._ended}" if self._ended else ""
            raise AssertionError(
                f"no {event} {fields} within {within:g} s: {story}{ended}"
            ) from None
        assert found is not None
        return found

    @property
    def last(self) -> int:
        """The number of the newest event that came."""
        return self.seen[-1].sequence if self.seen else 0

    def story(self, contact_id: str, call_id: str) -> list[str]:
        """
        What happened to a contact and its call, in order, in a few words each.

        Without what has no fixed place, the customer's look-up and the archive's work, and without
        the end of a menu, which what follows tells as well.
        """
        return [
            self._told(seen)
            for seen in self.seen
            if (seen.data.get("contact_id") == contact_id or seen.data.get("call_id") == call_id)
            and seen.event not in _IN_NO_STORY
        ]

    def _told(self, seen: Seen) -> str:
        data = seen.data
        match seen.event:
            case "leg.started" | "leg.answered":
                return f"{seen.event} {self._roles.get(data['leg_id'])}"
            case "leg.ended":
                return f"leg.ended {self._roles.get(data['leg_id'])} {data['reason']}"
            case "contact.node_entered":
                return f"node {data['node']}"
            case "agent.state_changed":
                return f"{data['agent_id']} {data['state']}"
            case "contact.ended":
                return f"contact.ended {data['outcome']} {data['reason']}"
            case "call.ended":
                return f"call.ended {data['result']} {data['reason']}"
            case "offer.ended":
                return f"offer.ended {data['agent_id']} {data['outcome']}"
            case "contact.offered" | "offer.accepted":
                return f"{seen.event} {data['agent_id']}"
            case "interaction.ended":
                return f"interaction.ended {data['ended_by']}"
        return seen.event
