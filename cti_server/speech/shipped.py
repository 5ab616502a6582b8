"""What is rendered before a release, and shipped (scripts/render-prompts)."""

import asyncio
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor
from pathlib import Path
from typing import Final

from config.settings import load as load_settings
from ivr.flow import load

from . import phrases, saying
from .cache import SHIPPED as FOLDER
from .library import PromptLibrary
from .music import hold_music
from .saying.joins import joined
from .tts import primary

FLOWS: Final = Path(__file__).resolve().parents[2] / "config" / "flows"


def texts(flows: Path) -> list[tuple[str, str]]:
    """Every (text, language) that is known before the first call."""
    known = [
        (clip, language) for language in phrases.LANGUAGES for clip in phrases.every_clip(language)
    ]
    of_flows = _of_flows(sorted(flows.glob("*.yaml")))
    of_queues = _of_queues(flows.parent / "hotline.yaml", flows.parent / "demo" / "hotline.yaml")
    return list(dict.fromkeys([*known, *of_flows, *of_queues]))


def clips() -> list[tuple[saying.Clip, str]]:
    """Every (clip, language) that values are joined from."""
    return [
        (clip, language) for language in saying.LANGUAGES for clip in saying.every_clip(language)
    ]


async def render(flows: Path, jobs: Executor) -> list[Path]:
    """The files of all of it, in the folder that is shipped."""
    library = PromptLibrary(FOLDER, jobs=jobs)
    spoken = (library.render(text, language) for text, language in texts(flows))
    joined_from = (library.clip(clip, language) for clip, language in clips())
    return list(await asyncio.gather(hold_music(library), *spoken, *joined_from))


def _of_flows(paths: Iterable[Path]) -> Iterator[tuple[str, str]]:
    for path in paths:
        for by_language in load(path).prompts.values():
            for language, source in by_language.items():
                for piece in joined(source.pieces, primary(language)):
                    if isinstance(piece, str):
                        yield piece, language


def _of_queues(*configurations: Path) -> Iterator[tuple[str, str]]:
    for path in configurations:
        if path.exists():
            for queue in load_settings(path).queues:
                for language, text in queue.whisper.items():
                    yield text, language
