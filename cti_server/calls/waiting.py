"""What a caller hears while waiting: music, and now and then the place in the queue."""

import asyncio
from collections.abc import Callable

from .leg import Leg
from .prompts import Prompts


async def entertain(
    leg: Leg,
    prompts: Prompts,
    *,
    language: str,
    every: float | None,
    position: Callable[[], int | None],
) -> None:
    """
    Play music for ever, interrupted each ``every`` seconds by the caller's position.

    Ends only by being cancelled; what plays then goes on until something else is played.
    """
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
