"""A caller's walk through a flow: carries out what the walk says and brings it the answers."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Final, Protocol

from cti_server.speech_recognition.recogniser import Heard, Utterance
from cti_server.walk_story import OutOfFlow, WalkStory
from cti_server.wire.events import Event
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
        self._leg = leg
        self._prompts = prompts
        self._around = around
        self._story = WalkStory(walk, contact_id, append)
        self._message_left = False  # and nothing has been asked of the caller since
        self._reply: asyncio.Task[Reply] | None = None  # that the walk waits for

    async def run(self, answer: Answer | None = None) -> OutOfFlow:
        """The action that leads out; ``answer`` to the last one of these, where it led back."""
        way_out: OutOfFlow | None = None
        try:
            way_out = await self._to_a_way_out(answer)
            return way_out
        finally:
            self._story.left(way_out)

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
                self._story.tell_faults()
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

    async def _to_a_way_out(self, answer: Answer | None) -> OutOfFlow:
        while True:
            action: Action = self._walk.advance(answer)
            self._story.go_on()
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
