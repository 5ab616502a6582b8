"""One question to a caller: its prompts, their keys, and their words where these will do."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

from cti_server.media.media_leg import Listening
from cti_server.speech_recognition.recogniser import Heard, Utterance
from ivr.actions import Ask, Digits, NoInput, NotUnderstood, Spoken
from ivr.digits import DigitCollector
from ivr.vocabulary import Vocabulary

from .flow_prompts import Sounds, played
from .leg import Leg

Answered = Digits | Spoken | NotUnderstood | NoInput
Understand = Callable[[Utterance, Vocabulary], Awaitable[Heard | None]]

LONGEST: Final = 8.0  # seconds that are listened to
TOLD_WITHIN: Final = LONGEST + 2.0  # seconds from their beginning, or the worker never will


class Question:
    """Keys go before words: who presses one while speaking, or while it is judged, meant it."""

    def __init__(self, ask: Ask, leg: Leg, sounds: Sounds, understand: Understand) -> None:
        self._ask = ask
        self._leg = leg
        self._sounds = sounds
        self._understand = understand
        self._collector = DigitCollector(ask)
        self._listening: Listening | None = None

    async def answer(self) -> Answered:
        if not self._ask.barge_in:
            await played(self._leg.media, self._sounds)
            self._leg.take_digits()  # what was typed over a prompt that must be heard
            return await self._collect(None)
        if self._sounds.files and self._leg.digits.empty():
            prompt = asyncio.create_task(played(self._leg.media, self._sounds, barge_in=True))
            try:
                return await self._collect(prompt)
            finally:
                prompt.cancel()
        return await self._collect(None)

    async def _collect(self, prompt: asyncio.Task[None] | None) -> Answered:
        """Feed the collector keys, the prompt's end and time until there is an answer."""
        loop, collector = asyncio.get_running_loop(), self._collector
        answer: Answered | None = None
        if prompt is None:
            answer = collector.prompt_ended(loop.time())
        key: asyncio.Task[str] | None = None
        words = self._listen() if answer is None else None
        try:
            while answer is None:
                key = key or asyncio.create_task(self._leg.digits.get())
                waits: list[asyncio.Task[Any]] = [
                    one for one in (key, prompt, words) if one is not None
                ]
                deadline = None if self._speaks else collector.deadline
                patience = None if deadline is None else max(0.0, deadline - loop.time())
                done, _ = await asyncio.wait(
                    waits, timeout=patience, return_when=asyncio.FIRST_COMPLETED
                )
                now = loop.time()
                if key in done:
                    if prompt is not None:
                        prompt.cancel()
                        prompt = None
                    answer, key = collector.digit(key.result(), now), None
                elif words is not None and words in done:
                    answer = words.result()
                elif prompt is not None and prompt in done:
                    answer, prompt = collector.prompt_ended(now), None
                elif not self._speaks:
                    answer = collector.handle_timer(max(now, deadline or now))
        finally:
            for one in (key, words):
                if one is not None:
                    one.cancel()
            if self._listening is not None:
                self._listening.stop()
        return answer

    @property
    def _speaks(self) -> bool:
        """Whether the caller speaks, or has spoken: their time does not run out meanwhile."""
        return self._listening is not None and self._listening.begun.is_set()

    def _listen(self) -> asyncio.Task[Answered] | None:
        if self._ask.vocabulary is None or self._ask.secret:
            return None
        self._listening = self._leg.media.listen(longest_ms=round(LONGEST * 1000))
        return asyncio.create_task(self._words(self._listening, self._ask.vocabulary))

    async def _words(self, listening: Listening, vocabulary: Vocabulary) -> Answered:
        await listening.begun.wait()
        try:
            async with asyncio.timeout(TOLD_WITHIN):
                said = await listening.said()
        except TimeoutError:
            return NotUnderstood()
        if said is None or not said.audio:
            return NotUnderstood()
        heard = await self._understand(Utterance(said.audio, said.codec), vocabulary)
        return NotUnderstood() if heard is None else Spoken(heard.label, heard.sure)
