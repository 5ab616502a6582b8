"""What a customer and the menu say before anybody is there, where a rule has it recorded."""

import asyncio

from recording.capture import CaptureInfo
from recording.rules import Decision, decide_menu

from .contact import Contact
from .conversation import Conversation
from .exchange import Exchange
from .recorder import Recorder
from .spawning import Spawn


class MenuRecording:
    """
    One call's: a recording of its own, from the answer until somebody has come to the customer.

    The wait in a queue belongs to it. What follows is a conversation's, or nobody's.
    """

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
        self._recorder: Recorder | None = None
        self._ending: asyncio.Task[None] | None = None
        conversation.on_changed.append(self._follow)

    @property
    def under_way(self) -> bool:
        return self._recorder is not None and self._recorder.under_way

    async def begin(self) -> None:
        """If a rule says so: tell the customer, where they are to be told, and record."""
        exchange, contact = self._exchange, self._contact
        decision = decide_menu(exchange.recording, contact.in_conversation(), room=exchange.room())
        if decision.mode != "always":
            return
        if notice := exchange.prompts.of_queue(decision.announce, contact.language):
            contact.told_of_recording = True
            await self._conversation.customer.media.play(notice)
        self._recorder = Recorder(exchange, self._capture_info(decision))
        self._spawn(self._recorder.start(self._conversation.customer, None))

    async def stop(self) -> None:
        """No more audio belongs to it. Again waits for the same end."""
        if self._recorder is not None:
            await self._recorder.stop()
        if self._ending is not None:
            await self._ending

    def archive(self) -> None:
        """It is stopped: hand it over. Again is harmless."""
        if self._recorder is not None:
            self._recorder.hand_over(self._conversation.customer, None)

    def _follow(self) -> None:
        if self._conversation.members and self._recorder is not None and self._ending is None:
            self._recorder.cease()
            self._ending = asyncio.create_task(self._end(self._recorder))

    async def _end(self, recorder: Recorder) -> None:
        """The call goes on, and may last: this is archived meanwhile."""
        await recorder.stop()
        self.archive()

    def _capture_info(self, decision: Decision) -> CaptureInfo:
        contact = self._contact
        return CaptureInfo(
            recording_id=self._exchange.new_id(),
            call_id=contact.call_id,
            contact_id=contact.id,
            interaction_id="",
            agent_id="",
            queue="",
            caller_number=contact.caller_number,
            dialled_number=contact.dialled_number,
            started_at=self._exchange.clock.now(),
            kind="menu",
            rule=decision.rule,
            sides=decision.sides,
            layout=decision.layout,
            file_format=decision.file_format,
        )
