"""One question to a caller: its prompts, their keys, and their words where these will do."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from cti_server.media.media_leg import Listening, Playing
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
_EARLY: Final = 0.002  # seconds by which a loop's timer may be


class Question:
    """
    Keys go before words: who presses one while speaking, or while it is judged, meant it.

    What happens is told by callbacks, each of which may bring the answer; to wait for keys, prompt
    and time by a task each was most of what a step through a menu cost.
    """

    def __init__(self, ask: Ask, leg: Leg, sounds: Sounds, understand: Understand) -> None:
        self._ask = ask
        self._leg = leg
        self._sounds = sounds
        self._understand = understand
        self._collector = DigitCollector(ask)
        self._loop = asyncio.get_running_loop()
        self._answer: asyncio.Future[Answered] = self._loop.create_future()
        self._prompt: Playing | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._listening: Listening | None = None
        self._words: asyncio.Task[Answered] | None = None

    async def answer(self) -> Answered:
        media, sounds = self._leg.media, self._sounds
        if not self._ask.barge_in:
            await played(media, sounds)
            self._leg.take_digits()  # what was typed over a prompt that must be heard
        try:
            if self._ask.barge_in and sounds.files and self._leg.digits.empty():
                prompt = media.begin_play(sounds.files, barge_in=True, private=sounds.private)
                self._prompt = prompt
                prompt.ended.add_done_callback(self._prompt_ended)
            else:
                self._take(self._collector.prompt_ended(self._loop.time()))
            self._ask_for_keys()
            self._listen()
            return await self._answer
        finally:
            self._close()

    def _ask_for_keys(self) -> None:
        """First those that were typed ahead."""
        if self._answer.done():
            return
        self._leg.hand_keys_to(self._key)
        while not self._answer.done() and not self._leg.digits.empty():
            self._key(self._leg.digits.get_nowait())

    def _key(self, key: str) -> None:
        if self._prompt is not None:
            self._prompt.stop()
            self._prompt = None
        self._take(self._collector.digit(key, self._loop.time()))

    def _prompt_ended(self, _: asyncio.Future[str]) -> None:
        if self._prompt is not None:
            self._prompt = None
            self._take(self._collector.prompt_ended(self._loop.time()))

    def _time_is_up(self) -> None:
        self._timer = None
        now, deadline = self._loop.time(), self._collector.deadline
        if self._speaks or deadline is None or deadline - now > _EARLY:
            self._watch_the_time()
        else:
            self._take(self._collector.handle_timer(max(now, deadline)))

    def _watch_the_time(self) -> None:
        """
        Until the collector's deadline, which a later one may follow.

        The timer stays as it is then, and is set anew when it fires. Somebody who speaks, or has
        spoken, has no time that could run out.
        """
        deadline = self._collector.deadline
        if deadline is None or self._speaks:
            return
        if self._timer is not None:
            if self._timer.when() <= deadline:
                return
            self._timer.cancel()
        self._timer = self._loop.call_at(deadline, self._time_is_up)

    def _take(self, answer: Answered | None) -> None:
        """The answer, if it is one; keys from then on are typed ahead of the next question."""
        if self._answer.done():
            return
        if answer is None:
            self._watch_the_time()
            return
        self._leg.hand_keys_to(None)
        self._answer.set_result(answer)

    def _close(self) -> None:
        self._leg.hand_keys_to(None)
        self._answer.cancel()  # whatever happens from now on is nothing to it
        if self._timer is not None:
            self._timer.cancel()
        if self._prompt is not None:
            self._prompt.stop()
            self._prompt = None
        if self._words is not None:
            self._words.cancel()
        if self._listening is not None:
            self._listening.stop()

    # --- words --------------------------------------------------------------------------------

    @property
    def _speaks(self) -> bool:
        """Whether the caller speaks, or has spoken: their time does not run out meanwhile."""
        return self._listening is not None and self._listening.begun.is_set()

    def _listen(self) -> None:
        if self._ask.vocabulary is None or self._ask.secret or self._answer.done():
            return
        self._listening = self._leg.media.listen(longest_ms=round(LONGEST * 1000))
        self._words = asyncio.create_task(self._said(self._listening, self._ask.vocabulary))
        self._words.add_done_callback(self._heard)

    def _heard(self, words: asyncio.Task[Answered]) -> None:
        if words.cancelled() or self._answer.done():
            return
        if (error := words.exception()) is not None:
            self._answer.set_exception(error)
        else:
            self._take(words.result())

    async def _said(self, listening: Listening, vocabulary: Vocabulary) -> Answered:
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
