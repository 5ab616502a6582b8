"""What a flow's prompts sound like for one caller: the rendered pieces, the values between them."""

import asyncio
import weakref
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    asynccontextmanager,
    nullcontext,
)
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, NamedTuple, Protocol

import structlog

from cti_server.media.plane import MediaLeg
from cti_server.speech.errors import SpeechError, TextUnspeakable
from cti_server.speech.saying import Unsayable
from ivr.actions import Prompt
from ivr.flow import Flow
from ivr.texts import SayAs, Slot, Value, written

log = structlog.get_logger()

PATIENCE: Final = 3.0
"""
Seconds that a caller waits, in silence, for all the words of a node that have to be synthesised.

Then the prompt is said without them.
"""


Pieces = Sequence[Path | Slot]
"""A prompt: what is known of it, and where its values go."""


class ValueClips(Protocol):
    """Values in clips rendered before the first call."""

    def said(self, value: Value, say_as: SayAs, language: str) -> list[Path]:
        """Raises Unsayable for what is none of its kind."""

    def sign_by_sign(self, value: Value, language: str) -> list[Path]: ...


class Sounds(NamedTuple):
    """What is played. ``private``: some of it was spoken for this caller only."""

    files: list[Path]
    private: bool = False


async def played(media: MediaLeg, sounds: Sounds, *, barge_in: bool = False) -> None:
    """To the end, or to the caller's key."""
    if sounds.files:  # a value that cannot be said may have been all
        await media.play(sounds.files, barge_in=barge_in, private=sounds.private)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a value is due, and for whom it is told in the log if it cannot be said."""

    flow: Flow
    prompt: Prompt
    slot: Slot


@dataclass(frozen=True, slots=True)
class _Rendered:
    """What is said in one flow, and by prompt and place which values were told to be unsayable."""

    pieces: Mapping[Prompt, Pieces]
    told: set[tuple[str, str]] = field(default_factory=set)


class SpokenValues:
    """A caller's own values, each in the way it is to be said."""

    def __init__(
        self,
        clips: ValueClips,
        spoken: Callable[[str, str], AbstractAsyncContextManager[Path]],
    ) -> None:
        """``spoken``: words in a language."""
        self._clips = clips
        self._spoken = spoken

    async def said(
        self, value: Value, say_as: SayAs, language: str, held: AsyncExitStack, deadline: float
    ) -> tuple[Sounds, str]:
        """
        What it sounds like, and why it cannot be said as what it is, if it cannot.

        What is spoken for this caller is there until ``held`` is left.
        """
        try:
            if say_as is not SayAs.TEXT:
                return Sounds(self._clips.said(value, say_as, language)), ""
            async with asyncio.timeout_at(deadline):
                words = _words(value)
                file = await held.enter_async_context(self._spoken(words, language))
                return Sounds([file], private=True), ""
        except Unsayable as error:
            return Sounds(self._clips.sign_by_sign(value, language)), str(error)
        except TimeoutError:
            return Sounds([]), "it took too long to synthesise it"
        except SpeechError as error:
            return Sounds([]), type(error).__name__


class FlowPrompts:
    """
    The prompts of all flows, in pieces.

    A flow is known by the object that it was read into, not by its edition: what somebody tries
    out has the edition that somebody else is just publishing, and may say other things.

    A value that is none of its kind (a date that there is not, an amount without a figure) is said
    sign by sign, digits and letters only; words that no voice can say in time are left out. Neither
    ends a call. The log tells it once for each place, without the value.
    """

    def __init__(
        self,
        values: SpokenValues,
        heard: Callable[[Path], Path],
    ) -> None:
        """``heard``: what is played for a rendered file at this moment."""
        self._rendered: dict[int, _Rendered] = {}  # by the id() of a flow that is still there
        self._values = values
        self._heard = heard

    def put(self, flow: Flow, pieces: Mapping[str, Mapping[Prompt, Pieces]]) -> None:
        """
        What is said in it and in its parts, by their edition and prompt without values.

        Known until the last caller in it is gone.
        """
        for one in flow.whole():
            if id(one) not in self._rendered:
                weakref.finalize(one, self._rendered.pop, id(one), None).atexit = False
            self._rendered[id(one)] = _Rendered(pieces[one.edition])

    def sounds(self, flow: Flow, prompts: Sequence[Prompt]) -> AbstractAsyncContextManager[Sounds]:
        """The files, in their order; what is private is there as long as the context."""
        pieces = self._rendered[id(flow)].pieces
        if any(prompt.values for prompt in prompts):
            return self._with_values(flow, prompts)
        said = [piece for prompt in prompts for piece in pieces[prompt]]
        files = [piece for piece in said if not isinstance(piece, Slot)]
        if len(files) < len(said):
            return self._with_values(flow, prompts)
        return nullcontext(Sounds([self._heard(piece) for piece in files]))

    @asynccontextmanager
    async def _with_values(self, flow: Flow, prompts: Sequence[Prompt]) -> AsyncIterator[Sounds]:
        deadline = asyncio.get_running_loop().time() + PATIENCE
        async with AsyncExitStack() as held:
            sounds = Sounds([])
            for prompt in prompts:
                values = iter(prompt.values)
                for piece in self._rendered[id(flow)].pieces[replace(prompt, values=())]:
                    if isinstance(piece, Slot):
                        place = _Place(flow, prompt, piece)
                        said = await self._said(place, next(values, ""), held, deadline)
                    else:
                        said = Sounds([self._heard(piece)])
                    sounds = Sounds(sounds.files + said.files, sounds.private or said.private)
            yield sounds

    async def _said(
        self, place: _Place, value: Value, held: AsyncExitStack, deadline: float
    ) -> Sounds:
        slot, language = place.slot, place.prompt.language
        sounds, fault = await self._values.said(value, slot.say_as, language, held, deadline)
        if fault:
            self._tell(place, fault)
        return sounds

    def _tell(self, place: _Place, reason: str) -> None:
        told, key = self._rendered[id(place.flow)].told, (place.prompt.name, place.slot.name)
        if key not in told:
            told.add(key)
            log.warning(
                "flow.value_not_said",
                flow=place.flow.edition,
                prompt=place.prompt.name,
                place=place.slot.name,
                say_as=place.slot.say_as,
                reason=reason,
            )


def _words(value: Value) -> str:
    if not (words := written(value).strip()):
        raise TextUnspeakable("there are no words")
    return words
