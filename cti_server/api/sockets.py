"""How our WebSockets are served and closed."""

import asyncio
import contextlib
from collections.abc import Coroutine
from typing import Any, Final, NoReturn

from aiohttp import web

from .incoming import Closing

CLOSE_WITHIN: Final = 2.0  # s


async def close(request: web.Request, socket: web.WebSocketResponse, closing: Closing) -> None:
    """
    Say goodbye; whoever does not take even that, or floods on, is cut off.

    Where the last sending was cancelled because nobody reads, aiohttp's close is cancelled, too,
    and would leave the connection open for as long as the peer likes.
    """
    why = str(closing).encode("ascii", "replace")[:120]  # RFC 6455 §5.5: 125 bytes with the code
    transport, done = request.transport, False
    try:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_WITHIN):
                await socket.close(code=closing.code, message=why)
                done = True
    finally:
        if transport is not None and not done:
            transport.abort()


async def until_the_first_ends(*works: Coroutine[Any, Any, NoReturn]) -> None:
    """Do them at once until one of them raises, and raise that."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in tasks:
        if task in done:
            task.result()
