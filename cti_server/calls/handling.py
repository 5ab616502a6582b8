"""One agent's part in a call: from the offer that they took until all of it is put away."""

from collections.abc import Coroutine
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

from .contact import Contact
from .exchange import Exchange
from .leg import Leg
from .recorder import Recorder
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
        self._recorder: Recorder | None = None
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
            InteractionStarted(**self.names, queue=self._offer.queue, leg_id=self.leg.id)
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

    @property
    def wants_recording(self) -> bool:
        return self.queue.record and self.started and not self.over and self._recorder is None

    def record(self, customer: Leg) -> Coroutine[Any, Any, None]:
        """Through holds and all, until :meth:`stop_recording`; what is returned begins it."""
        self._recorder = Recorder(self._exchange, self._capture_info())
        return self._recorder.start(customer, self.leg)

    async def stop_recording(self) -> None:
        if self._recorder is not None:
            await self._recorder.stop()

    def archive(self, customer: Leg) -> None:
        """The agent's leg is closed: hand the recording over."""
        if self._recorder is not None:
            self._recorder.hand_over(customer, self.leg)

    def _capture_info(self) -> CaptureInfo:
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
        )
