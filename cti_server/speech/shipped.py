"""What is rendered before a release, and shipped (scripts/render-prompts)."""

import asyncio
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor
from pathlib import Path
from typing import Final

from config.settings import load as load_settings
from ivr.flow import load

from . import phrases
from .cache import SHIPPED as FOLDER
from .library import PromptLibrary
from .music import hold_music

FLOWS: Final = Path(__file__).resolve().parents[2] / "config" / "flows"


def texts(flows: Path) -> list[tuple[str, str]]:
    """Every (text, language) that is known before the first call."""
    known = [
        (clip, language) for language in phrases.LANGUAGES for clip in phrases.every_clip(language)
    ]
    of_flows = _of_flows(sorted(flows.glob("*.yaml")))
    of_queues = _of_queues(flows.parent / "hotline.yaml", flows.parent / "demo" / "hotline.yaml")
    return list(dict.fromkeys([*known, *of_flows, *of_queues]))


async def render(flows: Path, jobs: Executor) -> list[Path]:
    """The files of all of it, in the folder that is shipped."""
    library = PromptLibrary(FOLDER, jobs=jobs)
    spoken = (library.render(text, language) for text, language in texts(flows))
    return list(await asyncio.gather(hold_music(library), *spoken))


def _of_flows(paths: Iterable[Path]) -> Iterator[tuple[str, str]]:
    for path in paths:
        for by_language in load(path).prompts.values():
            for language, source in by_language.items():
                if source.text is not None:
                    yield source.text, language


def _of_queues(*configurations: Path) -> Iterator[tuple[str, str]]:
    for path in configurations:
        if path.exists():
            for queue in load_settings(path).queues:
                for language, text in queue.whisper.items():
                    yield text, language
