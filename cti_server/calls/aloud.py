"""What an agent has read to a customer: words that are known, and values said by their kind."""

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ivr.texts import SayAs, Value

from .flow_prompts import Sounds, SpokenValues

PATIENCE: Final = 20.0
"""Seconds for a sentence to be synthesised; agent and customer hear one another meanwhile."""

_SENTENCE_ENDS: Final = re.compile(r"(?<=[。！？；])|(?<=[.!?;])\s+|\n+")


@dataclass(frozen=True, slots=True)
class Said:
    """A value, and how it is said."""

    value: Value = field(repr=False)
    say_as: SayAs


Portion = tuple[str | Said, ...]
"""What is said in one breath."""


@dataclass(frozen=True, slots=True)
class Reading:
    """
    What is read, in this language: the customer's where it is None.

    ``lasting``: its texts are said to others, too, and kept as sounds; else nothing is kept.
    """

    portions: tuple[Portion, ...] = field(repr=False)
    language: str | None = None
    lasting: bool = False
    query: str = ""  # the saved query that it is a result of
    rows: int = 0

    @classmethod
    def of_text(cls, text: str, language: str | None) -> "Reading":
        """Sentence by sentence: the first is heard while the others are synthesised."""
        sentences = [one.strip() for one in _SENTENCE_ENDS.split(text)]
        spoken = [one for one in sentences if any(sign.isalnum() for sign in one)]
        return cls(tuple((one,) for one in spoken), language)

    @property
    def characters(self) -> int:
        """Of all words and values, as they are written."""
        pieces = [piece for portion in self.portions for piece in portion]
        return sum(len(one if isinstance(one, str) else str(one.value)) for one in pieces)


class Aloud:
    """The sounds of it."""

    def __init__(
        self,
        values: SpokenValues,
        *,
        prepare: Callable[[Iterable[str]], Awaitable[None]],
        lasting: Callable[[str, str], Awaitable[Path]],
        spoken: Callable[[str, str], AbstractAsyncContextManager[Path]],
        heard: Callable[[Path], Path],
    ) -> None:
        """
        ``prepare`` has values in these languages ready; ``lasting`` is the file of a text that is
        kept, ``spoken`` that of one for this customer; ``heard`` what is played for it now.
        """
        self._values = values
        self._prepare = prepare
        self._lasting = lasting
        self._spoken = spoken
        self._heard = heard

    @asynccontextmanager
    async def sounds(
        self, reading: Reading, language: str
    ) -> AsyncIterator[AsyncGenerator[Sounds, None]]:
        """
        Portion after portion; while one is taken, the next is made ready.

        What is private is there as long as the context. A value that is none of its kind is said
        sign by sign, one that no voice can say in time is left out. Raises SpeechError, and
        TimeoutError where words take too long.
        """
        async with (
            AsyncExitStack() as held,
            aclosing(self._in_turn(reading, language, held)) as portions,
        ):
            yield portions

    async def _in_turn(
        self, reading: Reading, language: str, held: AsyncExitStack
    ) -> AsyncGenerator[Sounds, None]:
        waiting = list(reading.portions)
        coming: asyncio.Task[Sounds] | None = None
        try:
            while waiting or coming is not None:
                if coming is None:
                    coming = self._begun(waiting.pop(0), reading, language, held)
                sounds = await coming
                coming = self._begun(waiting.pop(0), reading, language, held) if waiting else None
                yield sounds
        finally:
            if coming is not None:
                coming.cancel()
                await asyncio.wait([coming])

    def _begun(
        self, portion: Portion, reading: Reading, language: str, held: AsyncExitStack
    ) -> asyncio.Task[Sounds]:
        return asyncio.create_task(self._made(portion, reading.lasting, language, held))

    async def _made(
        self, portion: Portion, lasting: bool, language: str, held: AsyncExitStack
    ) -> Sounds:
        deadline = asyncio.get_running_loop().time() + PATIENCE
        async with asyncio.timeout_at(deadline):
            if any(isinstance(piece, Said) for piece in portion):
                await self._prepare([language])
            return _joined(
                [await self._one(piece, lasting, language, held, deadline) for piece in portion]
            )

    async def _one(
        self,
        piece: str | Said,
        lasting: bool,
        language: str,
        held: AsyncExitStack,
        deadline: float,
    ) -> Sounds:
        if isinstance(piece, Said):
            said, _ = await self._values.said(piece.value, piece.say_as, language, held, deadline)
            return said
        if lasting:
            return Sounds([self._heard(await self._lasting(piece, language))])
        return Sounds([await held.enter_async_context(self._spoken(piece, language))], private=True)


def _joined(pieces: Sequence[Sounds]) -> Sounds:
    files = [file for sounds in pieces for file in sounds.files]
    return Sounds(files, any(sounds.private for sounds in pieces))
