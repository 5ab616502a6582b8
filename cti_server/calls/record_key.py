"""The keys by which agents begin and end a recording, at whatever phone they have."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Final

import structlog

from .conversation import Conversation
from .errors import CallError
from .exchange import Exchange
from .flow_prompts import Sounds
from .leg import Leg
from .member import Member
from .prompts import Signal
from .recording_control import RecordingControl
from .saying_over import say_over
from .spawning import Spawn
from .talk import Role

log = structlog.get_logger()

WITHIN: Final = 2.0  # seconds from one key to the next


class KeySequence:
    """Keys that together mean something, each pressed soon after the one before. Pure."""

    def __init__(self, keys: str) -> None:
        self.keys = keys
        self._pressed = ""
        self._last = 0.0

    def completed_by(self, key: str, now: float) -> bool:
        if now - self._last > WITHIN:
            self._pressed = ""
        self._last = now
        self._pressed = (self._pressed + key)[-len(self.keys) :]
        if self._pressed != self.keys:
            return False
        self._pressed = ""
        return True


class RecordKey:
    """
    Listens to the keys of a call's agents.

    The agent alone hears a tone: that it begins, ends, or may not. A phone's keys reach the
    customer as ever; of the desktop's the one that completes the sequence goes no further, unless
    it may not.
    """

    def __init__(
        self,
        exchange: Exchange,
        conversation: Conversation,
        recording: RecordingControl,
        send_digits: Callable[[str, str], None],
        spawn: Spawn,
    ) -> None:
        self._exchange = exchange
        self._conversation = conversation
        self._recording = recording
        self._send_digits = send_digits
        self._spawn = spawn
        self._sequences: dict[str, KeySequence] = {}  # of each agent's leg
        if exchange.recording.key:
            conversation.on_changed.append(self._listen)

    def send_digits(self, agent_id: str, digits: str, asked_by: str) -> None:
        """
        Keys of the agent's desktop, to the others: see :meth:`.control.CallControl.send_digits`.
        """
        member = self._conversation.agent(agent_id)
        sequence = None if member is None else self._sequences.get(member.id)
        if member is None or sequence is None:
            self._send_digits(agent_id, digits)
            return
        kept, now = "", asyncio.get_running_loop().time()
        for key in digits:
            kept += key
            if sequence.completed_by(key, now) and self._toggle(member, asked_by):
                kept = kept[: -len(sequence.keys)]
        if kept:
            self._send_digits(agent_id, kept)

    def _listen(self) -> None:
        for member in self._conversation.members:
            if member.role is Role.AGENT and member.id not in self._sequences:
                self._sequences[member.id] = KeySequence(self._exchange.recording.key)
                member.leg.hand_keys_to(partial(self._pressed, member))

    def _pressed(self, member: Member, key: str) -> None:
        if self._sequences[member.id].completed_by(key, asyncio.get_running_loop().time()):
            self._toggle(member, member.name)

    def _toggle(self, member: Member, asked_by: str) -> bool:
        """Whether the keys meant something here."""
        announced = member.handling is not None and member.handling.has_a_notice
        try:
            begins = self._recording.toggle(member.name, asked_by)
        except CallError as refusal:
            log.info("recording.key_refused", agent_id=member.name, reason=str(refusal))
            self._tell(member.leg, "recording-refused")
            return False
        if not begins:
            self._tell(member.leg, "recording-ends")
        elif not announced:  # else the agent hears what the customer is told
            self._tell(member.leg, "recording-begins")
        return True

    def _tell(self, leg: Leg, signal: Signal) -> None:
        self._spawn(_heard(leg, Sounds(self._exchange.prompts.signal(signal))))


async def _heard(leg: Leg, sounds: Sounds) -> None:
    await say_over(sounds, [leg])
