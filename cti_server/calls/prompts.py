"""Every sound a call may need, as files that are there: found without waiting."""

from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Literal, Protocol

from cti_server.speech.errors import VoiceMissing
from ivr.actions import Prompt
from ivr.flow import Flow

from .aloud import Aloud, Reading
from .flow_prompts import FlowPrompts, Sounds

Sentence = Literal["closed", "call_back", "called_back", "no_call_back", "turned_away", "goodbye"]
"""What is said by itself, without anybody's settings."""


Signal = Literal["recording-begins", "recording-ends", "recording-refused"]
"""What a tone tells who has pressed a key."""


class Announcements(Protocol):
    """What is said besides the flows' prompts, made of clips rendered before the first call."""

    def agent(self, number: str, language: str) -> list[Path]: ...

    async def rehearse(self, numbers: Iterable[str]) -> None: ...

    def position(self, place: int, language: str) -> list[Path]: ...

    def cut_off(self, language: str) -> list[Path]: ...

    def wait(self, minutes: int, language: str, *, more: bool) -> list[Path]: ...

    def sentence(self, about: str, language: str) -> list[Path]: ...


@dataclass(frozen=True, slots=True)
class Speaker:
    """The server's own voices, for what is not known before the call."""

    need_voice: Callable[[str], object]
    """For a language. Raises VoiceMissing."""
    aloud: Aloud
    rendered: Callable[[str, str], Path | None]
    """The file of a text in a language that was rendered before."""


class Prompts:
    """The rendered prompts of the flows, the announcements and the music."""

    def __init__(
        self,
        flows: FlowPrompts,
        announcements: Announcements,
        music: Path,
        ringing: Path,
        beep: Path,
        whispers: Mapping[tuple[str, str], Path] = MappingProxyType({}),
        speaker: Speaker | None = None,
        greetings: Mapping[tuple[str, str], Path] = MappingProxyType({}),
        heard: Callable[[Path], Path] = lambda rendered: rendered,
        signals: Mapping[Signal, Path] = MappingProxyType({}),
    ) -> None:
        """
        ``whispers`` by queue and language, ``greetings`` by tier and language.

        ``heard``: what is played for a rendered file at this moment: see
        :meth:`cti_server.speech.studio.Studio.heard`.
        """
        self._whispers = dict(whispers)
        self._greetings = greetings
        self._speaker = speaker
        self._heard = heard
        self._signals = signals
        self.flows = flows
        self._announcements = announcements
        self.music = music
        self.ringing = ringing
        self.beep = beep
        """To whom a call comes without having been rung for it."""

    def of_flow(self, flow: Flow, prompts: Sequence[Prompt]) -> AbstractAsyncContextManager[Sounds]:
        """What these prompts sound like with their values in them."""
        return self.flows.sounds(flow, prompts)

    def agent(self, number: str, language: str) -> list[Path]:
        """「工号八零二六为您服务」 (AC-07)."""
        return self._as_heard(self._announcements.agent(number, language))

    def put_whispers(self, queue: str, whispers: Mapping[tuple[str, str], Path]) -> None:
        """The queue is changed, or is a new one: it has these and no others."""
        self._whispers = {key: file for key, file in self._whispers.items() if key[0] != queue}
        self._whispers |= whispers

    def whisper(self, queue: str, language: str) -> Path | None:
        """What the agent hears before the caller: which queue it is (AC-07)."""
        found = self._whispers.get((queue, language))
        return None if found is None else self._heard(found)

    @property
    def greets(self) -> bool:
        """Whether some tier is greeted: it may be worth to ask who calls."""
        return bool(self._greetings)

    def greeting(self, tier: str, language: str) -> list[Path]:
        """What customers of this tier hear before they wait (CR-17); nothing for most."""
        found = self._greetings.get((tier, language))
        return [] if found is None else [self._heard(found)]

    def need_voice(self, language: str) -> None:
        """Raises VoiceMissing where :meth:`aloud` could say nothing in this language."""
        if self._speaker is None:
            raise VoiceMissing(language)
        self._speaker.need_voice(language)

    def aloud(
        self, reading: Reading, language: str
    ) -> AbstractAsyncContextManager[AsyncGenerator[Sounds, None]]:
        """What an agent has read to one customer. Raises SpeechError and TimeoutError."""
        if self._speaker is None:
            raise VoiceMissing(language)
        return self._speaker.aloud.sounds(reading, language)

    async def rehearse(self, numbers: Iterable[str]) -> None:
        """Have these agents announced in one breath; until that is done, digit by digit."""
        await self._announcements.rehearse(numbers)

    def position(self, place: int, language: str) -> list[Path]:
        return self._as_heard(self._announcements.position(place, language))

    def wait(self, minutes: int, language: str, *, more: bool) -> list[Path]:
        """How long the caller will probably wait, or longer than so long."""
        return self._as_heard(self._announcements.wait(minutes, language, more=more))

    def sentence(self, about: Sentence, language: str) -> list[Path]:
        return self._as_heard(self._announcements.sentence(about, language))

    def signal(self, about: Signal) -> list[Path]:
        return [self._signals[about]]

    def of_queue(self, texts: Mapping[str, str], language: str) -> list[Path]:
        """A text of a queue's settings, in the first language where this one has none."""
        if self._speaker is None or not texts:
            return []
        spoken = language if language in texts else next(iter(texts))
        found = self._speaker.rendered(texts[spoken], spoken)
        return [self._heard(found)] if found is not None else []

    def cut_off(self, language: str) -> list[Path]:
        """Who talked with the caller is gone; somebody else will come."""
        return self._as_heard(self._announcements.cut_off(language))

    def _as_heard(self, rendered: Iterable[Path]) -> list[Path]:
        return [self._heard(file) for file in rendered]
