"""One agent's part in a call: from the offer that they took until all of it is put away."""

import asyncio
from collections.abc import Coroutine
from functools import cached_property
from pathlib import Path
from typing import Any

from acd.model import Offer
from config.floor import QueueSettings
from cti_server.wire.events import (
    InteractionHeld,
    InteractionResumed,
    InteractionStarted,
    InteractionStateChanged,
)
from recording.capture import CaptureInfo
from recording.rules import Decision, decide

from .contact import Contact
from .exchange import Exchange
from .flow_prompts import Sounds
from .leg import Leg
from .recorder import Recorder
from .saying_over import FINISHED, say_over
from .verbs import Standing


class Handling:
    """
    An accepted offer: what the log, the floor and the archive are told of it.

    It has started once the agent is with the customer; an adviser's may end before.
    """

    def __init__(
        self, exchange: Exchange, contact: Contact, queue: QueueSettings, offer: Offer, leg: Leg
    ) -> None:
        self._exchange = exchange
        self._contact = contact
        self._offer = offer
        self._recorders: list[Recorder] = []
        self._told = (Standing.TALKING, False)
        self.queue = queue
        self.leg = leg
        self.agent_id: str = offer.agent_id
        self.interaction_id: str = offer.id
        self.started = False
        self.held = False
        self.over = False

    @property
    def names(self) -> dict[str, str]:
        """As its events have them."""
        return {
            "contact_id": self._contact.id,
            "interaction_id": self.interaction_id,
            "agent_id": self.agent_id,
        }

    def start(self) -> None:
        """Customer and agent are connected."""
        self.started = True
        self._exchange.append(
            InteractionStarted(
                **self.names,
                queue=self._offer.queue,
                leg_id=self.leg.id,
                recording=self.recording.mode,
                recording_rule=self.recording.rule,
            )
        )

    def hold(self, held_by: str) -> None:
        """The two do not hear one another."""
        self.held = True
        self._exchange.append(InteractionHeld(**self.names, held_by=held_by))

    def resume(self) -> None:
        self.held = False
        self._exchange.append(InteractionResumed(**self.names))

    def show(self, standing: Standing, *, muted: bool) -> None:
        """What the agent is doing; told when it is something else than before."""
        if self._told != (standing, muted):
            self._told = (standing, muted)
            self._exchange.append(
                InteractionStateChanged(**self.names, state=standing.value, muted=muted)
            )

    def end(self, ended_by: str, *, met: bool = True) -> None:
        """
        Free the agent: wrap-up begins, or the next contact. Again is harmless.

        There is no wrap-up where agent and customer never ``met``.

        Whose phone is gone is offered nothing until they say that they are there again.
        """
        if self.leg.lost and not self.over:
            ended_by = "phone_lost"
            self._exchange.floor.phone_lost(self.agent_id)
        self.over = True
        self._exchange.floor.end_interaction(self.interaction_id, ended_by, met=met)

    # --- the recording ------------------------------------------------------------------------

    @cached_property
    def recording(self) -> Decision:
        """Whether it is recorded, and by which rule: as the rules are when it is asked first."""
        return decide(
            self._exchange.recording,
            self._contact.in_conversation(self.interaction_id, self.agent_id, self.queue.name),
            queue_records=self.queue.record,
            room=self._exchange.room(),
        )

    @property
    def is_recorded(self) -> bool:
        return any(recorder.under_way for recorder in self._recorders)

    @property
    def wants_recording(self) -> bool:
        wanted = self.recording.mode == "always" and not self._recorders
        return wanted and self.started and not self.over

    def record(self, customer: Leg, *, asked_by: str | None = None) -> Coroutine[Any, Any, None]:
        """
        Through holds and all, until :meth:`stop_recording`; what is returned begins it.

        A customer who is to be told, and was not yet, is told first.
        """
        recorder = Recorder(self._exchange, self._capture_info(asked_by))
        self._recorders.append(recorder)
        return self._tell_and_record(recorder, customer)

    @property
    def wants_a_notice(self) -> bool:
        """Whether it is recorded from its beginning: the customer is told before they talk."""
        return self.recording.mode == "always"

    @property
    def has_a_notice(self) -> bool:
        """Whether the customer is to hear something before a recording begins."""
        return bool(self.recording.announce) and not self._contact.told_of_recording

    def recording_notice(self) -> list[Path]:
        """What the customer is to hear before a recording begins; once in a contact."""
        said = self._exchange.prompts.of_queue(self.recording.announce, self._contact.language)
        if not said or self._contact.told_of_recording:
            return []
        self._contact.told_of_recording = True
        return said

    def notice_cut_short(self) -> None:
        """The customer has not heard all of it: they hear it before the next recording begins."""
        self._contact.told_of_recording = False

    async def _tell_and_record(self, recorder: Recorder, customer: Leg) -> None:
        notice = self.recording_notice()
        if notice and await say_over(Sounds(notice), [customer, self.leg]) != FINISHED:
            self.notice_cut_short()
        await recorder.start(customer, self.leg)

    def cease_recording(self) -> Coroutine[Any, Any, None]:
        """It is over at once for whoever looks; what is returned ends it."""
        for recorder in self._recorders:
            recorder.cease()
        return self.stop_recording()

    async def stop_recording(self) -> None:
        await asyncio.gather(*(recorder.stop() for recorder in self._recorders))

    def archive(self, customer: Leg) -> None:
        """The agent's leg is closed: hand the recordings over."""
        for recorder in self._recorders:
            recorder.hand_over(customer, self.leg)

    def _capture_info(self, asked_by: str | None) -> CaptureInfo:
        return CaptureInfo(
            recording_id=self._exchange.new_id(),
            call_id=self._contact.call_id,
            contact_id=self._contact.id,
            interaction_id=self.interaction_id,
            agent_id=self.agent_id,
            queue=self._offer.queue,
            caller_number=self._contact.caller_number,
            dialled_number=self._contact.dialled_number,
            started_at=self._exchange.clock.now(),
            rule=self.recording.rule,
            asked_by=asked_by,
            sides=self.recording.sides,
            layout=self.recording.layout,
            file_format=self.recording.file_format,
        )
