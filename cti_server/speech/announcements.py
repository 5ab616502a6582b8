"""The phrases as files that are there: asked in the middle of a call, answered at once."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Self

from . import phrases
from .errors import VoiceMissing
from .library import PromptLibrary
from .tts import primary


class Announcements:
    """Made by :meth:`prepare`. A language that was not prepared is answered in the first one."""

    def __init__(
        self,
        library: PromptLibrary,
        languages: Sequence[str],
        clips: Mapping[tuple[str, str], Path],
    ) -> None:
        self._library = library
        self._languages = languages
        self._clips = clips

    @classmethod
    async def prepare(cls, library: PromptLibrary, languages: Iterable[str]) -> Self:
        """Render whatever is missing. Raises SpeechError."""
        spoken = list(dict.fromkeys(primary(language) for language in languages))
        if not spoken or not set(spoken) <= set(phrases.LANGUAGES):
            wanted = ", ".join(spoken) or "no language"
            raise VoiceMissing(
                f"announcements for {wanted} (there are some for: {', '.join(phrases.LANGUAGES)})"
            )
        texts = [(language, clip) for language in spoken for clip in phrases.every_clip(language)]
        files = await asyncio.gather(*(library.render(clip, language) for language, clip in texts))
        return cls(library, spoken, dict(zip(texts, files, strict=True)))

    async def rehearse(self, numbers: Iterable[str]) -> None:
        """
        Render the announcement of these agents in one breath; until then it is made of clips.

        Half a second of CPU for each Chinese one, once.
        """
        for number in numbers:
            for language in self._languages:
                if phrases.spelled(number, language):
                    await self._library.render(phrases.agent_sentence(number, language), language)

    def agent(self, number: str, language: str) -> list[Path]:
        """「工号八零二六为您服务」 (AC-07); nothing for a number without digits and letters."""
        language = self._spoken(language)
        clips = phrases.agent(number, language)
        if not clips:
            return []
        files, heard = self._files(clips, language), self._library.studio.heard
        if all(heard(file) != file for file in files):
            return files  # a person's words, before a sentence of the voice
        whole = self._library.cached(phrases.agent_sentence(number, language), language)
        return [whole] if whole else files

    def position(self, place: int, language: str) -> list[Path]:
        """Where the caller stands, 1 being the next."""
        language = self._spoken(language)
        return self._files(phrases.place(max(1, place), language), language)

    def wait(self, minutes: int, language: str, *, more: bool) -> list[Path]:
        """How long it will take, or longer than so long: one of :data:`.phrases.WAITS`."""
        language = self._spoken(language)
        return self._files(phrases.wait(minutes, language, more=more), language)

    def sentence(self, about: str, language: str) -> list[Path]:
        """One of :data:`.phrases.SENTENCES`."""
        language = self._spoken(language)
        return self._files(phrases.sentence(about, language), language)

    def busy(self, language: str) -> list[Path]:
        """All agents are busy, please hold."""
        language = self._spoken(language)
        return self._files(phrases.busy(language), language)

    def cut_off(self, language: str) -> list[Path]:
        """The agent is gone in the midst of the conversation, and another one will come."""
        language = self._spoken(language)
        return self._files(phrases.cut_off(language), language)

    def spelled(self, number: str, language: str) -> list[Path]:
        """Digits and letters one by one."""
        language = self._spoken(language)
        return self._files(phrases.spelled(number, language), language)

    def _spoken(self, language: str) -> str:
        wanted = primary(language)
        return wanted if wanted in self._languages else self._languages[0]

    def _files(self, clips: Iterable[str], language: str) -> list[Path]:
        return [self._clips[language, clip] for clip in clips]
