"""Before the first call: every prompt of the flows is spoken or imported, and kept."""

import asyncio
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import get_args

from config.floor import QueueSettings
from ivr.actions import Prompt
from ivr.flow import Flow
from ivr.prompts import PromptSource
from ivr.texts import SayAs, Slot

from .calls.aloud import Aloud
from .calls.flow_prompts import FlowPrompts, Pieces, SpokenValues
from .calls.prompts import Prompts, Signal, Speaker
from .prompt_texts import Use, spoken_pieces, ways_said
from .speech.announcements import Announcements
from .speech.library import PromptLibrary
from .speech.music import hold_music
from .speech.tones import tone
from .speech.value_clips import ValueClips
from .speech_recognition.ears import languages_of
from .speech_recognition.pool import RecogniserPool

RINGBACK = "ringback-cn"
"""What an agent hears while somebody is rung for them."""


async def prepare(
    flows: Iterable[Flow],
    queues: Iterable[QueueSettings],
    library: PromptLibrary,
    languages: Iterable[str],
    clips: ValueClips,
    greetings: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
    told: Iterable[Use] = (),
) -> Prompts:
    """
    Render what is not in the cache yet; ``greetings``: of tiers, by language; ``told``: what else.

    Raises SpeechError where a voice is missing or a WAV file cannot be used.
    """
    every = list({id(flow): flow for flow in flows}.values())
    pieces = await asyncio.gather(*(_spoken_flow(library, clips, flow) for flow in every))
    queues = list(queues)
    whispers = {queue.name: queue.whisper for queue in queues}
    await asyncio.gather(*(rehearse(library, queue) for queue in queues))
    await asyncio.gather(*(library.render(use.text, use.language) for use in told))
    values = SpokenValues(clips, library.spoken)
    prompts = Prompts(
        FlowPrompts(values, library.studio.heard),
        await Announcements.prepare(library, languages),
        await hold_music(library),
        await tone(library, RINGBACK),
        await tone(library, "beep"),
        await _spoken(library, whispers),
        Speaker(library.need_voice, _aloud(library, values, clips), library.cached),
        await _spoken(library, greetings),
        library.studio.heard,
        {name: await tone(library, name) for name in get_args(Signal)},
    )
    for flow, rendered in zip(every, pieces, strict=True):
        prompts.flows.put(flow, rendered)
    return prompts


def _aloud(library: PromptLibrary, values: SpokenValues, clips: ValueClips) -> Aloud:
    return Aloud(
        values,
        prepare=clips.prepare,
        lasting=library.render,
        spoken=library.spoken,
        heard=library.studio.heard,
    )


class FlowSounds:
    """What is said in a flow that is published while the server runs."""

    def __init__(
        self,
        library: PromptLibrary,
        prompts: Prompts,
        clips: ValueClips,
        recognisers: RecogniserPool,
    ) -> None:
        self._library = library
        self._prompts = prompts
        self._clips = clips
        self._recognisers = recognisers

    async def render(self, flow: Flow) -> None:
        """And whoever has to understand its callers is there. Raises SpeechError."""
        await self._recognisers.prepare(languages_of([flow]))
        pieces = await _spoken_flow(self._library, self._clips, flow)
        self._prompts.flows.put(flow, pieces)


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


async def _spoken_flow(
    library: PromptLibrary, clips: ValueClips, flow: Flow
) -> dict[str, dict[Prompt, Pieces]]:
    """What is known of its prompts and its parts', by edition; and all clips for their values."""
    wanted = [
        (one.edition, Prompt(name, language), source)
        for one in flow.whole()
        for name, by_language in one.prompts.items()
        for language, source in by_language.items()
    ]
    places = {
        (prompt.language, slot.say_as) for _, prompt, source in wanted for slot in source.slots
    }
    await clips.prepare({language for language, _ in places})
    for language, say_as in sorted(places):
        if say_as is SayAs.TEXT:
            await library.warm(language)
    pieces = await asyncio.gather(
        *(_pieces(library, source, prompt.language) for _, prompt, source in wanted)
    )
    found: dict[str, dict[Prompt, Pieces]] = {one.edition: {} for one in flow.whole()}
    for (edition, prompt, _), some in zip(wanted, pieces, strict=True):
        found[edition][prompt] = some
    return found


async def rehearse(library: PromptLibrary, queue: QueueSettings) -> None:
    """
    Render what callers hear of the queue's rules and keys.

    Raises SpeechError where a voice is missing.
    """
    texts = [(text, language) for way in ways_said(queue) for language, text in way.items()]
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


async def _pieces(library: PromptLibrary, source: PromptSource, language: str) -> Pieces:
    """A studio recording as it is, or what is known of the text spoken."""
    if source.wav is not None:
        return [await library.import_wav(source.wav)]
    return [
        piece if isinstance(piece, Slot) else await library.render(piece, language)
        for piece in spoken_pieces(source, language)
    ]
