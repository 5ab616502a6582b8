"""Agents at phones of every kind, who act over REST or over their desktop's stream."""

import contextlib
import enum
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Protocol

from simulator.audio import Sound, tone
from simulator.phone import ring_on
from simulator.phone_call import PhoneCall

from .people import Agent
from .talking import Ear
from .web_desk import WebCall, WebDesk, web_desk


class Kind(enum.StrEnum):
    """Of an agent's phone."""

    REGISTERED = "registered"
    BROWSER = "browser"
    REMOTE = "remote"  # any SIP URI


class Way(enum.StrEnum):
    """How an agent's desktop says what to do."""

    REST = "rest"
    STREAM = "stream"


class AtPhone(Ear, Protocol):
    """A call at an agent's phone."""

    def say(self, sound: Sound | None) -> None: ...


_ON_THE_STREAM: dict[str, dict[str, Any]] = {
    "hold": {"type": "hold", "on": True},
    "resume": {"type": "hold", "on": False},
    "mute": {"type": "mute", "on": True},
    "unmute": {"type": "mute", "on": False},
}
"""The verbs that have another name there."""


@dataclass
class Seat(ABC):
    """An agent at work, and the tone that they speak with."""

    agent: Agent
    desk: WebDesk
    way: Way
    hz: int

    @property
    def id(self) -> str:
        return self.agent.id

    async def does(self, contact_id: str, verb: str, **what: str) -> None:
        """Say a verb to the server, and have it done. ``what`` is as REST has it."""
        if self.way is Way.REST:
            status, answered = await self.agent.desk.post(
                f"/api/v1/contacts/{contact_id}/{verb}", **what
            )
            assert status == 200, answered
            return
        for to in what.keys() & {"agent", "queue", "number"}:
            what |= {"to": to, "target": what.pop(to)}
        said = {"kind": verb} | _ON_THE_STREAM.get(verb, {}) | what
        await self.desk.says(str(said.pop("type", said.pop("kind"))), contact_id=contact_id, **said)

    async def dials(self, number: str, queue: str) -> str:
        """Call a customer; the new contact."""
        if self.way is Way.REST:
            status, placed = await self.agent.desk.post(
                "/api/v1/contacts", number=number, queue=queue
            )
            assert status == 201, placed
        else:
            placed = await self.desk.says("dial", number=number, queue=queue)
        return str(placed["contact_id"])

    async def takes(self, contact_id: str) -> AtPhone:
        """Pick up what rings next, and speak."""
        call = await self.rung()
        await self.picks_up(call, contact_id)
        return call

    async def picks_up(self, call: AtPhone, contact_id: str) -> None:
        """Answer it, and speak."""
        await self._answer(call, contact_id)
        call.say(tone(self.hz))

    @abstractmethod
    async def rung(self) -> AtPhone:
        """What rings next."""

    @abstractmethod
    async def _answer(self, call: AtPhone, contact_id: str) -> None: ...

    @abstractmethod
    async def hangs_up(self, call: AtPhone) -> None:
        """At the phone itself."""


class TelephoneSeat(Seat):
    """Nobody but the agent's hand can pick up a telephone, or put it down."""

    async def rung(self) -> PhoneCall:
        return await self.agent.rung()

    async def _answer(self, call: AtPhone, contact_id: str) -> None:
        assert isinstance(call, PhoneCall)
        call.answer()

    async def hangs_up(self, call: AtPhone) -> None:
        assert isinstance(call, PhoneCall)
        call.hang_up()


class BrowserSeat(Seat):
    """The page has the audio ready when it rings; picking up is only a word."""

    async def rung(self) -> WebCall:
        return WebCall(self.desk, await self.desk.is_rung())

    async def _answer(self, call: AtPhone, contact_id: str) -> None:
        assert isinstance(call, WebCall)
        if self.way is Way.REST:
            await self.does(contact_id, "answer")
        else:
            await self.desk.says("accept", id=call.line)
        await self.desk.told(type="connected", id=call.line)

    async def hangs_up(self, call: AtPhone) -> None:
        assert isinstance(call, WebCall)
        await self.desk.says("hang_up", id=call.line)


@contextlib.asynccontextmanager
async def seated(agent: Agent, kind: Kind, way: Way, hz: int) -> AsyncIterator[Seat]:
    """The agent's desktop is open, and the phone well."""
    async with web_desk(agent.desk) as desk:
        if kind is Kind.BROWSER:
            await desk.says("health", microphone="live", path="connected")
            yield BrowserSeat(agent, desk, way, hz)
        else:
            agent.on_ring(ring_on)
            yield TelephoneSeat(agent, desk, way, hz)
