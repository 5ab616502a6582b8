"""What is said to several who go on hearing one another."""

import asyncio
from collections.abc import Sequence
from typing import Final

from .flow_prompts import Sounds
from .leg import Leg

FINISHED: Final = "finished"
"""The first of them has heard it all."""


async def say_over(sounds: Sounds, legs: Sequence[Leg]) -> str:
    """
    To all at the same time, until the first has heard it all.

    What became of it there: see :meth:`cti_server.media.media_leg.MediaLeg.play`.
    """
    plays = [
        asyncio.create_task(leg.media.play(sounds.files, over=True, private=sounds.private))
        for leg in legs
    ]
    try:
        return await plays[0]
    finally:
        for play in plays:
            play.cancel()
