"""What agents and supervisors do to the recording of one call: begin, end, mask, go on."""

import asyncio
from dataclasses import dataclass
from typing import Final, Literal

from cti_server.wire.events import RecordingMasked, RecordingUnmasked
from recording.budget import Room

from .contact import Contact
from .conversation import Conversation
from .errors import (
    AlwaysRecorded,
    NeverRecorded,
    NoRoomToRecord,
    NothingRecorded,
    NotInCall,
    NotMasked,
    NotNow,
)
from .exchange import Exchange
from .handling import Handling
from .leg import Leg
from .spawning import Spawn
from .unfinished import CALL_ENDED
from .verbs import standing

Recorded = Literal["off", "on", "masked"]

_ASKED: Final = "asked"
_LIMIT: Final = "limit"
_LEFT: Final = "left"
_MASK: Final = "mask"
"""Why legs are masked, beside their own reasons."""


@dataclass(frozen=True, slots=True)
class _Mask:
    """A span of silence that has begun: by whom, and what ends it by itself."""

    names: dict[str, str]  # as its events have them
    limit: asyncio.TimerHandle


class RecordingControl:
    """
    Which conversations are recorded is the rules' to say; this is what people may do beside.

    A mask (PCI DSS 4.0, 3.3.1) is over the whole call: who comes into it is silent in recordings,
    too. The time line goes on. It ends when its time is over, or when whoever asked for it leaves.
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
        self._mask: _Mask | None = None
        conversation.on_changed.append(self._follow)

    @property
    def state(self) -> Recorded:
        if self._mask is not None:
            return "masked"
        return "on" if self.recorded else "off"

    @property
    def recorded(self) -> bool:
        """Whether anything is, though it be the silence under a mask."""
        handlings = [member.handling for member in self._conversation.members]
        return any(one is not None and one.is_recorded for one in handlings)

    def start(self, agent_id: str, asked_by: str) -> None:
        """
        Record what the agent says with the customer, from now on. Again is harmless.

        Raises NotInCall, NotNow before they talk, NeverRecorded, and NoRoomToRecord.
        """
        handling = self._handling(agent_id)
        decision = handling.recording
        if decision.mode == "never":
            raise NeverRecorded(self._contact.id, decision.rule)
        if not handling.is_recorded:
            if self._exchange.room() is not Room.ALL:
                raise NoRoomToRecord(self._contact.id)
            self._spawn(handling.record(self._conversation.customer, asked_by=asked_by))

    def stop(self, agent_id: str) -> None:
        """
        What follows is not recorded.

        Raises NotInCall, NotNow, NothingRecorded, and AlwaysRecorded where a rule wants all of it.
        """
        handling = self._handling(agent_id)
        if not handling.is_recorded:
            raise NothingRecorded(self._contact.id)
        if handling.recording.mode == "always":
            raise AlwaysRecorded(self._contact.id, handling.recording.rule)
        self._spawn(handling.cease_recording())

    def toggle(self, agent_id: str, asked_by: str) -> bool:
        """Begin if it is not recorded, else end; whether it begins. Raises as these do."""
        if self._handling(agent_id).is_recorded:
            self.stop(agent_id)
            return False
        self.start(agent_id, asked_by)
        return True

    def mask(self, agent_id: str, asked_by: str, reason: str) -> None:
        """
        From now on recordings of this call are silent. Again is harmless: the first one counts.

        Raises NotInCall, NotNow and NothingRecorded.
        """
        self._handling(agent_id)
        if not self.recorded:
            raise NothingRecorded(self._contact.id)
        if self._mask is not None:
            return
        names = {
            "contact_id": self._contact.id,
            "mask_id": self._exchange.new_id(),
            "agent_id": agent_id,
        }
        limit = self._exchange.recording.mask_limit.total_seconds()
        timer = asyncio.get_running_loop().call_later(limit, self._unmask, _LIMIT)
        self._mask = _Mask(names, timer)
        self._exchange.append(RecordingMasked(**names, asked_by=asked_by, reason=reason))
        self._follow()

    def unmask(self, agent_id: str, asked_by: str) -> None:
        """What follows is heard again. Raises NotInCall, NotNow and NotMasked."""
        self._handling(agent_id)
        if self._mask is None:
            raise NotMasked(self._contact.id)
        self._unmask(_ASKED, asked_by)

    def end(self) -> None:
        """The call is over."""
        self._unmask(CALL_ENDED)

    # --- inside -------------------------------------------------------------------------------

    def _handling(self, agent_id: str) -> Handling:
        """Raises NotInCall and NotNow."""
        member, talk = self._conversation.agent(agent_id), self._conversation.talk
        if member is None or member.id not in talk:
            raise NotInCall(self._contact.id, agent_id)
        if member.handling is None or not member.handling.started:
            raise NotNow(standing(talk, member.id).value, "recording")
        return member.handling

    @property
    def _legs(self) -> list[Leg]:
        others = [member.leg for member in self._conversation.members]
        return [self._conversation.customer, *others]

    def _follow(self) -> None:
        """Who has come is masked, too; where the one has left who asked for it, nobody is."""
        mask = self._mask
        if mask is None:
            return
        member = self._conversation.agent(mask.names["agent_id"])
        if member is None or member.id not in self._conversation.talk:
            self._agent_has_left()
            return
        for leg in self._legs:
            leg.mask(_MASK)

    def _agent_has_left(self) -> None:
        """What the customer still hears of them was begun under the mask, and ends under it."""
        lingers = self._conversation.lingers
        if lingers is None or lingers.done():
            self._unmask(_LEFT)
        else:
            lingers.add_done_callback(lambda _: self._unmask(_LEFT))

    def _unmask(self, ended_by: str, asked_by: str | None = None) -> None:
        mask, self._mask = self._mask, None
        if mask is None:
            return
        mask.limit.cancel()
        for leg in self._legs:
            leg.unmask(_MASK)
        self._exchange.append(RecordingUnmasked(**mask.names, ended_by=ended_by, asked_by=asked_by))
