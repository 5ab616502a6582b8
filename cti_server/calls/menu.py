"""A caller's walk through a flow: carries out what the walk says and brings it the answers."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Final, Protocol

import structlog

from cti_server.speech_recognition.recogniser import Heard, Utterance
from cti_server.wire.events import ContactAnnotated, Event, FlowLeft, NodeEntered
from ivr.actions import (
    Action,
    Answer,
    Ask,
    Enqueue,
    HangUp,
    Prompt,
    Said,
    Say,
    Transfer,
)
from ivr.inquiries import AskSystem, Inquiry, LookUp, Reply
from ivr.messages import DropMessage, KeepMessage, MessageKept, PlayMessage, Record
from ivr.vocabulary import Vocabulary
from ivr.walk import Walk

from .flow_prompts import Sounds, played
from .leg import Leg
from .prompts import Prompts
from .question import Answered, Question

log = structlog.get_logger()

LAST_WORK: Final = 10.0
"""Seconds that a flow may go on for somebody who has hung up."""

SILENCE: Final = 2.0
"""Seconds in which a caller who waits for another system's answer may hear nothing."""


class Surroundings(Protocol):
    """What a flow may ask, beside the caller."""

    async def reply(self, inquiry: Inquiry) -> Reply:
        """In bounded time."""

    async def understood(self, utterance: Utterance, vocabulary: Vocabulary) -> Heard | None:
        """What the caller said, in bounded time; None if that cannot be told."""


