"""Every sound a call may need, as files: rendered before the first call, found without waiting."""

import asyncio
from collections.abc import Iterable, Sequence
from pathlib import Path

from cti_server.speech.announcements import Announcements
from cti_server.speech.library import PromptLibrary
from cti_server.speech.music import hold_music
from ivr.actions import Prompt
from ivr.flow import Flow


class Prompts:
    """The rendered prompts of the flows, the announcements and the music."""

    def __init__(
        self,
        flows: dict[tuple[str, Prompt], Path],
        announcements: Announcements,
        music: Path,
    ) -> None:
        self._flows = flows
        self._announcements = announcements
        self.music = music

    def of_flow(self, flow: str, prompts: Sequence[Prompt]) -> list[Path]:
        return [self._flows[flow, prompt] for prompt in prompts]

    def agent(self, number: str, language: str) -> list[Path]:
        """「工号八零二六为您服务」 (AC-07)."""
        return self._announcements.agent(number, language)

    def position(self, place: int, language: str) -> list[Path]:
        return self._announcements.position(place, language)


async def prepare(
    flows: Iterable[Flow], library: PromptLibrary, languages: Iterable[str]
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
    files = await asyncio.gather(*(_file(library, prompt, source) for _, prompt, source in wanted))
    rendered = {(flow, prompt): file for (flow, prompt, _), file in zip(wanted, files, strict=True)}
    return Prompts(
        rendered, await Announcements.prepare(library, languages), await hold_music(library)
    )
