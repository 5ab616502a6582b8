"""Who is at work in a test's contact centre, and who calls it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from simulator.phone import OnRing, Softphone, answer
from simulator.phone_call import PhoneCall
from tests.running_server import Desktop, RunningServer

from .book import WITHIN, Book, Seen


@dataclass(frozen=True, slots=True)
class Hire:
    """An agent to be defined before the server starts."""

    id: str
    number: str
    skills: tuple[str, ...] = ("sales:5",)
    roles: tuple[str, ...] = ("agent",)
    phone: str | None = None
    """A SIP URI; None for the phone that is registered under the agent's id."""
    registers: bool = True


class Agent:
    """One agent: the desktop, the phone, and the calls that came to it."""

    def __init__(self, desk: Desktop, phone: Softphone) -> None:
        self.id = desk.agent_id
        self.desk = desk
        self.phone = phone
        self._rung: asyncio.Queue[PhoneCall] = asyncio.Queue()
        self.on_ring(answer())

    def on_ring(self, act: OnRing) -> None:
        """What this phone does from now on when it rings; calls that rang are forgotten."""
        self._rung = asyncio.Queue()

        def take(call: PhoneCall) -> None:
            self._rung.put_nowait(call)
            act(call)

        self.phone.on_ring = take

    async def rung(self, within: float = WITHIN) -> PhoneCall:
        """The next call that came to the phone."""
        try:
            async with asyncio.timeout(within):
                return await self._rung.get()
        except TimeoutError:
            raise AssertionError(f"{self.id}'s phone did not ring within {within:g} s") from None

    async def listens(self, message_id: str) -> None:
        """Takes the message, which is the only work that waits."""
        await self.desk.set_state("ready")
        [work] = await self.desk.when("/api/v1/work", bool)
        assert work["attributes"]["message_id"] == message_id
        for verb in ("accept", "complete"):
            status, answered = await self.desk.post(
                f"/api/v1/work/{work['contact_id']}/{verb}", reason="heard"
            )
            assert status == 204, answered

    @property
    def silent(self) -> bool:
        """Whether no call came that nobody asked for."""
        return self._rung.empty()

    async def is_in(self, state: str, within: float = WITHIN) -> dict[str, Any]:
        """Wait until the agent is in that state."""
        view: dict[str, Any] = await self.desk.when(
            f"/api/v1/agents/{self.id}", lambda agent: agent["state"] == state, within
        )
        return view


class Caller:
    """A customer with a number of their own, and what the log has of their call."""

    def __init__(self, server: RunningServer, book: Book, phone: Softphone) -> None:
        self.number = phone.name
        self.phone = phone
        self.contact_id = ""
        self.call_id = ""
        self._server = server
        self._book = book
        self.after = book.last
        self._call: PhoneCall | None = None

    @property
    def call(self) -> PhoneCall:
        assert self._call is not None
        return self._call

    async def dial(
        self, number: str, *, headers: Sequence[tuple[str, str]] = (), by: str = "udp"
    ) -> PhoneCall:
        uri = self._server.uri(number) + ("" if by == "udp" else f";transport={by}")
        self._call = await self.phone.call(uri, headers=headers)
        return self._call

    async def hears_something(self, within: float = WITHIN) -> None:
        """The last third of a second is not silent."""
        async with asyncio.timeout(within):
            while self.call.heard.frequency(last=0.3) is None:
                await passed(self.call, 0.1)

    def leave(self) -> None:
        """Hang up, if there is a call."""
        if self._call is not None:
            self._call.hang_up()

    async def arrived(self) -> None:
        """The server knows of the call."""
        seen = await self._book.when("call.arrived", after=self.after, caller_number=self.number)
        self.contact_id, self.call_id = seen.data["contact_id"], seen.data["call_id"]

    async def happens(self, event: str, *, within: float = WITHIN, **fields: Any) -> Seen:
        """Wait for an event of this contact or call."""
        if not self.contact_id:
            await self.arrived()
        by = {"call_id": self.call_id} if event in _OF_CALLS else {"contact_id": self.contact_id}
        return await self._book.when(event, after=self.after, within=within, **by, **fields)

    async def queued(self) -> Seen:
        return await self.happens("contact.queued")

    async def over(self, within: float = WITHIN) -> tuple[str, str]:
        """When the call is over for the server: the contact's outcome and the call's reason."""
        ended = await self.happens("call.ended", within=within)
        contact = await self.happens("contact.ended")
        return contact.data["outcome"], ended.data["reason"]

    def story(self) -> list[str]:
        return self._book.story(self.contact_id, self.call_id)


class Lasting(Protocol):
    """A call as it is seen at one end of it."""

    async def ended(self, within: float) -> object:
        """Wait until it is over; raises TimeoutError."""


async def passed(call: Lasting, seconds: float) -> None:
    """Wait so long; the call goes on meanwhile."""
    try:
        end = await call.ended(within=seconds)
    except TimeoutError:
        return
    raise AssertionError(f"it should have gone on for {seconds:g} s: {end}")


_OF_CALLS = {
    "call.arrived",
    "call.ended",
    "leg.started",
    "leg.answered",
    "leg.ended",
    "leg.one_way_audio",
    "leg.audio_resumed",
}
