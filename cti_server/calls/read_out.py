"""
What an agent has read to the customer, over the conversation: they go on hearing each other.

The agent may leave meanwhile: the customer hears it to the end. Only the voice learns the words:
neither the log nor any line has them.
"""

import asyncio
from dataclasses import dataclass
from typing import Any, Final

import structlog

from cti_server.speech.errors import SpeechError
from cti_server.wire.events import ReadOutEnded, ReadOutStarted
from ivr.actions import Enqueue
from ivr.flow import Flow

from . import termination
from .aloud import Reading
from .contact import Contact
from .conversation import Conversation
from .errors import AlreadyReading, NothingRead, NotInCall, NotNow
from .exchange import Exchange
from .leg import Leg
from .member import Requeue
from .saying_over import FINISHED, say_over
from .sound import sound_of, together
from .spawning import Spawn
from .termination import Termination
from .unfinished import CALL_ENDED
from .verbs import standing

log = structlog.get_logger()

LONGEST: Final = 600.0
"""Seconds that a customer listens alone; what is not over then is broken off."""

FAILED: Final = "failed"


@dataclass(frozen=True, slots=True)
class HeardOut:
    """How it ended for a customer whose agent had left, and where they go then."""

    outcome: str
    agent_id: str
    afterwards: Flow | None = None

    def way_on(self, wish: Enqueue | None) -> Requeue | Flow | None:
        """
        Who could not be told what they wanted to know waits for it again; None: nowhere else.

        ``wish``: the queue that they came from.
        """
        if self.outcome == FAILED and wish is not None:
            return Requeue(wish, self.agent_id, cut_off=True).for_good
        return self.afterwards


class _ReadOut:
    """One reading, until its end is told."""

    def __init__(
        self, names: dict[str, str], reading: Reading, language: str, afterwards: Flow | None
    ) -> None:
        loop = asyncio.get_running_loop()
        self.names = names  # as its events have them
        self.reading = reading
        self.language = language
        self.afterwards = afterwards
        self.stop: asyncio.Future[None] = loop.create_future()  # done when no more is to be said
        self.ended: asyncio.Future[str] = loop.create_future()
        self.alone = False  # the agent has left the customer with it

    def hush(self) -> None:
        if not self.stop.done():
            self.stop.set_result(None)


class ReadOuts:
    """What is read to the customer of one call: one thing at a time."""

    def __init__(
        self,
        exchange: Exchange,
        contact: Contact,
        conversation: Conversation,
        spawn: Spawn,
    ) -> None:
        self._exchange = exchange
        self._contact = contact
        self._conversation = conversation
        self._spawn = spawn
        self._current: _ReadOut | None = None
        conversation.on_changed.append(self._follow)

    def start(
        self,
        agent_id: str,
        reading: Reading,
        *,
        side_tone: bool = True,
        afterwards: Flow | None = None,
    ) -> None:
        """
        Speak it to everybody whom the agent hears, and with ``side_tone`` to the agent; in the
        customer's language if it has none.

        ``afterwards``: the flow that the customer is led into when the agent has left meanwhile.

        Raises NotInCall, NotNow while agent and customer do not hear one another, AlreadyReading,
        and VoiceMissing for a language that nobody here speaks.
        """
        listeners = self._listeners(agent_id, side_tone=side_tone)
        if self._current is not None:
            raise AlreadyReading(self._contact.id)
        language = reading.language or self._contact.language
        self._exchange.prompts.need_voice(language)
        names = {
            "contact_id": self._contact.id,
            "read_out_id": self._exchange.new_id(),
            "agent_id": agent_id,
        }
        self._current = current = _ReadOut(names, reading, language, afterwards)
        self._exchange.append(
            ReadOutStarted(
                **names,
                language=language,
                characters=reading.characters,
                query=reading.query,
                rows=reading.rows,
                side_tone=side_tone,
            )
        )
        self._spawn(self._read(current, listeners))

    def stop(self, agent_id: str) -> None:
        """
        Say no more: any agent of the call, and who had it read, also after they have left.

        Raises NotInCall and NothingRead.
        """
        current = self._current
        if current is None or current.names["agent_id"] != agent_id:
            self._part(agent_id)
        if current is None:
            raise NothingRead(self._contact.id)
        current.hush()

    def outlasts(self, why: Termination) -> bool:
        """
        Whether the customer, whom everybody has left for this reason, is to hear it to the end.

        From now on it goes on without its agent.
        """
        current = self._current
        if current is None or current.stop.done() or self._conversation.customer.over.is_set():
            return False
        if why.result != "ok" or why is termination.CALLER_HUNG_UP:
            return False
        current.alone = True
        self._conversation.lingers = current.ended
        return True

    async def heard_out(self) -> HeardOut:
        """What became of it."""
        current = self._current
        if current is None:
            raise LookupError("nothing is read")
        try:
            async with asyncio.timeout(LONGEST):
                outcome = await asyncio.shield(current.ended)
        except TimeoutError:
            current.hush()
            outcome = await current.ended
        return HeardOut(outcome, current.names["agent_id"], current.afterwards)

    def end(self) -> None:
        """The call is over."""
        self._ended(CALL_ENDED)

    # --- inside -------------------------------------------------------------------------------

    def _follow(self) -> None:
        """Nothing is read to a customer who is on hold, or with somebody else."""
        current, talk = self._current, self._conversation.talk
        if current is None or current.alone:
            return
        member = self._conversation.agent(current.names["agent_id"])
        if member is None or not together(talk, member.id):
            current.hush()

    def _part(self, agent_id: str) -> str:
        """The agent's leg's id."""
        member = self._conversation.agent(agent_id)
        if member is None or member.id not in self._conversation.talk:
            raise NotInCall(self._contact.id, agent_id)
        return member.id

    def _listeners(self, agent_id: str, *, side_tone: bool) -> list[Leg]:
        """The customer, the agent, and whoever else is with them."""
        part, talk = self._part(agent_id), self._conversation.talk
        if not together(talk, part):
            raise NotNow(standing(talk, part).value, "read_out")
        heard = [*sound_of(talk).hears[part], *([part] if side_tone else [])]
        customer = self._conversation.customer
        others = [member.leg for member in self._conversation.members if member.id in heard]
        return [customer, *others]

    async def _read(self, current: _ReadOut, listeners: list[Leg]) -> None:
        saying = asyncio.create_task(self._say(current, listeners))
        waits: list[asyncio.Future[Any]] = [saying, current.stop]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            outcome = saying.result() if saying.done() else "stopped"
        finally:
            saying.cancel()
        self._ended(outcome)

    async def _say(self, current: _ReadOut, listeners: list[Leg]) -> str:
        """What became of it, as the customer heard it."""
        prompts = self._exchange.prompts
        try:
            async with prompts.aloud(current.reading, current.language) as portions:
                outcome = FAILED  # where no value of it can be said
                async for sounds in portions:
                    there = [leg for leg in listeners if not leg.over.is_set()]
                    if self._conversation.customer.over.is_set():
                        return CALL_ENDED
                    if sounds.files and (outcome := await say_over(sounds, there)) != FINISHED:
                        break
                return outcome
        except (SpeechError, TimeoutError) as error:
            log.warning("call.not_read_out", contact_id=self._contact.id, kind=type(error).__name__)
            return FAILED

    def _ended(self, outcome: str) -> None:
        current, self._current = self._current, None
        if current is not None:
            self._exchange.append(ReadOutEnded(**current.names, outcome=outcome))
            if not current.ended.done():
                current.ended.set_result(outcome)
