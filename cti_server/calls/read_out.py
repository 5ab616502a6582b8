"""
A text that an agent has read to the customer, over the conversation: they go on hearing each other.

Only the voice learns the text: neither the log nor any line has it.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from cti_server.speech.errors import SpeechError
from cti_server.wire.events import ReadOutEnded, ReadOutStarted

from .contact import Contact
from .conversation import Conversation
from .errors import AlreadyReading, NothingRead, NotInCall, NotNow
from .exchange import Exchange
from .leg import Leg
from .sound import sound_of, together
from .unfinished import CALL_ENDED
from .verbs import standing

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Reading:
    names: dict[str, str]  # as its events have them
    text: str
    language: str
    stop: asyncio.Future[None]  # done when no more is to be said


class ReadOuts:
    """What is read to the customer of one call: one text at a time."""

    def __init__(
        self,
        exchange: Exchange,
        contact: Contact,
        conversation: Conversation,
        spawn: Callable[[Coroutine[Any, Any, None]], object],
    ) -> None:
        self._exchange = exchange
        self._contact = contact
        self._conversation = conversation
        self._spawn = spawn
        self._reading: _Reading | None = None
        conversation.on_changed.append(self._follow)

    def start(self, agent_id: str, text: str, language: str | None = None) -> None:
        """
        Speak a text to everybody whom the agent hears, and to the agent; in the customer's language
        if none is named.

        Raises NotInCall, NotNow while agent and customer do not hear one another, AlreadyReading,
        and VoiceMissing for a language that nobody here speaks.
        """
        listeners = self._listeners(agent_id)
        if self._reading is not None:
            raise AlreadyReading(self._contact.id)
        language = language or self._contact.language
        self._exchange.prompts.need_voice(language)
        names = {
            "contact_id": self._contact.id,
            "read_out_id": self._exchange.new_id(),
            "agent_id": agent_id,
        }
        stop: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._reading = reading = _Reading(names, text, language, stop)
        self._exchange.append(ReadOutStarted(**names, language=language, characters=len(text)))
        self._spawn(self._read(reading, listeners))

    def stop(self, agent_id: str) -> None:
        """Say no more. Raises NotInCall and NothingRead."""
        self._part(agent_id)
        if self._reading is None:
            raise NothingRead(self._contact.id)
        self._hush(self._reading)

    def end(self) -> None:
        """The call is over."""
        self._ended(CALL_ENDED)

    # --- inside -------------------------------------------------------------------------------

    def _follow(self) -> None:
        """Nothing is read to a customer who is on hold, or with somebody else."""
        reading, talk = self._reading, self._conversation.talk
        if reading is None:
            return
        member = self._conversation.agent(reading.names["agent_id"])
        if member is None or not together(talk, member.id):
            self._hush(reading)

    def _hush(self, reading: _Reading) -> None:
        if not reading.stop.done():
            reading.stop.set_result(None)

    def _part(self, agent_id: str) -> str:
        """The agent's leg's id."""
        member = self._conversation.agent(agent_id)
        if member is None or member.id not in self._conversation.talk:
            raise NotInCall(self._contact.id, agent_id)
        return member.id

    def _listeners(self, agent_id: str) -> list[Leg]:
        """The customer, the agent, and whoever else is with them."""
        part, talk = self._part(agent_id), self._conversation.talk
        if not together(talk, part):
            raise NotNow(standing(talk, part).value, "read_out")
        heard = sound_of(talk).hears[part]
        customer = self._conversation.customer
        others = [
            member.leg
            for member in self._conversation.members
            if member.id == part or member.id in heard
        ]
        return [customer, *others]

    async def _read(self, reading: _Reading, listeners: list[Leg]) -> None:
        saying = asyncio.create_task(self._say(reading, listeners))
        waits: list[asyncio.Future[Any]] = [saying, reading.stop]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            outcome = saying.result() if saying.done() else "stopped"
        finally:
            saying.cancel()
        self._ended(outcome)

    async def _say(self, reading: _Reading, listeners: list[Leg]) -> str:
        """What became of it, as the customer heard it."""
        try:
            async with self._exchange.prompts.spoken(reading.text, reading.language) as file:
                there = [leg for leg in listeners if not leg.over.is_set()]
                return await _played(file, there) if there else "call_ended"
        except SpeechError as error:
            log.warning("call.not_read_out", contact_id=self._contact.id, kind=type(error).__name__)
            return "failed"

    def _ended(self, outcome: str) -> None:
        reading, self._reading = self._reading, None
        if reading is not None:
            self._exchange.append(ReadOutEnded(**reading.names, outcome=outcome))


async def _played(file: Path, legs: Sequence[Leg]) -> str:
    """To all at the same time, until the first has heard it all."""
    plays = [asyncio.create_task(leg.media.play([file], over=True, private=True)) for leg in legs]
    try:
        return await plays[0]
    finally:
        for play in plays:
            play.cancel()
