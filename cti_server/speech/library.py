"""Every sound as a file: rendered once, by a job process, and found from then on."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import ParamSpec, TypeVar

import structlog

from .cache import Cache
from .english import HibariVoice
from .errors import RenderFailed
from .kokoro import KokoroVoice
from .phrases import spelled
from .rendering import clip_key, import_file, imported, speak, speak_clip, spoken, text_key
from .saying import Clip
from .studio import Studio
from .studio_editing import edited
from .tts import Voice, primary, voice_for

log = structlog.get_logger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

SHIPPED_VOICES: tuple[Voice, ...] = (HibariVoice(), KokoroVoice())


class PromptLibrary:
    """
    Texts, recordings, music and tones as 8 kHz mu-law files in one cache folder.

    Who asks for what is being rendered waits for that one job. A job goes on when those who asked
    have left: the next caller will want it.
    """

    def __init__(
        self,
        cache: Path,
        voices: Sequence[Voice] = SHIPPED_VOICES,
        *,
        jobs: Executor,
        studio: Studio | None = None,
    ) -> None:
        self._folder = cache
        self._cache = Cache(cache)
        self._voices = tuple(voices)
        self._jobs = jobs
        self._studio = studio or Studio()
        self._running: dict[str, asyncio.Task[Path]] = {}

    def need_voice(self, language: str) -> None:
        """Raises VoiceMissing for a language that nobody here speaks."""
        voice_for(self._voices, primary(language))

    def cached(self, text: str, language: str) -> Path | None:
        """The file of a text that was rendered before."""
        language = primary(language)
        path = self._cache.find(text_key(text, language, voice_for(self._voices, language)))
        if path is not None:
            self._studio.may_replace(path, text, language)
        return path

    async def render(self, text: str, language: str) -> Path:
        """
        The file of a text in the voice, also of one that the studio has recorded.

        Raises SpeechError.
        """
        language = primary(language)
        voice = voice_for(self._voices, language)
        name = text_key(text, language, voice)
        path = self._cache.find(name)
        if path is None:
            path = await self.made(name, speak, self._folder, text, language, voice)
        self._studio.may_replace(path, text, language)
        return path

    async def edited(self, wav: bytes) -> bytes:
        """A recording of a text as the studio keeps it. Raises SoundInvalid and RenderFailed."""
        return await self._run(edited, wav)

    async def clip(self, clip: Clip, language: str) -> Path:
        """The file of a piece of a value. Raises SpeechError."""
        if not clip.snug:
            return await self.render(clip.text, language)
        language = primary(language)
        voice = voice_for(self._voices, language)
        name = clip_key(clip.text, language, voice)
        if (path := self._cache.find(name)) is not None:
            return path
        return await self.made(name, speak_clip, self._folder, clip.text, language, voice)

    @asynccontextmanager
    async def spoken(self, text: str, language: str) -> AsyncIterator[Path]:
        """
        A text that concerns one customer only: its file is in memory, and gone with the context.

        Raises SpeechError.
        """
        language = primary(language)
        voice = voice_for(self._voices, language)
        with in_memory(await self._run(spoken, text, language, voice)) as path:
            yield path

    async def warm(self, language: str) -> None:
        """
        Have the voice loaded: the first caller who needs it has no time for that.

        Raises SpeechError.
        """
        async with self.spoken("1", language):
            pass

    async def import_wav(self, path: Path) -> Path:
        """The file of a recording: any rate, width and number of channels. Raises SoundInvalid."""
        found = await asyncio.to_thread(imported, self._folder, path)
        if found is not None:  # a start does not wait for a process that would only look
            return found
        return await self.made(f"import {path}", import_file, self._folder, path)

    async def spell_digits(self, digits: str, language: str) -> list[Path]:
        """Digits one by one, in the groups that phrases.py states; other signs are left out."""
        clips = spelled(digits, primary(language))
        return list(await asyncio.gather(*(self.render(clip, language) for clip in clips)))

    @property
    def studio(self) -> Studio:
        return self._studio

    @property
    def folder(self) -> Path:
        return self._folder

    def find(self, name: str) -> Path | None:
        return self._cache.find(name)

    async def made(
        self, name: str, job: Callable[P, Path], *args: P.args, **kwargs: P.kwargs
    ) -> Path:
        """What the job leaves; one job a name at a time."""
        if (task := self._running.get(name)) is None:
            task = asyncio.create_task(self._run(job, *args, **kwargs))
            self._running[name] = task
            task.add_done_callback(lambda _: self._running.pop(name, None))
            task.add_done_callback(_retrieve)
        return await asyncio.shield(task)

    async def _run(self, job: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        started = time.monotonic()
        loop = asyncio.get_running_loop()
        try:
            made = await loop.run_in_executor(self._jobs, _call, job, args, kwargs)
        except BrokenExecutor as error:
            raise RenderFailed("the process that renders speech died") from error
        elapsed = round(time.monotonic() - started, 3)
        log.debug("speech.job_done", job=job.__name__, elapsed=elapsed)
        return made


def _call(job: Callable[..., T], args: tuple[object, ...], kwargs: dict[str, object]) -> T:
    return job(*args, **kwargs)


@contextmanager
def in_memory(sound: bytes) -> Iterator[Path]:
    """A file that no disk has: our own processes read it by this path while it is open."""
    with os.fdopen(os.memfd_create("spoken"), "wb") as file:
        file.write(sound)
        file.flush()
        yield Path(f"/proc/{os.getpid()}/fd/{file.fileno()}")


def _retrieve(task: asyncio.Task[Path]) -> None:
    """An error of a job that nobody waits for any more is not a surprise to anybody."""
    if not task.cancelled():
        task.exception()
