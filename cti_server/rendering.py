"""Before the first call: every prompt of the flows is spoken or imported, and kept."""

import asyncio
from collections.abc import Iterable
from pathlib import Path

from config.floor import QueueSettings
from ivr.actions import Prompt
from ivr.flow import Flow
from ivr.prompts import PromptSource

from .calls.prompts import Prompts, Speaker
from .speech.announcements import Announcements
from .speech.library import PromptLibrary
from .speech.music import hold_music
from .speech.tones import tone

RINGBACK = "ringback-cn"
"""What an agent hears while somebody is rung for them."""


async def prepare(
    flows: Iterable[Flow],
    queues: Iterable[QueueSettings],
    library: PromptLibrary,
    languages: Iterable[str],
) -> Prompts:
    """
    Render what is not in the cache yet.

    Raises SpeechError where a voice is missing or a WAV file cannot be used.
    """
    wanted = [
        (flow.name, Prompt(name, language), source)
        for flow in flows
        for name, by_language in flow.prompts.items()
        for language, source in by_language.items()
    ]
    files = await asyncio.gather(
        *(_file(library, source, prompt.language) for _, prompt, source in wanted)
    )
    rendered = {(flow, prompt): file for (flow, prompt, _), file in zip(wanted, files, strict=True)}
    whispers = [
        (queue.name, language, text) for queue in queues for language, text in queue.whisper.items()
    ]
    whispered = await asyncio.gather(
        *(library.render(text, language) for _, language, text in whispers)
    )
    return Prompts(
        rendered,
        await Announcements.prepare(library, languages),
        await hold_music(library),
        await tone(library, RINGBACK),
        {
            (queue, language): file
            for (queue, language, _), file in zip(whispers, whispered, strict=True)
        },
        Speaker(library.need_voice, library.spoken),
    )


async def _file(library: PromptLibrary, source: PromptSource, language: str) -> Path:
    """A studio recording as it is, or the text spoken."""
    if source.wav is not None:
        return await library.import_wav(source.wav)
    return await library.render(source.text or "", language)
