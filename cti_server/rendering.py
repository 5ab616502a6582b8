"""Before the first call: every prompt of the flows is spoken or imported, and kept."""

import asyncio
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

from config.floor import QueueSettings
from ivr.actions import Prompt
from ivr.flow import Flow
from ivr.prompts import PromptSource

from .calls.prompts import Prompts, Speaker
from .speech.announcements import Announcements
from .speech.library import PromptLibrary
from .speech.music import hold_music
from .speech.tones import tone
from .speech_recognition.ears import languages_of
from .speech_recognition.pool import RecogniserPool

RINGBACK = "ringback-cn"
"""What an agent hears while somebody is rung for them."""


async def prepare(
    flows: Iterable[Flow],
    queues: Iterable[QueueSettings],
    library: PromptLibrary,
    languages: Iterable[str],
    greetings: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
) -> Prompts:
    """
    Render what is not in the cache yet; ``greetings``: of tiers, by language.

    Raises SpeechError where a voice is missing or a WAV file cannot be used.
    """
    every = list({flow.edition: flow for flow in flows}.values())
    files = await asyncio.gather(*(_spoken_flow(library, flow) for flow in every))
    queues = list(queues)
    whispers = {queue.name: queue.whisper for queue in queues}
    await asyncio.gather(*(rehearse(library, queue) for queue in queues))
    prompts = Prompts(
        {},
        await Announcements.prepare(library, languages),
        await hold_music(library),
        await tone(library, RINGBACK),
        await tone(library, "beep"),
        await _spoken(library, whispers),
        Speaker(library.need_voice, library.spoken, library.cached),
        await _spoken(library, greetings),
    )
    for flow, rendered in zip(every, files, strict=True):
        prompts.put_flow(flow, rendered)
    return prompts


class FlowSounds:
    """What is said in a flow that is published while the server runs."""

    def __init__(
        self, library: PromptLibrary, prompts: Prompts, recognisers: RecogniserPool
    ) -> None:
        self._library = library
        self._prompts = prompts
        self._recognisers = recognisers

    async def render(self, flow: Flow) -> None:
        """And whoever has to understand its callers is there. Raises SpeechError."""
        await self._recognisers.prepare(languages_of([flow]))
        self._prompts.put_flow(flow, await _spoken_flow(self._library, flow))


class QueueSounds:
    """What is said for a queue that is defined while the server runs."""

    def __init__(self, library: PromptLibrary, prompts: Prompts) -> None:
        self._library = library
        self._prompts = prompts

    async def render(self, queue: QueueSettings) -> dict[tuple[str, str], Path]:
        """Raises SpeechError."""
        await rehearse(self._library, queue)
        return await _spoken(self._library, {queue.name: queue.whisper})

    def use(self, queue: str, files: Mapping[tuple[str, str], Path]) -> None:
        self._prompts.put_whispers(queue, files)


async def _spoken_flow(library: PromptLibrary, flow: Flow) -> dict[str, dict[Prompt, Path]]:
    """The files of its prompts and its parts', by edition and prompt."""
    wanted = [
        (one.edition, Prompt(name, language), source)
        for one in flow.whole()
        for name, by_language in one.prompts.items()
        for language, source in by_language.items()
    ]
    files = await asyncio.gather(
        *(_file(library, source, prompt.language) for _, prompt, source in wanted)
    )
    found: dict[str, dict[Prompt, Path]] = {one.edition: {} for one in flow.whole()}
    for (edition, prompt, _), file in zip(wanted, files, strict=True):
        found[edition][prompt] = file
    return found


async def rehearse(library: PromptLibrary, queue: QueueSettings) -> None:
    """
    Render what callers hear of the queue's rules and keys.

    Raises SpeechError where a voice is missing.
    """
    ways = [rule.say for rule in queue.overflow]
    ways += [text for one in queue.exits.values() for text in (one.offer, one.say)]
    texts = [(text, language) for way in ways for language, text in way.items()]
    await asyncio.gather(*(library.render(text, language) for text, language in texts))


async def _spoken(
    library: PromptLibrary, texts: Mapping[str, Mapping[str, str]]
) -> dict[tuple[str, str], Path]:
    """The files of texts by name and language."""
    wanted = [(name, language) for name, some in texts.items() for language in some]
    files = await asyncio.gather(
        *(library.render(texts[name][language], language) for name, language in wanted)
    )
    return dict(zip(wanted, files, strict=True))


async def _file(library: PromptLibrary, source: PromptSource, language: str) -> Path:
    """A studio recording as it is, or the text spoken."""
    if source.wav is not None:
        return await library.import_wav(source.wav)
    return await library.render(source.text or "", language)