class Menu:
    """Plays, asks and collects until the walk leads out of the flow."""

    def __init__(
        self,
        walk: Walk,
        leg: Leg,
        prompts: Prompts,
        around: Surroundings,
        *,
        contact_id: str,
        append: Callable[[Event], object],
    ) -> None:
        self._walk = walk
        self._version = walk.whole.version
        self._leg = leg
        self._prompts = prompts
        self._around = around
        self._contact_id = contact_id
        self._append = append
        self._told = self._faults_told = 0
        self._annotated: dict[str, str] = {}
        self._message_left = False  # and nothing has been asked of the caller since
        self._reply: asyncio.Task[Reply] | None = None  # that the walk waits for

    async def run(self, answer: Answer | None = None) -> Enqueue | Transfer | HangUp:
        """The action that leads out; ``answer`` to the last one of these, where it led back."""
        way_out: Enqueue | Transfer | HangUp | None = None
        try:
            way_out = await self._to_a_way_out(answer)
            return way_out
        finally:
            self._append(self._left(way_out))

    async def go_on_alone(self, kept: MessageKept | None) -> None:
        """
        The caller is gone, and has left a message: what the flow does with it without them.

        ``kept``: they went while they spoke, or heard it again; else it may have been kept before.
        It ends where somebody would have to be there. Nobody walks: no node is told of, but what
        fails is.
        """
        async with asyncio.timeout(LAST_WORK):
            answer: Answer | None = kept or await self._awaited()
            while answer is not None:
                action = self._walk.advance(answer)
                self._tell_faults()
                answer = await self._answered_alone(action)

    async def _awaited(self) -> Answer | None:
        """What the walk waits for, if the caller has left a message; None if nothing is to do."""
        if not self._message_left:
            return None
        return Said() if self._reply is None else await self._reply

    async def _answered_alone(self, action: Action) -> Answer | None:
        """None where somebody would have to be there."""
        match action:
            case Say():
                return Said()
            case Ask() | Enqueue() | Transfer() | HangUp():
                return None
            case Record() | PlayMessage() | KeepMessage() | DropMessage():
                return None
            case inquiry:
                return await self._around.reply(inquiry)

    async def _to_a_way_out(self, answer: Answer | None) -> Enqueue | Transfer | HangUp:
        while True:
            action: Action = self._walk.advance(answer)
            self._tell()
            match action:
                case Say(prompts=prompts, barge_in=barge_in):
                    async with self._sounds(prompts) as sounds:
                        await played(self._leg.media, sounds, barge_in=barge_in)
                    if not barge_in:
                        self._leg.take_digits()  # typed over what must be heard
                    answer = Said()
                case Ask():
                    self._message_left = False
                    answer = await self._ask(action)
                case Enqueue() | Transfer() | HangUp():
                    self._message_left = False
                    return action
                case Record() | PlayMessage() | KeepMessage() | DropMessage():
                    answer = await self._around.reply(action)
                    self._message_left = isinstance(answer, MessageKept)
                case AskSystem() | LookUp():
                    answer = await self._outlasting(action)
                case inquiry if self._message_left:
                    answer = await self._outlasting(inquiry)
                case inquiry:
                    answer = await self._around.reply(inquiry)

    async def _outlasting(self, inquiry: Inquiry) -> Reply:
        """
        The reply; whoever leaves has it broken off, unless they have left a message.

        For that the flow goes on alone, and what is asked already is not asked twice.
        """
        self._reply = reply = asyncio.create_task(self._around.reply(inquiry))
        try:
            if isinstance(inquiry, AskSystem | LookUp):
                await self._entertain(inquiry.prompts, reply)
            answer = await asyncio.shield(reply)
            self._reply = None
            return answer
        finally:
            if not self._message_left:
                reply.cancel()

    async def _entertain(self, prompts: Sequence[Prompt], reply: "asyncio.Task[Reply]") -> None:
        """
        Let the caller hear the prompts, and then music until another system has replied.

        What is said is said whole; keys that are pressed meanwhile are typed ahead.
        """
        media = self._leg.media
        if prompts:
            async with self._sounds(prompts) as sounds:
                await played(media, sounds)
        if (await asyncio.wait([reply], timeout=SILENCE))[1]:
            music = media.start_play([self._prompts.music], repeat=True)
            await asyncio.wait([reply])
            media.stop_play(music)

    async def _ask(self, ask: Ask) -> Answered:
        if not ask.secret:
            return await self._answer(ask)
        with self._leg.keys_masked():
            return await self._answer(ask)

    def _sounds(self, prompts: Sequence[Prompt]) -> AbstractAsyncContextManager[Sounds]:
        return self._prompts.of_flow(self._walk.flow, prompts)

    async def _answer(self, ask: Ask) -> Answered:
        async with self._sounds(ask.prompts) as sounds:
            return await Question(ask, self._leg, sounds, self._around.understood).answer()

    def _tell(self) -> None:
        """Log the nodes entered and the attributes learnt since the last step."""
        for number in range(self._told, len(self._walk.visits)):
            self._append(self._entered(number))
        self._told = len(self._walk.visits)
        self._tell_faults()
        learnt = dict(self._walk.attributes)
        if learnt != self._annotated:
            self._append(ContactAnnotated(contact_id=self._contact_id, attributes=learnt))
            self._annotated = learnt

    def _tell_faults(self) -> None:
        for fault in self._walk.faults[self._faults_told :]:
            log.warning("flow.failed", contact_id=self._contact_id, reason=fault)
        self._faults_told = len(self._walk.faults)

    def _entered(self, number: int) -> NodeEntered:
        """The node of this number, and how the one before was left."""
        walk = self._walk
        flow, node = walk.visits[number]
        left = walk.left[number - 1] if number else None
        return NodeEntered(
            contact_id=self._contact_id,
            flow=flow,
            node=node,
            whole=walk.whole.name if flow != walk.whole.name else "",
            version=self._version,
            by=left.way if left else None,
            asked=left.asked if left else 0,
            wrong=left.wrong if left else 0,
            silent=left.silent if left else 0,
        )

    def _left(self, way_out: Enqueue | Transfer | HangUp | None) -> FlowLeft:
        """By that way, or because the call ended."""
        to, target, reason = _words_of(way_out)
        walk = self._walk
        return FlowLeft(
            contact_id=self._contact_id,
            flow=walk.whole.name,
            version=self._version,
            node=walk.visits[-1].node,
            to=to,
            target=target,
            reason=reason,
            served=walk.served,
            asked=walk.here.asked,
            wrong=walk.here.wrong,
            silent=walk.here.silent,
        )


def _words_of(way_out: Enqueue | Transfer | HangUp | None) -> tuple[str, str, str]:
    match way_out:
        case Enqueue(queue=queue):
            return "queue", queue, ""
        case Transfer():
            return "transfer", "", ""
        case HangUp(reason=reason):
            return "hang_up", "", reason
        case None:
            return "", "", ""
