"""Values as files that are there: asked in the middle of a call, answered at once."""

import asyncio
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np

from ivr.texts import SayAs, Value

from . import saying
from .cache import key
from .errors import VoiceMissing
from .library import PromptLibrary
from .rendering import compose
from .telephone_sound import RATE
from .tts import primary

PAUSE: Final = 0.25  # seconds between the groups of a telephone number

TOGETHER: Final = 50
"""Clips that are looked for in one turn of the loop: a flow may be published amid calls."""


class ValueClips:
    """Of the languages in which a flow says values: see :meth:`prepare`."""

    def __init__(self, library: PromptLibrary, region: str) -> None:
        """``region`` is where telephone numbers are written for."""
        self._library = library
        self._region = region
        self._clips: dict[tuple[str, saying.Clip], Path] = {}

    async def prepare(self, languages: Iterable[str]) -> None:
        """Render whatever is missing of these languages. Raises SpeechError."""
        spoken = {primary(language) for language in languages}
        if unknown := sorted(spoken - set(saying.LANGUAGES)):
            known = ", ".join(sorted(saying.LANGUAGES))
            raise VoiceMissing(f"values in {', '.join(unknown)} (there are some for: {known})")
        for language in spoken:
            if (language, saying.PAUSE) not in self._clips:
                self._clips |= await self._of(language)

    async def _of(self, language: str) -> dict[tuple[str, saying.Clip], Path]:
        pause = await _pause(self._library)
        clips = {(language, saying.PAUSE): pause}
        every = saying.every_clip(language)
        for at in range(0, len(every), TOGETHER):
            some = every[at : at + TOGETHER]
            files = await asyncio.gather(*(self._library.clip(clip, language) for clip in some))
            clips |= {(language, clip): file for clip, file in zip(some, files, strict=True)}
        return clips

    def said(self, value: Value, say_as: SayAs, language: str) -> list[Path]:
        """Raises Unsayable for what is none of its kind."""
        clips = saying.clips(value, say_as, primary(language), self._region)
        return self._files(clips, language)

    def sign_by_sign(self, value: Value, language: str) -> list[Path]:
        """Its digits and letters; nothing if it has none."""
        return self._files(saying.sign_by_sign(value, primary(language)), language)

    def _files(self, clips: Iterable[saying.Clip], language: str) -> list[Path]:
        return [self._clips[primary(language), clip] for clip in clips]


async def _pause(library: PromptLibrary) -> Path:
    name = key("pause", "1", str(PAUSE))
    if (path := library.find(name)) is not None:
        return path
    silence = partial(np.zeros, int(PAUSE * RATE))
    return await library.made(name, compose, library.folder, name, "pause", silence)
