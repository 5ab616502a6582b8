"""Caller and agent together: the announcement, the bridge, the recording, the end."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from acd.model import Offer
from config.settings import QueueSettings
from cti_server.wire.events import InteractionStarted
from recording.capture import CaptureInfo

from . import termination
from .contact import Contact
from .exchange import Exchange
from .leg import Leg
from .recorder import Recorder
from .termination import Over, Termination


class Conversation:
    """
    One accepted offer, until :meth:`end`.

    ``started`` once the two are connected; before that the agent may go and the caller waits on.
    """

    def __init__(
        self, exchange: Exchange, contact: Contact, queue: QueueSettings, offer: Offer
    ) -> None:
        self._exchange = exchange
        self._contact = contact
        self._queue = queue
        self._offer = offer
        self._recorder: Recorder | None = None
        self.started = False

    async def hold(self, caller: Leg, agent: Leg) -> None:
        """
        Announce, connect, and wait for the end.

        Raises Over when the agent hangs up; returns if the agent went before they were connected.
        """
        await self._announce(caller, agent)
        if agent.over.is_set():
            return
        caller.media.bridge(agent.media)
        self.started = True
        self._exchange.append(
            InteractionStarted(
                contact_id=self._contact.id,
                interaction_id=self._offer.id,
                agent_id=self._offer.agent_id,
                queue=self._offer.queue,
            )
        )
        if self._queue.record:
            self._recorder = Recorder(self._exchange, self._capture_info())
            await self._recorder.start(caller, agent)
        await agent.over.wait()
        raise Over(agent.termination or termination.SESSION_GONE)

    def end(self, why: Termination) -> None:
        """Free the agent: wrap-up begins, or the next contact."""
        self._exchange.floor.end_interaction(self._offer.id, _ended_by(why))

    async def stop_recording(self) -> None:
        if self._recorder is not None:
            await self._recorder.stop()

    def archive(self, caller: Leg, agent: Leg) -> None:
        """Both legs are closed: hand the recording over."""
        if self._recorder is not None:
            self._recorder.hand_over(caller, agent)

    async def _announce(self, caller: Leg, agent: Leg) -> None:
        """
        Tell the caller who serves them and the agent which queue it is (AC-07), at the same time.

        Ends early if the agent goes.
        """
        prompts, language = self._exchange.prompts, self._contact.language
        number = self._exchange.floor.agent_number(self._offer.agent_id)
        whisper = prompts.whisper(self._queue.name, language)
        said: list[tuple[Leg, list[Path]]] = []
        if self._queue.announce_agent and number:
            said.append((caller, prompts.agent(number, language)))
        if whisper is not None:
            said.append((agent, [whisper]))
        if not said or agent.over.is_set():
            return
        both = asyncio.create_task(_say(said))
        left = asyncio.create_task(agent.over.wait())
        try:
            waits: list[asyncio.Future[Any]] = [both, left]
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            both.cancel()
            left.cancel()

    def _capture_info(self) -> CaptureInfo:
        return CaptureInfo(
            recording_id=self._exchange.new_id(),
            call_id=self._contact.call_id,
            contact_id=self._contact.id,
            interaction_id=self._offer.id,
            agent_id=self._offer.agent_id,
            queue=self._offer.queue,
            caller_number=self._contact.caller_number,
            dialled_number=self._contact.dialled_number,
            started_at=self._exchange.clock.now(),
        )


async def _say(said: Sequence[tuple[Leg, Sequence[Path]]]) -> None:
    """Each to each, at the same time, until all has been said."""
    async with asyncio.TaskGroup() as plays:
        for leg, files in said:
            plays.create_task(leg.media.play(files))


def _ended_by(why: Termination) -> str:
    if why is termination.CALLER_HUNG_UP:
        return "caller"
    return "agent" if why is termination.AGENT_HUNG_UP else "system"
