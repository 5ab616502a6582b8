"""What a caller hears while waiting: music, and now and then the place in the queue."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

import structlog

from .leg import Leg
from .prompts import Prompts

log = structlog.get_logger()


def start_entertaining(
    leg: Leg,
    prompts: Prompts,
    *,
    language: str,
    every: float | None,
    position: Callable[[], int | None],
    first: Sequence[Path] = (),
) -> asyncio.Task[None]:
    """The task to cancel when the wait is over. If it fails, the caller waits in silence."""
    music = asyncio.create_task(
        entertain(leg, prompts, language=language, every=every, position=position, first=first)
    )
    music.add_done_callback(_report)
    return music


async def entertain(
    leg: Leg,
    prompts: Prompts,
    *,
    language: str,
    every: float | None,
    position: Callable[[], int | None],
    first: Sequence[Path] = (),
) -> None:
    """
    Play music for ever, interrupted each ``every`` seconds by the caller's position.

    ``first`` comes before all of it.

    Ends only by being cancelled; what plays then goes on until something else is played.
    """
    if first:
        await leg.media.play(first)
    leg.media.start_play([prompts.music], repeat=True)
    if every is None:
        await leg.over.wait()
        return
    while True:
        await asyncio.sleep(every)
        place = position()
        if place is not None:
            await leg.media.play(prompts.position(place, language))
            leg.media.start_play([prompts.music], repeat=True)


def _report(music: asyncio.Task[None]) -> None:
    if not music.cancelled() and (error := music.exception()) is not None:
        log.error("call.music_failed", exc_info=error)
