"""A flow's picture as SVG: Mermaid draws it, in a process of its own, without a browser."""

import asyncio
from typing import Final

from .process_turns import answer_of

PATIENCE: Final = 120.0
"""Seconds; a flow of a dozen nodes takes two or three."""

_one_at_a_time = asyncio.Lock()


class DrawingTooSlow(Exception):
    """The flow is too large to be drawn; its Mermaid text can still be had."""

    def __init__(self) -> None:
        super().__init__(f"not drawn within {PATIENCE:g} seconds: ask for the Mermaid text")


async def svg_of(mermaid: str) -> str:
    """Raises DrawingTooSlow, and BrokenExecutor if the process dies."""
    try:
        async with asyncio.timeout(PATIENCE), _one_at_a_time:
            return await answer_of(draw, mermaid)
    except TimeoutError as error:
        raise DrawingTooSlow from error


def draw(mermaid: str) -> str:
    """Where it is drawn; what is drawn with takes 50 MB, so the server does not load it."""
    import mermaidx

    svg: str = mermaidx.render(mermaid).svg()
    return svg
